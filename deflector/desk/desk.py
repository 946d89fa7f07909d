"""What the contact form can do: the one door to the use cases. No Flask, no SQL."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from deflector.desk.acknowledging import Acknowledging
from deflector.desk.enquiring import Enquiring, UnknownEnquiry
from deflector.desk.questions import LONGEST_STORED, Questions
from deflector.desk.repeats import KeyReused, fingerprint
from deflector.desk.taking import Answers, Taking
from deflector.desk.writing import Correspondence
from deflector.model import (
    ArticleVersion,
    Channel,
    ContactMessage,
    EnquiryKey,
    Event,
    EventKind,
    MessageKind,
    OutboxState,
    Suggestions,
    Ticket,
)
from deflector.outcomes.holdout import Holdout
from deflector.redaction import redact
from deflector.store.cabinet import Cabinet
from deflector.store.store import Store
from deflector.suggesting import Suggester
from deflector.support.support_desk import SupportDesk

__all__ = ["Answers", "Desk", "KeyReused", "UnknownEnquiry", "fingerprint"]

log = logging.getLogger(__name__)


class Desk:
    """The support desk: everything that a person can do with the contact form."""

    def __init__(
        self,
        *,
        store: Store,
        cabinet: Cabinet,
        suggester: Suggester,
        support: SupportDesk,
        correspondence: Correspondence,
        acknowledging: Acknowledging,
        now: Callable[[], datetime],
        holdout: Holdout | None = None,
        urgent: Callable[[str, str], bool] = lambda _question, _lang: False,
    ) -> None:
        questions = Questions(suggester=suggester, limit=support.suggestions.show, urgent=urgent, now=now)
        self._store = store
        self._now = now
        self._enquiring = Enquiring(store=store, questions=questions, holdout=holdout or Holdout(), now=now)
        self._taking = Taking(
            store=store,
            cabinet=cabinet,
            questions=questions,
            support=support,
            correspondence=correspondence,
            acknowledging=acknowledging,
            now=now,
        )

    def start(self, *, lang: str, channel: Channel, page: str | None = None, bot: bool = False) -> EnquiryKey:
        """Begin an enquiry and hand out its key, the only time that the token is seen."""
        return self._enquiring.start(lang=lang, channel=channel, page=page, bot=bot)

    def suggest(
        self, question: str, *, lang: str, enquiry: EnquiryKey | None = None, settled: bool = True
    ) -> Suggestions:
        """Find sections that answer. Raises `UnknownEnquiry` when a key is given that does not fit."""
        return self._enquiring.suggest(question, lang=lang, enquiry=enquiry, settled=settled)

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
        self._enquiring.record(
            enquiry, kind, article=article, version=version, data=data, client_id=client_id, ago=ago
        )

    def submit(self, message: ContactMessage) -> Answers | Ticket:
        """Offer answers, or open the ticket. Raises `KeyReused`: the key came with another message before."""
        return self._taking.submit(message)

    def ticket(self, number: str) -> Ticket | None:
        with self._store.reading() as tx:
            return tx.tickets.find(number)

    def mails_of(self, number: str) -> dict[MessageKind, OutboxState]:
        """Tell where the mails of a ticket stand."""
        with self._store.reading() as tx:
            return tx.held.states(number)

    def note_site_search(self, question: str, *, lang: str, results: int) -> None:
        """Count a search on the site; its words are kept only where nothing was found."""
        data: dict[str, object] = {"results": results, "lang": lang}
        if not results:
            data["text"] = redact(question)[:LONGEST_STORED]
        with self._store.writing() as tx:
            tx.enquiries.record([Event(kind=EventKind.SITE_SEARCH, at=self._now(), enquiry=None, data=data)])

    def give_feedback(
        self, about: ArticleVersion, *, helpful: bool, reason: str | None, comment: str | None
    ) -> None:
        """Keep a reader's word on an article."""
        data = {"helpful": helpful, "reason": reason, "comment": redact(comment) if comment else None}
        event = Event(kind=EventKind.FEEDBACK, at=self._now(), enquiry=None, about=about, data=data)
        with self._store.writing() as tx:
            tx.enquiries.record([event])
        log.info("feedback given helpful=%s", helpful)
