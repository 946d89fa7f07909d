"""Working hours: when the desk is open, and when a promised span of open time has passed.

Spans are counted in open time. One business day is as long as the desk's usual opening day, so that
"1 business day" from Wednesday 16:30 ends at 16:30 on the next day the desk opens.
All sums run in UTC; the desk's zone only says where its openings lie.
"""

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import holidays as holiday_calendars

MIDNIGHT = time(0, 0)
ONE_DAY = timedelta(days=1)
LONGEST_CLOSURE = 366  # days; beyond this the calendar is wrong, not the desk on holiday
LONGEST_SPAN = {"business day": 366, "hour": 24 * 366, "minute": 24 * 60 * 366}


class NeverOpen(ValueError):
    """Says that the desk does not open within a year, so that no moment can be promised."""


class BusinessUnit(StrEnum):
    """What a span of open time is counted in."""

    DAY = "business day"
    HOUR = "hour"
    MINUTE = "minute"


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessTime:
    """A span of open time, such as "1 business day", "4 hours" or "90 minutes"."""

    amount: int
    unit: BusinessUnit

    def __post_init__(self) -> None:
        if not 1 <= self.amount <= LONGEST_SPAN[self.unit]:
            raise ValueError(
                f'"{self}" is out of range. Write between 1 and {LONGEST_SPAN[self.unit]} {self.unit}s.'
            )

    @classmethod
    def parse(cls, text: str) -> "BusinessTime":
        """Read a span as a person writes it. Raises ValueError with a sentence."""
        found = re.fullmatch(r"([0-9]{1,7})\s+(business\s+day|hour|minute)s?", text.strip(), re.IGNORECASE)
        if found is None:
            raise ValueError(
                f'"{text}" is no span of working time. '
                "Write a whole number and a unit: 1 business day, 4 hours or 90 minutes."
            )
        return cls(amount=int(found[1]), unit=BusinessUnit(" ".join(found[2].lower().split())))

    def __str__(self) -> str:
        return f"{self.amount} {self.unit}{'' if self.amount == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class Opening:
    """One stretch of a day in which the desk is open, in wall-clock time.

    An `end` of 00:00 is the midnight that closes the day, which people write as 24:00.
    """

    start: time
    end: time

    def __post_init__(self) -> None:
        if self.start.tzinfo or self.end.tzinfo:
            raise ValueError("An opening is written in the wall-clock time of the desk, without a time zone.")
        if self.end != MIDNIGHT and self.end <= self.start:
            raise ValueError(f'"{self}" ends before it starts. Write the earlier time first: 09:00-17:00.')

    @classmethod
    def parse(cls, text: str) -> "Opening":
        """Read `09:00-17:00` or `18:00-24:00`. Raises ValueError with a sentence."""
        found = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})\s*[-–]\s*([0-9]{1,2}):([0-9]{2})", text.strip())
        problem = f'"{text}" is no opening time. Write hours and minutes: 09:00-17:00, or 18:00-24:00.'
        if found is None:
            raise ValueError(problem)
        start_hour, start_minute, end_hour, end_minute = map(int, found.groups())
        if (end_hour, end_minute) == (24, 0):
            end_hour = 0
        elif (end_hour, end_minute) == (0, 0):
            raise ValueError(f'"{text}" ends at 00:00. Write 24:00 for the end of the day.')
        try:
            start, end = time(start_hour, start_minute), time(end_hour, end_minute)
        except ValueError:
            raise ValueError(problem) from None
        return cls(start, end)

    @property
    def length(self) -> timedelta:
        """The length on an ordinary day, one without a change of the clock."""
        return timedelta(minutes=(self._minute(self.end) or 24 * 60) - self._minute(self.start))

    @staticmethod
    def _minute(moment: time) -> int:
        return moment.hour * 60 + moment.minute

    def __str__(self) -> str:
        end = "24:00" if self.end == MIDNIGHT else f"{self.end:%H:%M}"
        return f"{self.start:%H:%M}-{end}"


@dataclass(frozen=True, kw_only=True)
class WorkingHours:
    """The hours of a support desk: its zone, its week (0 is Monday) and the days on which it stays closed.

    Raises NeverOpen for a week without an opening, ValueError for openings that overlap.
    """

    zone: ZoneInfo
    week: Mapping[int, tuple[Opening, ...]]
    holidays: Container[date]

    def __post_init__(self) -> None:
        for weekday, openings in self.week.items():
            if weekday not in range(7):
                raise ValueError(f"{weekday} is no weekday. Monday is 0, Sunday is 6.")
            for earlier, later in pairwise(openings):
                if earlier.end == MIDNIGHT or later.start < earlier.end:
                    raise ValueError(
                        f'The openings "{earlier}" and "{later}" of one day overlap or are out of order. '
                        "Write them one after the other."
                    )
        if not any(self.week.values()):
            raise NeverOpen("The desk is closed all week. Name at least one day with opening hours.")

    @cached_property
    def business_day(self) -> timedelta:
        """The open time of the usual opening day: the most common one, the longest of equals."""
        lengths = Counter(_total(openings) for openings in self.week.values() if openings)
        return max(lengths, key=lambda length: (lengths[length], length))

    def open_time(self, span: BusinessTime) -> timedelta:
        """Say how much open time a span means at this desk."""
        match span.unit:
            case BusinessUnit.DAY:
                return span.amount * self.business_day
            case BusinessUnit.HOUR:
                return timedelta(hours=span.amount)
            case BusinessUnit.MINUTE:
                return timedelta(minutes=span.amount)

    def add(self, moment: datetime, span: BusinessTime) -> datetime:
        """Find the moment at which `span` of open time has passed since `moment`, in the desk's zone.

        Raises NeverOpen where the desk stays closed for more than a year on end.
        """
        left, since = self.open_time(span), _utc(moment)
        closed = 0
        for day in _days_from(since.astimezone(self.zone).date()):
            closed += 1
            for start, end in self._stretches(day):
                closed = 0
                begin = max(start, since)
                if end - begin >= left:
                    return (begin + left).astimezone(self.zone)
                left -= max(end - begin, timedelta(0))
            if closed >= LONGEST_CLOSURE:
                break
        raise NeverOpen(
            f"The desk stays closed for a year after {moment:%Y-%m-%d}. Check its opening days and holidays."
        )

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Measure the open time from `start` to `end`; none where `end` comes first."""
        since, until = _utc(start), _utc(end)
        total, last = timedelta(0), until.astimezone(self.zone).date()
        for day in _days_from(since.astimezone(self.zone).date()):
            if day > last:
                break
            for opens, closes in self._stretches(day):
                total += max(min(closes, until) - max(opens, since), timedelta(0))
        return total

    def is_open(self, moment: datetime) -> bool:
        """Say whether somebody is at the desk; the closing minute itself is closed."""
        at = _utc(moment)
        return any(start <= at < end for start, end in self._stretches(at.astimezone(self.zone).date()))

    def _stretches(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """Give the openings of a calendar day as pairs of UTC moments, none on a holiday."""
        if day in self.holidays:
            return
        for opening in self.week.get(day.weekday(), ()):
            start = self._moment(day, opening.start)
            end = self._moment(day + ONE_DAY if opening.end == MIDNIGHT else day, opening.end)
            if start < end:
                yield start, end

    def _moment(self, day: date, at: time) -> datetime:
        """Turn wall-clock time into UTC.

        A time that the clock skips means the first minute after the gap; a time that comes twice, its first.
        """
        wall = datetime.combine(day, at)
        while True:
            moment = wall.replace(tzinfo=self.zone).astimezone(UTC)
            if moment.astimezone(self.zone).replace(tzinfo=None) == wall:
                return moment
            wall = wall.replace(second=0, microsecond=0) + timedelta(minutes=1)


def _total(openings: Iterable[Opening]) -> timedelta:
    return sum((opening.length for opening in openings), timedelta(0))


def _utc(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError("Working time is measured between moments with a time zone; this one has none.")
    return moment.astimezone(UTC)


def _days_from(day: date) -> Iterator[date]:
    while True:
        yield day
        day += ONE_DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicHolidays(Container[date]):
    """The public holidays of a country or region, and the desk's own closed days."""

    country: str | None
    region: str | None
    extra: frozenset[date]

    def __contains__(self, day: object) -> bool:
        if not isinstance(day, date):
            return False
        return day in self.extra or (
            self.country is not None and day in _holidays_of_year(self.country, self.region, day.year)
        )


def public_holidays(
    country: str | None = None, region: str | None = None, extra: Iterable[date] = ()
) -> PublicHolidays:
    """Take the holidays of an ISO 3166 country code and, where it has them, a subdivision.

    Years are worked out when they are first asked for. Raises ValueError for a place that the `holidays`
    library does not know.
    """
    if country is not None:
        known = holiday_calendars.list_supported_countries()
        if country not in known:
            raise ValueError(
                f'"{country}" is no country with known holidays. Write its two-letter code, such as ES or US.'
            )
        if region is not None and region not in known[country]:
            choice = ", ".join(known[country]) or "none: leave the region out"
            raise ValueError(f'"{region}" is no region of {country}. Known regions: {choice}.')
    elif region is not None:
        raise ValueError(f'The region "{region}" needs a country. Name the country as well.')
    return PublicHolidays(country=country, region=region, extra=frozenset(extra))


@lru_cache(maxsize=256)
def _holidays_of_year(country: str, region: str | None, year: int) -> frozenset[date]:
    """Work out one year at a time: the library's own lazy years are not safe between threads."""
    return frozenset(holiday_calendars.country_holidays(country, subdiv=region, years=year, expand=False))
