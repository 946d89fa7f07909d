"""Values as a person writes them in support.yml: "1 business day", "8 times in 10", "2 years"."""

import re
from collections.abc import Mapping
from datetime import timedelta
from email.headerregistry import Address
from email.utils import parseaddr
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError
from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from deflector.working_time import BusinessTime, Opening


class Strict(BaseModel):
    """A part of support.yml: frozen, and no key is let pass that we do not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


def _mail_address(value: str) -> str:
    name, address = parseaddr(value)
    try:
        checked = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise ValueError(f'"{value}" is not a mail address; write e.g. help@example.com') from None
    user, domain = checked.normalized.rsplit("@", 1)
    return str(Address(display_name=name, username=user, domain=domain))


def _zone(value: object) -> ZoneInfo:
    try:
        return ZoneInfo(str(value))
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f'"{value}" is not a time zone; write e.g. Europe/Madrid') from None


def _openings(value: object) -> tuple[Opening, ...]:
    return tuple(Opening.parse(part) for part in str(value).split(","))


def _business_time(value: object) -> BusinessTime:
    return BusinessTime.parse(str(value))


def _share(value: object) -> float:
    """Read "8 times in 10" as 0.8: a unit that a person can picture."""
    match = re.fullmatch(r"\s*(\d+)\s+times?\s+in\s+(\d+)\s*", str(value))
    share = int(match[1]) / int(match[2]) if match and int(match[2]) else -1.0
    if not 0 <= share <= 1:
        raise ValueError(f'"{value}" is not a share; write e.g. 8 times in 10')
    return share


_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}


def _period(value: object) -> timedelta:
    match = re.fullmatch(r"\s*(\d{1,4})\s+(day|week|month|year)s?\s*", str(value))
    if match is None or int(match[1]) == 0:
        raise ValueError(f'"{value}" is not a period; write e.g. 90 days or 2 years')
    return timedelta(days=int(match[1]) * _DAYS[match[2]])


def _language(value: object) -> str:
    try:
        Locale.parse(str(value), sep="-")
    except (UnknownLocaleError, ValueError):
        raise ValueError(f'"{value}" is not a language; write e.g. en or pt-BR') from None
    return str(value)


def _slug(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", value):
        raise ValueError(f'"{value}" is not a key; write small letters, digits and hyphens, e.g. error-code')
    return value


def _listed(value: object) -> object:
    """Let one value stand for a list of one."""
    return [value] if isinstance(value, str) else value


Span = Annotated[BusinessTime, BeforeValidator(_business_time)]
Zone = Annotated[ZoneInfo, BeforeValidator(_zone)]
Openings = Annotated[tuple[Opening, ...], BeforeValidator(_openings)]
Period = Annotated[timedelta, BeforeValidator(_period)]
Share = Annotated[float, BeforeValidator(_share)]
MailAddress = Annotated[str, AfterValidator(_mail_address)]
Language = Annotated[str, BeforeValidator(_language)]
Slug = Annotated[str, BeforeValidator(_slug)]
Slugs = Annotated[tuple[Slug, ...], BeforeValidator(_listed)]


def _words(value: object) -> object:
    """Look at the whole, so that a fault is told once and in our words."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping) and value and all(isinstance(text, str) for text in value.values()):
        return {_language(lang): text for lang, text in value.items()}
    raise ValueError("this is no text; write one in quotes, or one for each language: {en: …, es: …}")


# A text for people: one for all languages, or one for each.
Words = Annotated[str | Mapping[Language, str], BeforeValidator(_words)]


def in_language(words: Words, lang: str) -> str:
    """Choose the text of a language, else of a broader form of it, else the first that is there."""
    if isinstance(words, str):
        return words
    tag = lang
    while tag:
        if tag in words:
            return words[tag]
        tag = tag.rpartition("-")[0]
    return next(iter(words.values()), "")
