"""Questions: searched with high confidence or nothing, held out where an enquiry is, and noted as events."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from deflector.model import Arm, Enquiry, Event, EventKind, Suggestions, Verdict
from deflector.outcomes import history
from deflector.redaction import redact
from deflector.store.store import Transaction
from deflector.suggesting import Suggester

# A question is stored to be read by a person; what comes after this many characters tells them nothing new.
LONGEST_STORED = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """Answers and notes questions. `urgent` says by question and language what is never held out."""

    suggester: Suggester
    limit: int
    urgent: Callable[[str, str], bool]
    now: Callable[[], datetime]

    def search(self, question: str, lang: str, *, settled: bool) -> Suggestions:
        found = self.suggester.suggest(question, lang=lang, settled=settled, limit=self.limit)
        # High confidence or nothing: what the search does not stand behind is not put before a person.
        return replace(found, items=()) if found.verdict is Verdict.NOTHING else found

    def is_held(self, enquiry: Enquiry, found: Suggestions) -> bool:
        """Say whether the person of this enquiry sees no answers, so that the effect can be measured."""
        return enquiry.arm is Arm.HOLDOUT and not self.urgent(found.question, enquiry.lang)

    def record(self, tx: Transaction, enquiry: Enquiry, found: Suggestions) -> None:
        """Note a question and the answers that were shown, or withheld."""
        events = tx.enquiries.events_of(enquiry.id)
        tx.enquiries.record(self.events(enquiry, events, found, shown=True))

    def events(
        self, enquiry: Enquiry, before: Sequence[Event], found: Suggestions, *, shown: bool
    ) -> list[Event]:
        """Write a question as events; none where nothing was asked or the same was asked before."""
        text = redact(found.question)[:LONGEST_STORED]
        earlier = history.questions(before)
        if not text.strip() or (earlier and earlier[-1] == text):
            return []  # nothing asked, or sent twice
        now = self.now()
        asked = Event(
            kind=EventKind.QUESTION,
            at=now,
            enquiry=enquiry.id,
            data={"text": text, "verdict": found.verdict, "confidence": round(found.confidence, 4)}
            | ({"urgent": True} if self.urgent(found.question, enquiry.lang) else {}),
        )
        offered = found.items if shown else ()
        held = self.is_held(enquiry, found)
        return [
            asked,
            *(history.offer(enquiry, item, now, found.engine, withheld=held) for item in offered),
        ]
