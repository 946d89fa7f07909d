"""What every mail of a desk has in common: who writes, where we live, how a mail is named."""

import hashlib
from datetime import timedelta
from email.headerregistry import Address
from email.utils import format_datetime
from urllib.parse import urljoin, urlsplit

from deflector.knowledge import KnowledgeFile
from deflector.mail import wording
from deflector.mail.addresses import MailAddress, NotAnAddress, expects_an_answer
from deflector.mail.headers import one_line
from deflector.mail.wording import Templates
from deflector.model import MessageKind, OutgoingMail, Ticket
from deflector.support.support_desk import SupportDesk
from deflector.tickets.links import Links
from deflector.tickets.replies import Replies

FIELD = 200  # characters of a name, a title or a subject
LONGEST_ADDRESS = 500  # of a page
OWN_PAGE = "ticket"  # the purpose of the link to the person's own page
OWN_PAGE_LASTS = timedelta(days=180)

Fields = list[tuple[str, str | Address]]


class Letterhead:
    """Knows the desk that writes."""

    def __init__(
        self,
        *,
        support: SupportDesk,
        base_url: str,
        knowledge: KnowledgeFile,
        links: Links | None = None,
        templates: Templates | None = None,
        replies: Replies | None = None,
    ) -> None:
        self._support = support
        self._templates = templates or Templates()
        self._links = links
        self._replies = replies
        self._home = base_url.rstrip("/") + "/"
        self._knowledge = knowledge
        self._hours = support.hours.working_hours()
        self._sender = MailAddress.written(support.mail.sender)
        self._queues = {name: MailAddress.written(queue.to) for name, queue in support.queues.items()}
        self._ours = {address.mailbox for address in (self._sender, *self._queues.values())}

    def _address(self, url: str) -> str:
        """Make the whole address of a page; empty where a mail program could not open it."""
        address = urljoin(self._home, one_line(url, LONGEST_ADDRESS))
        return address if urlsplit(address).scheme in ("http", "https") else ""

    def _own_page(self, ticket: Ticket) -> str:
        """Sign the address of the page where the person reads, adds to and ends their ticket."""
        if self._links is None:
            return ""
        return self._links.address(OWN_PAGE, ticket.number, until=ticket.opened_at + OWN_PAGE_LASTS)

    def _home_in(self, lang: str) -> str:
        """Give the address of the help centre's first page in a language."""
        return f"{self._home}{lang}/" if lang in self._support.languages[1:] else self._home

    def _surroundings(self, lang: str) -> dict[str, object]:
        return {
            "desk": self._support.name_in(lang),
            "home": self._home_in(lang),
            "city": wording.city_of(self._hours.zone, lang),
        }

    def _topic(self, ticket: Ticket, lang: str) -> str:
        """Name the category in our own words, or not at all: the key itself may be a stranger's."""
        knowledge = self._knowledge.current()
        category = knowledge.categories.get(ticket.category or "") if knowledge else None
        return one_line(category.title(lang), FIELD) if category else ""

    @property
    def _sender_name(self) -> str:
        return self._sender.name or self._support.name_in(self._support.languages[0])

    def _fields(self, ticket: Ticket, kind: MessageKind, to: Address) -> Fields:
        """Start a mail with what is ours alone."""
        return [
            ("From", self._sender.header(self._sender_name)),
            ("To", to),
            ("Date", format_datetime(ticket.opened_at.astimezone(self._hours.zone))),
            ("Message-ID", self._message_id(ticket, kind)),
            ("X-Answerfirst-Number", ticket.number),
            ("X-Answerfirst-Kind", kind.value),
            ("X-Answerfirst-Queue", one_line(ticket.queue, FIELD)),
            ("X-Answerfirst-Answer-By", ticket.promise.answer_by.isoformat(timespec="seconds")),
            ("X-Answerfirst-Solve-By", ticket.promise.solve_by.isoformat(timespec="seconds")),
        ]

    def _message_id(self, ticket: Ticket, kind: MessageKind) -> str:
        """Name a mail so that writing it again gives the same name (RFC 5322, 3.6.4)."""
        facts = f"{ticket.number} {ticket.enquiry} {ticket.opened_at.isoformat()}"
        unique = hashlib.sha256(facts.encode()).hexdigest()[:16]
        return f"<{ticket.number.lower()}.{kind.value}.{unique}@{self._sender.domain}>"

    def _mail(
        self, ticket: Ticket, kind: MessageKind, sender: MailAddress | None, to: MailAddress, content: bytes
    ) -> OutgoingMail:
        return OutgoingMail(
            kind=kind,
            message_id=self._message_id(ticket, kind),
            sender=sender.spec if sender else "",
            recipient=to.spec,
            content=content,
        )

    def _reachable(self, ticket: Ticket) -> MailAddress | None:
        """Give the person's address, unless no automatic mail may go there (RFC 3834, 2)."""
        person = person_of(ticket)
        if person is None or person.mailbox in self._ours or not expects_an_answer(person):
            return None
        return person


def person_of(ticket: Ticket) -> MailAddress | None:
    try:
        return MailAddress.typed(ticket.requester.email)
    except NotAnAddress:
        return None
