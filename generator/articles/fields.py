"""What may stand behind a key of the front matter, read from the text that a writer typed."""

import re
from datetime import date
from functools import lru_cache
from typing import Annotated, Any, Final

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from generator.articles.durations import Duration

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_DATE = re.compile(r"(?:19[7-9]\d|20\d\d)-\d\d-\d\d")
_NUMBER = re.compile(r"[1-9][0-9]{0,5}")
MOST_ITEMS: Final = 500
"""A longer list is a mistake, and naming what is wrong with each entry would take long."""
ADDRESS = re.compile(r"(?:/[\w.~%+@!$&'()*,;=:-]+)+/?", re.ASCII)


def _broken(rule: str, advice: str) -> PydanticCustomError:
    return PydanticCustomError(rule, "{advice}", {"advice": advice})


def _text(value: Any) -> Any:
    """Take one line of text; inner line breaks of a folded YAML scalar become spaces."""
    if not isinstance(value, str):
        raise _broken("text", "Write one line of text.")
    value = re.sub(r"[ \t\n]+", " ", value).strip()
    if not value:
        raise _broken("text", "Write one line of text.")
    return value


def _slug(value: Any) -> Any:
    if not isinstance(value, str) or not SLUG.fullmatch(value) or len(value) > 100:
        raise _broken(
            "slug",
            "Write small letters, digits and single hyphens, at most 100 of them, e.g. refund-for-a-game.",
        )
    return value


def _key(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(r"[\w.@-]{1,100}", value):
        raise _broken("text", "Write the key of one person or team, e.g. payments.")
    return value


def _date(value: Any) -> Any:
    if isinstance(value, date):
        return value
    try:
        if isinstance(value, str) and _DATE.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise _broken("date", "Write a day of the calendar as year-month-day, e.g. 2026-10-01.")


@lru_cache(maxsize=256)
def _parsed(text: str) -> Duration:
    """Read a duration; articles share those that they have in common, in memory and where they are kept."""
    return Duration.parse(text)


def _duration(value: Any) -> Any:
    if isinstance(value, Duration):
        return value
    try:
        if isinstance(value, str):
            return _parsed(value)
    except ValueError:
        pass
    raise _broken("duration", "Write a duration, e.g. 6 months.")


def _number(value: Any) -> Any:
    if isinstance(value, int) or (isinstance(value, str) and _NUMBER.fullmatch(value)):
        return int(value)
    raise _broken("number", "Write a whole number from 1, e.g. 3.")


def _address(value: Any) -> Any:
    if not isinstance(value, str) or not ADDRESS.fullmatch(value) or "/.." in value:
        raise _broken("address", "Write an address from the site's root without spaces, e.g. /old/refunds/.")
    return value


def none_if_empty(value: Any) -> Any:
    return None if value in ("", "~", "null") else value


def as_list(value: Any) -> Any:
    if isinstance(value, list | tuple):
        if len(value) > MOST_ITEMS:
            raise _broken("list", f"Write at most {MOST_ITEMS} entries.")
        return value
    if value in ("", "~", "null"):
        return ()
    raise _broken("list", "Write a list, e.g. [one, two].")


Text = Annotated[str, BeforeValidator(_text)]
Slug = Annotated[str, BeforeValidator(_slug)]
Key = Annotated[str, BeforeValidator(_key)]
Day = Annotated[date, BeforeValidator(_date)]
Interval = Annotated[Duration, BeforeValidator(_duration)]
Number = Annotated[int, BeforeValidator(_number)]
Address = Annotated[str, BeforeValidator(_address)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(as_list)]
