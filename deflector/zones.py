"""The time zones of people, by their IANA names, as their browsers give them."""

from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from babel.dates import get_timezone_gmt, get_timezone_location


@cache
def _names() -> frozenset[str]:
    return frozenset(available_timezones())


def known_zone(name: str | None) -> ZoneInfo | None:
    """Find a zone; None for what is not one. A name from outside never gets near the file system."""
    return ZoneInfo(name) if name and name in _names() else None


def differs(there: ZoneInfo | None, here: ZoneInfo, when: datetime) -> bool:
    """Say whether the clocks of two zones show different times at a moment."""
    return there is not None and when.astimezone(there).utcoffset() != when.astimezone(here).utcoffset()


def place_of(zone: ZoneInfo, when: datetime, lang: str) -> str:
    """Name a zone by its city, or by its distance from Greenwich where it has none: "UTC", "GMT+03:00"."""
    local = when.astimezone(zone)
    if "/" not in zone.key or zone.key.startswith("Etc/"):
        return get_timezone_gmt(local, locale=lang) if local.utcoffset() else "UTC"
    return get_timezone_location(zone, locale=lang, return_city=True)
