"""When and where, in words for people."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from deflector.web.language import moment
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


@pytest.mark.parametrize(
    ("lang", "written"),
    [
        ("en", "Monday, 23 November 2026, 13:00"),
        ("es", "lunes, 23 de noviembre de 2026, 13:00"),
        ("ar", "الاثنين، 23 نوفمبر 2026، 1:00 م"),
        ("zh", "2026年11月23日星期一 13:00"),
    ],
)
def test_a_moment_is_written_with_the_marks_of_its_language(lang: str, written: str) -> None:
    assert moment(WINTER, ZoneInfo("Europe/Madrid"), lang) == written
