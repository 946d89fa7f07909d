"""Reads histories that are written by hand into enquiries and events."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from deflector.model import Arm, ArticleVersion, Channel, Enquiry, Event, EventKind
from deflector.store.store import Store

MADRID = ZoneInfo("Europe/Madrid")
FILE = Path(__file__).with_name("replay.yml")


@dataclass(frozen=True, kw_only=True)
class History:
    """One written history and what was worked out for it."""

    name: str
    enquiry: Enquiry
    events: list[Event]
    expected: Mapping[str, Any]


def moment(written: Any) -> datetime:
    """Read a moment on the wall in Madrid; in the hour that comes twice, the first is meant."""
    return datetime.fromisoformat(str(written)).replace(tzinfo=MADRID)


def histories() -> Iterator[History]:
    for number, written in enumerate(yaml.safe_load(FILE.read_text(encoding="utf-8"))):
        enquiry = Enquiry(
            id=f"e{number:02}",
            started_at=moment(written["starts"]),
            lang="en",
            channel=Channel(written.get("channel", "form")),
            arm=Arm(written.get("arm", "shown")),
            bot=written.get("bot", False),
        )
        events = [_event(one, enquiry.id, seq) for seq, one in enumerate(written["events"], number * 100)]
        yield History(name=written["name"], enquiry=enquiry, events=events, expected=written)


def _event(written: dict[str, Any], enquiry: str, seq: int) -> Event:
    fields = dict(written)
    at, client_id = moment(fields.pop("at")), fields.pop("id", None)
    kind = next(kind for kind in EventKind if kind.value in fields)
    said = fields.pop(kind.value)
    about = None
    if kind is EventKind.QUESTION:
        fields["text"] = said
    elif kind is EventKind.TICKET:
        fields["number"] = said
    else:
        article, version = said.split()
        about = ArticleVersion(article=article, lang="en", version=int(version))
        if kind in (EventKind.SHOWN, EventKind.WITHHELD):
            fields["category"] = "connection" if article == "lag" else "payments"
    return Event(kind=kind, at=at, enquiry=enquiry, about=about, data=fields, client_id=client_id, seq=seq)


def keep(store: Store, *, reverse: bool = False) -> None:
    """Store every history, the events in the order in which they are written, or the other way round."""
    with store.writing() as tx:
        for history in histories():
            tx.enquiries.add(history.enquiry, None)
            for event in reversed(history.events) if reverse else history.events:
                tx.enquiries.record([event])
