from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from deflector.working_time import (
    BusinessTime,
    BusinessUnit,
    NeverOpen,
    Opening,
    WorkingHours,
    public_holidays,
)

TABLE: Mapping[str, Any] = yaml.safe_load(
    Path(__file__).with_name("working_time.yml").read_text(encoding="utf-8")
)
OFFICE = (Opening(time(9), time(17)),)


def desk(name: str) -> WorkingHours:
    row = TABLE["desks"][name]
    openings = tuple(Opening.parse(part) for part in row["open"].split(","))
    return WorkingHours(
        zone=ZoneInfo(row["zone"]),
        week=dict.fromkeys(row["days"], openings),
        holidays=public_holidays(row.get("country"), row.get("region")),
    )


def at(hours: WorkingHours, text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=hours.zone)


def name_of(row: Mapping[str, Any]) -> str:
    return f"{row['desk']}: {row['span']} from {row['from']} ({row['why']})"


@pytest.mark.parametrize("row", TABLE["promises"], ids=name_of)
def test_a_promise_falls_due_to_the_minute(row: Mapping[str, Any]) -> None:
    hours = desk(row["desk"])
    due = hours.add(at(hours, row["from"]), BusinessTime.parse(row["span"]))
    assert due.tzinfo == hours.zone
    assert due.astimezone(UTC) == at(hours, row["until"]).astimezone(UTC)


@pytest.mark.parametrize("row", TABLE["promises"], ids=name_of)
def test_the_open_time_until_a_promise_is_the_promised_span(row: Mapping[str, Any]) -> None:
    hours = desk(row["desk"])
    span = hours.open_time(BusinessTime.parse(row["span"]))
    assert hours.between(at(hours, row["from"]), at(hours, row["until"])) == span


@given(
    name=st.sampled_from(sorted(TABLE["desks"])),
    moment=st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    minutes=st.integers(1, 6000),
)
def test_adding_and_measuring_agree_at_any_moment(name: str, moment: datetime, minutes: int) -> None:
    hours = desk(name)
    due = hours.add(moment, BusinessTime(amount=minutes, unit=BusinessUnit.MINUTE))
    assert hours.between(moment, due) == timedelta(minutes=minutes)
    # Through UTC: in the hour that comes twice, wall-clock arithmetic lands an hour off.
    assert hours.is_open(due.astimezone(UTC) - timedelta(seconds=1))


@pytest.mark.parametrize("text", ["1 business day", "3 business days", "4 hours", "1 hour", "90 minutes"])
def test_a_span_reads_as_it_was_written(text: str) -> None:
    assert str(BusinessTime.parse(text)) == text


def test_a_span_may_be_written_with_loose_spaces_and_capitals() -> None:
    assert BusinessTime.parse("  2  Business   Days ") == BusinessTime.parse("2 business days")


@pytest.mark.parametrize("row", TABLE["refused_spans"], ids=lambda row: row["text"])
def test_a_span_that_means_nothing_is_refused_with_a_sentence(row: Mapping[str, str]) -> None:
    with pytest.raises(ValueError, match=row["says"]):
        BusinessTime.parse(row["text"])


@pytest.mark.parametrize("row", TABLE["refused_openings"], ids=lambda row: row["text"])
def test_an_opening_that_means_nothing_is_refused_with_a_sentence(row: Mapping[str, str]) -> None:
    with pytest.raises(ValueError, match=row["says"]):
        Opening.parse(row["text"])


def test_an_opening_that_ends_the_day_is_written_with_24_00() -> None:
    evening = Opening.parse("18:00-24:00")
    assert evening.length == timedelta(hours=6)
    assert str(evening) == "18:00-24:00"


def test_a_business_day_is_the_most_common_day_of_the_week() -> None:
    short = (Opening(time(9), time(14)),)
    hours = WorkingHours(
        zone=ZoneInfo("Europe/Madrid"),
        week={0: OFFICE, 1: OFFICE, 2: OFFICE, 3: OFFICE, 4: short, 5: (), 6: ()},
        holidays=frozenset(),
    )
    assert hours.business_day == timedelta(hours=8)


def test_of_equally_common_days_the_longest_is_the_business_day() -> None:
    hours = WorkingHours(
        zone=ZoneInfo("Europe/Madrid"),
        week={0: OFFICE, 5: (Opening(time(9), time(12)),)},
        holidays=frozenset(),
    )
    assert hours.business_day == timedelta(hours=8)


def test_the_desk_is_open_from_its_first_minute_and_closed_at_its_last() -> None:
    hours = desk("madrid")
    assert not hours.is_open(at(hours, "2026-11-24 08:59"))
    assert hours.is_open(at(hours, "2026-11-24 09:00"))
    assert hours.is_open(at(hours, "2026-11-24 16:59"))
    assert not hours.is_open(at(hours, "2026-11-24 17:00"))
    assert not hours.is_open(at(hours, "2026-12-08 10:00"))


def test_no_open_time_passes_where_the_end_comes_first() -> None:
    hours = desk("madrid")
    assert hours.between(at(hours, "2026-11-25 12:00"), at(hours, "2026-11-24 12:00")) == timedelta(0)


def test_a_week_without_an_opening_is_refused() -> None:
    with pytest.raises(NeverOpen, match="closed all week"):
        WorkingHours(zone=ZoneInfo("Europe/Madrid"), week={0: ()}, holidays=frozenset())


def test_a_desk_that_stays_closed_for_a_year_promises_nothing() -> None:
    class EveryDay:
        def __contains__(self, day: object) -> bool:
            return True

    hours = WorkingHours(zone=ZoneInfo("Europe/Madrid"), week={0: OFFICE}, holidays=EveryDay())
    with pytest.raises(NeverOpen, match="closed for a year after 2026-11-24"):
        hours.add(at(hours, "2026-11-24 12:00"), BusinessTime.parse("1 hour"))


def test_openings_of_a_day_that_overlap_are_refused() -> None:
    with pytest.raises(ValueError, match="overlap"):
        WorkingHours(
            zone=ZoneInfo("Europe/Madrid"),
            week={0: (Opening(time(9), time(14)), Opening(time(13), time(18)))},
            holidays=frozenset(),
        )


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        desk("madrid").add(datetime(2026, 11, 24, 12), BusinessTime.parse("1 hour"))  # noqa: DTZ001


def test_days_of_our_own_close_the_desk_like_public_holidays() -> None:
    ours = public_holidays("ES", "MD", [date(2026, 12, 24)])
    assert date(2026, 12, 24) in ours
    assert date(2026, 12, 25) in ours
    assert date(2026, 12, 23) not in ours


def test_a_new_years_day_observed_in_the_old_year_closes_the_desk() -> None:
    assert date(2027, 12, 31) in public_holidays("US")


def test_a_desk_may_keep_no_public_holidays() -> None:
    assert date(2026, 12, 25) not in public_holidays()


@pytest.mark.parametrize(
    ("country", "region", "says"),
    [("XX", None, "no country"), ("ES", "ZZ", "no region of ES"), (None, "MD", "needs a country")],
)
def test_an_unknown_place_is_refused_with_a_sentence(
    country: str | None, region: str | None, says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        public_holidays(country, region)
