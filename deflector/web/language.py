"""The words on our pages: one YAML file a language, chosen by the request."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml
from babel import Locale
from babel.dates import format_date, format_time, get_datetime_format, get_timezone_name
from babel.units import format_unit

STRINGS = Path(__file__).parent / "strings"
DEFAULT = "en"


@cache
def strings(lang: str) -> Mapping[str, str]:
    """Read the words of a language; English where there is no file for it."""
    path = STRINGS / f"{lang}.yml"
    if not path.is_file():
        path = STRINGS / f"{DEFAULT}.yml"
    content: dict[str, str] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


def best(wanted: str | None, offered: Sequence[str], accepts: Sequence[str] = ()) -> str:
    """Choose a language: the one asked for, else the first that the browser accepts, else the first offered.

    A regional form falls back to its language (RFC 4647, 3.4): `es-MX` is served by `es`.
    """
    for candidate in (wanted, *accepts):
        tag = (candidate or "").lower()
        while tag:
            for lang in offered:
                if lang.lower() == tag:
                    return lang
            tag = tag.rpartition("-")[0]
    return offered[0]


def direction(lang: str) -> str:
    """Say which way a language is written: "ltr" or "rtl"."""
    return "rtl" if Locale.parse(lang, sep="-").text_direction == "rtl" else "ltr"


def native_name(lang: str) -> str:
    """Name a language in itself."""
    name = Locale.parse(lang, sep="-").get_display_name() or lang
    return name[:1].upper() + name[1:]


def locale_of(lang: str) -> Locale:
    """Return the locale that dates are written in; plain English writes the day before the month."""
    return Locale.parse("en-GB" if lang == "en" else lang, sep="-")


def moment(when: datetime, zone: ZoneInfo, lang: str) -> str:
    """Write a date and time as people of that language do, with the weekday, in the desk's zone."""
    locale, local = locale_of(lang), when.astimezone(zone)
    day = format_date(local.date(), "full", locale=locale)
    time = format_time(local, "short", tzinfo=zone, locale=locale)
    together = str(get_datetime_format("full", locale=locale)).replace("'", "")  # CLDR quotes its own words
    return together.format(time, day)


def period(length: timedelta, lang: str) -> str:
    """Write a period in the largest unit that it is a whole number of: "2 years", "90 days"."""
    units = (("year", 365), ("month", 30), ("week", 7), ("day", 1))
    unit, days = next((unit, days) for unit, days in units if length.days % days == 0)
    return format_unit(length.days // days, f"duration-{unit}", "long", locale=locale_of(lang))


def zone_name(when: datetime, zone: ZoneInfo, lang: str) -> str:
    """Name the desk's zone for people: "Central European Standard Time"."""
    return get_timezone_name(when.astimezone(zone), locale=locale_of(lang), width="long")
