"""What an enquiry says about people's wordings: which article answered one, and which did not."""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from deflector.model import ArticleVersion, Enquiry, Event, EventKind, Outcome
from deflector.outcomes.facts import facts_of

LONGEST_WORDING = 200  # characters; nobody types more than that twice the same way
FEWEST_WORDS = 2  # one word is too little to know what somebody wants
# In a script that does not part words, a run of so many characters says as much as two words.
LONG_RUN = 4

_WORD = re.compile(r"\[[^\]]*\]|\w+")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One person's word on an article: it answered this wording, or it was refused."""

    wording: str
    about: ArticleVersion
    solved: bool


def key_of(text: str) -> str:
    """Write a question as it is compared: no capitals, no variants of letters, no marks."""
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def mark_of(text: str) -> str:
    """Stand in for a wording where its words are not kept: a SHA-256 in hexadecimal."""
    return hashlib.sha256(key_of(text).encode("utf-8", "replace")).hexdigest()


def is_fit(text: str) -> bool:
    """Say whether a wording may be learned: nothing was taken out of it, and it says enough."""
    found = key_of(text).split()
    if "[" in text or len(text) > LONGEST_WORDING:
        return False
    return len(found) >= FEWEST_WORDS or bool(found and len(found[0]) >= LONG_RUN and _UNSPACED.search(text))


def solved_question(enquiry: Enquiry, events: Sequence[Event]) -> tuple[str, ArticleVersion] | None:
    """Find what a confirmed enquiry asked last before "This solved it", and the article that solved it."""
    facts = facts_of(enquiry, events)
    solved = next((part.about for part in facts.articles if part.solved), None)
    if facts.outcome is not Outcome.CONFIRMED or solved is None:
        return None
    pressed = max(event.at for event in events if event.kind is EventKind.SOLVED)
    asked = [event for event in events if event.kind is EventKind.QUESTION and event.at <= pressed]
    said = _text(asked[-1]) if asked else ""
    return (said, solved) if key_of(said) else None


def told_by(enquiry: Enquiry, events: Sequence[Event]) -> list[Told]:
    """List what one enquiry says, each wording and article once.

    The article that solved it answered the last question before. An article is refused for every question
    for which it was offered, by a ticket after it was declined or opened, by "not solved", by "not helpful".
    What was asked in one language says nothing about an article in another.
    """
    told: dict[tuple[str, ArticleVersion], Told] = {}
    if solved := solved_question(enquiry, events):
        said, about = solved
        told[key_of(said), about] = Told(wording=said, about=about, solved=True)
    refused = _refused(enquiry, events)
    for said, about in _offers(events):
        if about in refused and (solved is None or about != solved[1]):
            told.setdefault((key_of(said), about), Told(wording=said, about=about, solved=False))
    return [one for one in told.values() if _speaks_of(enquiry, one)]


def _speaks_of(enquiry: Enquiry, told: Told) -> bool:
    same = _base(enquiry.lang) == _base(told.about.lang)
    return same and told.about.version > 0 and is_fit(told.wording)


def _refused(enquiry: Enquiry, events: Sequence[Event]) -> frozenset[ArticleVersion]:
    words = [event for event in events if event.kind in (EventKind.SOLVED, EventKind.NOT_SOLVED)]
    last = {event.about: event.kind for event in sorted(words, key=lambda event: (event.at, event.seq or 0))}
    return frozenset(
        part.about
        for part in facts_of(enquiry, events).articles
        if part.opened_then_wrote
        or part.declined
        or part.unhelpful
        or last.get(part.about) is EventKind.NOT_SOLVED
    )


def _offers(events: Sequence[Event]) -> Iterator[tuple[str, ArticleVersion]]:
    said = ""
    for event in sorted(events, key=lambda event: (event.at, event.seq or 0)):
        if event.kind is EventKind.QUESTION:
            said = _text(event)
        elif event.kind is EventKind.SHOWN and event.about is not None and said:
            yield said, event.about


def _text(event: Event) -> str:
    return " ".join(str(event.data.get("text", "")).split())


def _base(lang: str) -> str:
    return lang.lower().partition("-")[0]
