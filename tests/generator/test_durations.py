from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from generator.articles.durations import Duration

TABLE = yaml.safe_load((Path(__file__).parent / "tables" / "durations.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", [row for row in TABLE if "due" in row], ids=lambda row: row["length"])
def test_a_length_of_time_is_added_by_the_calendar(row: dict[str, Any]) -> None:
    assert row["from"] + Duration.parse(row["length"]) == row["due"]


@pytest.mark.parametrize(
    "row", [row for row in TABLE if "due" not in row], ids=lambda row: str(row["length"])
)
def test_what_is_no_length_of_time_is_refused(row: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="duration"):
        Duration.parse(str(row["length"]))


@given(st.integers(0, 120), st.integers(0, 400), st.dates(date(1990, 1, 1), date(2090, 1, 1)))
def test_months_never_leave_the_month_that_they_lead_to(months: int, days: int, start: date) -> None:
    if months + days == 0 or months + days / 30 > 120:
        return
    length = Duration(months=months, days=days)
    reached = start + length
    first = date(start.year + (start.month - 1 + months) // 12, (start.month - 1 + months) % 12 + 1, 1)
    assert first <= reached - timedelta(days=days) <= first + timedelta(days=30)
    assert Duration.parse(str(length)) == length
