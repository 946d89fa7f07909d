"""Learning from people: listening to enquiries that are over, and giving the search what was learned."""

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from deflector.knowledge import Knowledge
from deflector.outcomes.facts import FINAL_AFTER
from deflector.outcomes.learned import LearnedWording, judge
from deflector.outcomes.wordings import told_by
from deflector.search.learned import LearnedQuestion
from deflector.store.dialect import DatabaseTrouble
from deflector.store.store import Store

log = logging.getLogger(__name__)

AT_ONCE = 100  # enquiries in one transaction: nobody's ticket waits for our learning
MOST = 1_000  # wordings that the search is given, those of the most people; each is kept in memory
EVERY_SECONDS = 30.0


class Learning:
    """Listens to what enquiries said, once each, when nothing can take it back any more.

    An enquiry is listened to when its outcome is final, 7 days after it began: until then a ticket takes a
    confirmation back. So what was counted once never has to be taken back, and nothing has to be kept that
    would lead from a wording to the enquiry that taught it.
    """

    def __init__(self, *, store: Store, keep_questions: timedelta, now: Callable[[], datetime]) -> None:
        self._store = store
        self._keep_questions = keep_questions
        self._now = now

    def listen(self) -> int:
        """Take in the enquiries that became final since the last time; return how many said something."""
        now = self._now()
        # What is older has no words any more.
        since, before = now - self._keep_questions, now - FINAL_AFTER
        heard = 0
        while True:
            with self._store.reading() as tx:
                state = tx.learned.heard()
                batch = tx.learned.unheard(state, since=since, before=before, limit=AT_ONCE)
                begun = {enquiry: at for at, enquiry in batch}
                told = [
                    (_day(begun[enquiry.id]), one)
                    for enquiry, events in tx.enquiries.histories_of(begun)
                    for one in told_by(enquiry, events)
                ]
            if not batch:
                return heard
            until, last = batch[-1]
            with self._store.writing() as tx:
                if not tx.learned.hold(state):
                    return heard  # another process listens
                tx.learned.listen(told, until=until, enquiry=last)
            heard += len(batch)
            log.info("learned enquiries=%d words=%d", len(batch), len(told))


_Made = tuple[Sequence[LearnedWording], Knowledge | None, Sequence[LearnedQuestion]]


class LearnedFromPeople:
    """Gives the search the wordings that count. It answers from memory and looks into the store beside."""

    def __init__(self, *, store: Store, monotonic: Callable[[], float], every: float = EVERY_SECONDS) -> None:
        self._store = store
        self._monotonic = monotonic
        self._every = every
        self._edition = -1
        self._known: Sequence[LearnedWording] = ()
        self._made: _Made = ((), None, ())
        self._looking = threading.Lock()
        self._making = threading.Lock()
        self.refresh()

    def wordings(self, knowledge: Knowledge) -> Sequence[LearnedQuestion]:
        """Give the wordings that count for this catalogue; the same object as long as nothing changed."""
        if self._monotonic() >= self._due and self._looking.acquire(blocking=False):
            threading.Thread(target=self._look_beside, name="learned", daemon=True).start()
        known, made_for, made = self._made
        if known is self._known and made_for is knowledge:
            return made
        with self._making:
            known, made_for, made = self._made
            if known is not self._known or made_for is not knowledge:
                known = self._known
                if (found := _questions(known, knowledge)) != made:
                    made = found
                self._made = (known, knowledge, made)
            return made

    def refresh(self) -> None:
        """Look into the store now."""
        with self._looking:
            self._look()

    def _look_beside(self) -> None:
        try:
            self._look()
        finally:
            self._looking.release()

    def _look(self) -> None:
        self._due = self._monotonic() + self._every
        try:
            with self._store.reading() as tx:
                edition = tx.learned.edition()
                if edition == self._edition:
                    return
                self._known = tx.learned.wordings()
                self._edition = edition
        except DatabaseTrouble as exc:
            # What was learned helps; it is never what answering depends on.
            log.warning("learned wordings not read fault=%s", type(exc).__name__)


def _day(moment: datetime) -> datetime:
    """Give a moment's day (UTC): the moment itself would lead back to the enquiry."""
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _questions(known: Sequence[LearnedWording], knowledge: Knowledge) -> Sequence[LearnedQuestion]:
    judged = [judge(one, knowledge) for one in known]
    counting = sorted((one for one in judged if one.counts), key=lambda one: -one.people)[:MOST]
    return tuple(
        LearnedQuestion(
            article=one.wording.article,
            lang=one.wording.lang,
            version=one.version,
            text=one.wording.text or "",
            weight=one.share,
        )
        for one in counting
    )
