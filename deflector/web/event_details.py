"""What a client may say about an event beside its kind and article, checked."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, TypedDict

from deflector.model import EventKind
from deflector.outcomes.reasons import OTHER, as_reason
from deflector.redaction import redact
from deflector.web.clean import clean_line
from deflector.web.problem import Problem

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
LONGEST_REASON = 100
LONGEST_READING = 24 * 3600.0
# A page that slept in a background tab still tells; what is older than the final outcome tells nothing.
LONGEST_DELAY = 7 * 24 * 3600.0


class Details(TypedDict):
    """The part of an event that only the client knows."""

    data: Mapping[str, object]
    client_id: str | None
    ago: timedelta


def read(body: Mapping[str, Any], kind: EventKind) -> Details:
    """Read `id`, `ago`, `seconds` and `reason`; raise `Problem` for the first that cannot be meant."""
    data: dict[str, object] = {}
    if kind is EventKind.CLOSED and (seconds := _seconds(body, "seconds", LONGEST_READING)) is not None:
        data["seconds"] = round(seconds, 1)
    if kind is EventKind.UNHELPFUL and (reason := body.get("reason")) is not None:
        if not isinstance(reason, str):
            raise Problem(422, "'reason' is text.")
        if said := clean_line(reason)[:LONGEST_REASON]:
            data |= in_words(said)
    client_id = body.get("id")
    if client_id is not None and not (isinstance(client_id, str) and _ID.fullmatch(client_id)):
        raise Problem(422, "'id' names the event: up to 64 letters, figures, - and _.")
    ago = _seconds(body, "ago", LONGEST_DELAY) or 0.0
    return Details(data=data, client_id=client_id, ago=timedelta(seconds=ago))


def in_words(said: str) -> dict[str, str]:
    """Keep a reason by its name, and other words redacted, where they are forgotten in time."""
    reason = as_reason(said)
    if reason is None:
        return {}
    return {"reason": reason} | ({"comment": redact(said)} if reason == OTHER else {})


def _seconds(body: Mapping[str, Any], field: str, most: float) -> float | None:
    value = body.get(field)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise Problem(422, f"'{field}' is a number of seconds, 0 to {most:.0f}.")
    return float(value)
