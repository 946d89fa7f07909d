"""Questions that people said were solved, and by which article."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from deflector.model import Enquiry, Event
from deflector.outcomes.wordings import key_of, solved_question


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
        if (found := solved_question(enquiry, events)) is None:
            continue
        said, solved = found
        key = (key_of(said), solved.lang, solved.article)
        wordings[key][said] += 1
        versions[key] = max(versions[key], solved.version)
    listed = [
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
    return sorted(listed, key=lambda one: (-one.people, one.lang, one.article, one.question))
