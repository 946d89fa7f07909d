"""The use cases of an enquiry before a message is sent: begin, ask, and say what was done with an answer."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from deflector.desk.questions import Questions
from deflector.model import Channel, Enquiry, EnquiryKey, Event, EventKind, Suggestions
from deflector.outcomes import history
from deflector.outcomes.holdout import Holdout
from deflector.store.store import Store, Transaction

log = logging.getLogger(__name__)


class UnknownEnquiry(Exception):
    """No enquiry has this id and token."""


class Enquiring:
    """Keeps enquiries."""

    def __init__(
        self, *, store: Store, questions: Questions, holdout: Holdout, now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._questions = questions
        self._holdout = holdout
        self._now = now

    def start(self, *, lang: str, channel: Channel, page: str | None = None, bot: bool = False) -> EnquiryKey:
        """Begin an enquiry and hand out its key, the only time that the token is seen."""
        key = EnquiryKey.fresh()
        arm = self._holdout.arm(key.id)
        enquiry = Enquiry(
            id=key.id, started_at=self._now(), lang=lang, channel=channel, arm=arm, page=page, bot=bot
        )
        with self._store.writing() as tx:
            tx.enquiries.add(enquiry, key.token)
        log.info("enquiry started enquiry=%s lang=%s channel=%s arm=%s", key.id, lang, channel, arm)
        return key

    def suggest(
        self, question: str, *, lang: str, enquiry: EnquiryKey | None = None, settled: bool = True
    ) -> Suggestions:
        """Find sections that answer; count the question when it is settled and belongs to an enquiry.

        Raises `UnknownEnquiry` when a key is given that does not fit.
        """
        found = self._questions.search(question, lang, settled=settled)
        if enquiry is None:
            return found
        if settled:
            with self._store.writing() as tx:
                known = self._owned(tx, enquiry)
                self._questions.record(tx, known, found)
        elif self._holdout.share > 0:
            with self._store.reading() as tx:
                known = self._owned(tx, enquiry)
        else:
            return found
        return Suggestions(question=found.question) if self._questions.is_held(known, found) else found

    def record(
        self,
        enquiry: EnquiryKey,
        kind: EventKind,
        *,
        article: str | None = None,
        version: int | None = None,
        data: Mapping[str, object] | None = None,
        client_id: str | None = None,
        ago: timedelta = timedelta(0),
    ) -> None:
        """Note what a person did with an answer, `ago` before now. Raises `UnknownEnquiry`."""
        with self._store.writing() as tx:
            known = self._owned(tx, enquiry)
            about = None
            if article is not None:
                about = history.as_shown(tx.enquiries.events_of(known.id), article, version, known.lang)
            # A client's clock is not trusted, but for how long it waited; nothing happens before the start.
            at = max(self._now() - ago, known.started_at)
            event = Event(
                kind=kind, at=at, enquiry=known.id, about=about, data=data or {}, client_id=client_id
            )
            tx.enquiries.record([event])
        log.info("event recorded enquiry=%s kind=%s", known.id, kind)  # the article is the client's word

    @staticmethod
    def _owned(tx: Transaction, key: EnquiryKey) -> Enquiry:
        enquiry = tx.enquiries.owned_by(key)
        if enquiry is None:
            raise UnknownEnquiry(key.id)
        return enquiry
