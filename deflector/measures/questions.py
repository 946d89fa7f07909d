"""Questions that people said were solved, and by which article."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from deflector.measures.grouping import words_of
from deflector.model import Enquiry, Event, EventKind, Outcome
from deflector.outcomes.facts import facts_of


@dataclass(frozen=True, slots=True, kw_only=True)
class SolvedQuestion:
    """A wording, and the article that solved it for so many people; `version` is the latest that did."""

    question: str
    lang: str
    article: str
    version: int
    people: int


def solved_questions(
    histories: Iterable[tuple[Enquiry, Sequence[Event]]], *, people: int = 1
) -> list[SolvedQuestion]:
    """List the questions of confirmed enquiries that at least so many people asked, most asked first.

    An enquiry's question is the last one before the press of "This solved it". Texts are as stored: redacted.
    """
    wordings: defaultdict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    versions: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    for enquiry, events in histories:
        facts = facts_of(enquiry, events)
        solved = next((part.about for part in facts.articles if part.solved), None)
        if facts.outcome is not Outcome.CONFIRMED or solved is None:
            continue
        pressed = max(event.at for event in events if event.kind is EventKind.SOLVED)
        asked = [e for e in events if e.kind is EventKind.QUESTION and e.at <= pressed]
        said = " ".join(str(asked[-1].data.get("text", "")).split()) if asked else ""
        if not words_of(said):
            continue
        key = (" ".join(words_of(said)), solved.lang, solved.article)
        wordings[key][said] += 1
        versions[key] = max(versions[key], solved.version)
    found = [
        SolvedQuestion(
            question=said.most_common(1)[0][0],
            lang=key[1],
            article=key[2],
            version=versions[key],
            people=said.total(),
        )
        for key, said in wordings.items()
        if said.total() >= people
    ]
    return sorted(found, key=lambda one: (-one.people, one.lang, one.article, one.question))
