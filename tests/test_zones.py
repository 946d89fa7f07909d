"""Where a person's clock stands, in words for them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from deflector.zones import place_of

WINTER = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "lang", "place"),
    [
        ("America/New_York", "es", "Nueva York"),
        ("Etc/GMT-3", "en", "GMT+03:00"),
        ("UTC", "en", "UTC"),
        ("Etc/UTC", "es", "UTC"),
    ],
)
def test_a_zone_is_named_by_its_city_or_by_its_distance_from_greenwich(
    zone: str, lang: str, place: str
) -> None:
    assert place_of(ZoneInfo(zone), WINTER, lang) == place
