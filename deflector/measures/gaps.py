"""Questions without an answer, put together and ranked: what to write, what to mend, what to word better."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import groupby

from deflector.measures.grouping import Grouping, words_of
from deflector.model import ArticleVersion, Suggestions, Verdict
from deflector.outcomes.tallies import AskedQuestion

# How likely the nearest article must be the right one before we propose to word it better, not to write.
NEAR = 0.35


class ToDo(StrEnum):
    """What a gap asks for."""

    WRITE = "write"  # no article is near
    FIX = "fix"  # an article was offered and declined
    ADD_WORDING = "add_wording"  # an article is near, but not in people's words
    PRODUCT_BUG = "product_bug"  # no article mends it; only a person can say so


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearest:
    """The article that comes nearest to a gap, as the search sees it today."""

    article: str
    lang: str
    version: int
    title: str
    url: str
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A question that no article answered, in people's own wordings, the most frequent first.

    `people` counts enquiries (and searches on the site without a result), `tickets` those that ended in one.
    """

    question: str
    lang: str
    category: str
    people: int
    tickets: int
    last_asked: datetime
    wordings: tuple[str, ...]
    questions: tuple[AskedQuestion, ...]
    declined: ArticleVersion | None
    nearest: Nearest | None = None
    proposed: ToDo = ToDo.WRITE

    @property
    def weight(self) -> float:
        """Rank by people times the share that wrote; one more of each, so that neither erases the other."""
        return self.people * (self.tickets + 1) / (self.people + 1)


def gaps_of(asked: Sequence[AskedQuestion], *, grouping: Grouping) -> list[Gap]:
    """Group questions by language and meaning, the weightiest gap first."""
    found: list[Gap] = []
    by_lang = sorted(asked, key=lambda one: one.lang)
    for lang, members in groupby(by_lang, key=lambda one: one.lang):
        questions = [one for one in members if words_of(one.text)]
        groups = grouping.groups([one.text for one in questions], lang)
        found += [_gap([questions[at] for at in group], lang) for group in groups if group]
    return sorted(found, key=lambda gap: (-gap.weight, -gap.people, gap.question))


def _gap(asked: Sequence[AskedQuestion], lang: str) -> Gap:
    shown: dict[str, Counter[str]] = defaultdict(Counter)
    for one in asked:
        shown[" ".join(words_of(one.text))][" ".join(one.text.split())] += 1
    order = sorted(shown, key=lambda key: (-shown[key].total(), len(key), key))
    people = {one.enquiry or f"search {one.event}" for one in asked}
    categories = Counter(one.category for one in asked if one.category)
    declined = Counter(one.declined for one in asked if one.declined)
    refused = declined.most_common(1)[0][0] if declined.total() * 2 > len(asked) else None
    return Gap(
        question=shown[order[0]].most_common(1)[0][0],
        lang=lang,
        category=categories.most_common(1)[0][0] if categories else "",
        people=len(people),
        tickets=len({one.enquiry for one in asked if one.wrote}),
        last_asked=max(one.at for one in asked),
        wordings=tuple(shown[key].most_common(1)[0][0] for key in order),
        questions=tuple(asked),
        declined=refused,
        proposed=ToDo.FIX if refused else ToDo.WRITE,
    )


Ask = Callable[[str, str], Suggestions]


def still_open(
    gaps: Iterable[Gap], *, ask: Ask, versions: Callable[[str, str], int | None], limit: int | None = None
) -> tuple[list[Gap], list[Gap]]:
    """Ask the search of today every wording of each gap, and part what is still open from what is closed.

    A question is closed when an article answers it now; one that was declined, when the article that
    answers it has changed since, or is another. A gap is closed when most of its people are. `versions` tells
    an article's version of today by id and language. With `limit`, stops when so many open gaps are found.
    """
    open_gaps: list[Gap] = []
    closed: list[Gap] = []
    answers: dict[tuple[str, str], Suggestions] = {}

    def answer(text: str, lang: str) -> Suggestions:
        key = (" ".join(words_of(text)), lang)
        if key not in answers:
            answers[key] = ask(text, lang)
        return answers[key]

    for gap in gaps:
        left = [one for one in gap.questions if not _is_closed(one, answer(one.text, one.lang), versions)]
        if len(left) * 2 < len(gap.questions):
            closed.append(gap)
            continue
        open_gaps.append(_with_nearest(gap, [answer(text, gap.lang) for text in gap.wordings[:5]]))
        if limit is not None and len(open_gaps) >= limit:
            break
    return open_gaps, closed


def _is_closed(asked: AskedQuestion, found: Suggestions, versions: Callable[[str, str], int | None]) -> bool:
    if found.verdict is not Verdict.ANSWERS or not found.items:
        return False
    if asked.declined is None:
        return True
    best = found.items[0]
    if (best.article, best.lang) != (asked.declined.article, asked.declined.lang):
        return True
    return (versions(best.article, best.lang) or 0) > asked.declined.version


def _with_nearest(gap: Gap, found: Sequence[Suggestions]) -> Gap:
    offered = [one.items[0] for one in found if one.items]
    if not offered:
        return gap
    best = max(offered, key=lambda item: item.confidence)
    proposed = gap.proposed
    if proposed is ToDo.WRITE and best.confidence >= NEAR:
        proposed = ToDo.ADD_WORDING
    return replace(
        gap,
        proposed=proposed,
        nearest=Nearest(
            article=best.article,
            lang=best.lang,
            version=best.version,
            title=best.title,
            url=best.url,
            confidence=best.confidence,
        ),
    )
