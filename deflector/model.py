"""The words of the deflector: enquiry, suggestion, event, ticket, message.

Pure values. Nothing here knows Flask, SQL, a search engine or a clock.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from deflector.support.triage import Priority


class Verdict(StrEnum):
    """What the search can promise for a question."""

    ANSWERS = "answers"  # shown, and asked about before the message is sent
    MAYBE = "maybe"  # listed quietly while the person types; no extra step
    NOTHING = "nothing"  # straight to a person, and logged as a gap


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleVersion:
    """One article in one language, as it was when somebody saw it."""

    article: str
    lang: str
    version: int

    def __str__(self) -> str:
        return f"{self.article} v{self.version} ({self.lang})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """An article section offered for a question.

    `url` leads to the section. `snippet` is safe HTML: escaped text with `<mark>` around matches and
    nothing else. `text` is the whole section as plain text. `confidence` is the probability, 0 to 1,
    that the section answers. `rank` starts at 1.
    """

    article: str
    version: int
    lang: str
    category: str
    title: str
    heading: str
    url: str
    snippet: str
    text: str
    confidence: float
    rank: int
    stale: bool = False

    @property
    def shown(self) -> ArticleVersion:
        return ArticleVersion(article=self.article, lang=self.lang, version=self.version)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestions:
    """What the search says to one question: a verdict, and the sections behind it, best first."""

    question: str
    verdict: Verdict = Verdict.NOTHING
    confidence: float = 0.0
    items: tuple[Suggestion, ...] = ()
    engine: str = "none"

    @property
    def answerable(self) -> bool:
        return self.verdict is Verdict.ANSWERS


class Channel(StrEnum):
    """The way an enquiry came in."""

    FORM = "form"  # ours, or a client's that begins enquiries as ours does
    DIRECT = "direct"  # a ticket from a client that asked nothing first


class Arm(StrEnum):
    """The side of the experiment that an enquiry is on."""

    SHOWN = "shown"
    HOLDOUT = "holdout"


@dataclass(frozen=True, slots=True, kw_only=True)
class Enquiry:
    """One pass through the contact form, from the first word to the outcome: the unit that we count."""

    id: str
    started_at: datetime
    lang: str
    channel: Channel
    arm: Arm = Arm.SHOWN
    page: str | None = None  # the article or address the person came from
    bot: bool = False  # a machine that says so; counted, and kept out of every rate


@dataclass(frozen=True, slots=True, kw_only=True)
class EnquiryKey:
    """What a client holds of an enquiry: its public id, and the token that proves it is theirs."""

    id: str
    token: str | None = None

    @classmethod
    def fresh(cls) -> "EnquiryKey":
        """Draw a new id and token from the operating system's randomness (128 bits each)."""
        return cls(id=secrets.token_urlsafe(16), token=secrets.token_urlsafe(16))


class EventKind(StrEnum):
    """What can happen in an enquiry. The list only grows: events are kept for years."""

    QUESTION = "question"
    SHOWN = "shown"
    WITHHELD = "withheld"  # found, and not shown: the enquiry is in the holdout
    IMPRESSION = "impression"
    OPENED = "opened"
    CLOSED = "closed"
    HELPFUL = "helpful"
    UNHELPFUL = "unhelpful"
    SOLVED = "solved"
    NOT_SOLVED = "not_solved"
    DECLINED = "declined"
    TICKET = "ticket"
    TICKET_ANSWERED = "ticket_answered"
    TICKET_SOLVED = "ticket_solved"
    TICKET_REOPENED = "ticket_reopened"
    SATISFACTION = "satisfaction"
    FEEDBACK = "feedback"
    SITE_SEARCH = "site_search"


EVENT_SCHEMA = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened. `data` holds what is special to the kind; docs/measuring.md lists it.

    `client_id` names one act of one client: the store keeps the first event of an enquiry that carries it.
    `seq` is the order in which the store took the event; None before that.
    """

    kind: EventKind
    at: datetime
    enquiry: str | None
    about: ArticleVersion | None = None
    data: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    client_id: str | None = None
    schema: int = EVENT_SCHEMA
    seq: int | None = None


class Outcome(StrEnum):
    """How an enquiry ended, as far as is known at a moment."""

    CONFIRMED = "confirmed"
    LIKELY = "likely"
    UNKNOWN = "unknown"
    TICKET = "ticket"


@dataclass(frozen=True, slots=True, kw_only=True)
class Requester:
    """The person who writes to us."""

    name: str
    email: str
    lang: str


class Doubt(StrEnum):
    """What speaks against a person's having sent a message from our form."""

    UNPROVEN = "unproven"  # no proof of work, or one that was used before
    HURRIED = "hurried"  # sent faster than anybody types
    BAITED = "baited"  # a field that no person sees was filled in


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that a person sent along, fit to be passed on. `media_type` is what its content says it is."""

    name: str
    media_type: str
    content: bytes = field(repr=False)

    @property
    def size(self) -> int:
        return len(self.content)

    @property
    def digest(self) -> str:
        """The SHA-256 of the content, in hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactMessage:
    """What a person sends through the form or the API, checked: every field fits and is clean text.

    `declined` says that the person has seen answers, or did not want any, and asks for a human.
    `idempotency_key` names this one act of sending; two messages with one key are one ticket.
    `doubts` speak against a person's having sent it, and `proof` names a proof of work that counts once: both
    decide about the mail to the address, never about the ticket.
    """

    requester: Requester
    message: str
    subject: str | None
    category: str | None
    page: str | None
    declined: bool
    enquiry: EnquiryKey | None
    idempotency_key: str | None
    guessed: bool = False  # the category is our guess, and the person let it stand
    zone: str | None = None  # IANA name of the person's time zone, as their browser says
    answers: Mapping[str, str] = field(default_factory=dict)  # to the extra questions, by their ids
    attachments: tuple[Attachment, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    proof: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """By when a person answers, and by when the matter is to be solved. Aware datetimes."""

    answer_by: datetime
    solve_by: datetime


# Crockford's base 32 without the letters and figures that people mix up on the phone: 0 O 1 I L U.
NUMBER_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def ticket_number() -> str:
    """Draw a ticket number such as `HC-7Q4K2M`; 30^6 of them, so the store must refuse a repeat."""
    return "HC-" + "".join(secrets.choice(NUMBER_ALPHABET) for _ in range(6))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A promise to a person: their message, who takes it, and by when we answer."""

    number: str
    opened_at: datetime
    requester: Requester
    message: str
    subject: str | None
    category: str | None
    queue: str
    promise: Promise
    page: str | None
    enquiry: str | None
    priority: Priority = Priority.NORMAL
    tags: tuple[str, ...] = ()
    guessed: bool = False  # the category is ours, taken from the message
    zone: str | None = None  # IANA name of the person's time zone
    answers: Mapping[str, str] = field(default_factory=dict)  # to the extra questions, by their ids


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenAnswer:
    """One answer that the person was offered before they wrote, and what they did with it."""

    about: ArticleVersion
    title: str
    url: str
    rank: int
    opened: bool
    declined: bool


class MessageKind(StrEnum):
    """What a mail is for."""

    TICKET = "ticket"
    ACKNOWLEDGEMENT = "acknowledgement"
    CONFIRMATION = "confirmation"  # asks an address whether it was theirs
    NOTE = "note"  # tells the queue what the person did with the ticket
    SATISFACTION = "satisfaction"  # asks the person how it was
    DIGEST = "digest"  # tells the lead how the week went
    WEBHOOK = "webhook"  # tells another program, as JSON over HTTPS


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMail:
    """A finished mail, ready for the outbox: `content` is the whole RFC 5322 message with CRLF line ends.

    `message_id` is fixed before the first try, so that a repeat after an unknown result is recognised
    as the same mail (RFC 5322, 3.6.4). `sender` and `recipient` are the SMTP envelope; an empty
    `sender` is the null reverse-path of automatic mail (RFC 3834, 3.3).
    """

    kind: MessageKind
    message_id: str
    sender: str
    recipient: str
    content: bytes


class OutboxState(StrEnum):
    """Where a stored mail stands."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    HELD = "held"  # written, and not to be sent before something else happened


class Hold(StrEnum):
    """Why a mail is held."""

    UNCONFIRMED = "unconfirmed"  # nobody has shown that the address is theirs
    ENOUGH = "enough"  # this address had its mails for the day
    FLOOD = "flood"  # more people write than do on any ordinary day


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEntry:
    """A stored mail and the story of its delivery so far."""

    id: int
    ticket: str | None
    mail: OutgoingMail
    state: OutboxState
    attempts: int
    created_at: datetime
    next_attempt_at: datetime
    last_error: str | None
