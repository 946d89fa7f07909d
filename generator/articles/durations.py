"""Lengths of time as people write them, added to dates by the calendar."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Self

LONGEST_IN_MONTHS: Final = 120

_WORDS = re.compile(r"(?P<count>[0-9]{1,4})\s+(?P<unit>day|week|month|year)s?")
_ISO = re.compile(r"P(?=\d)(?:([0-9]{1,4})Y)?(?:([0-9]{1,4})M)?(?:([0-9]{1,4})W)?(?:([0-9]{1,4})D)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """A number of calendar months and days.

    Months are added first and fall back to the last day of a shorter month (31 January + 1 month =
    28 February), then days, as in XML Schema 1.0 part 2, appendix E.
    """

    months: int = 0
    days: int = 0

    def __post_init__(self) -> None:
        if self.months < 0 or self.days < 0 or self.months + self.days == 0:
            raise ValueError("A duration is longer than nothing.")
        if self.months + self.days / 30 > LONGEST_IN_MONTHS:
            raise ValueError(f"A duration is at most {LONGEST_IN_MONTHS // 12} years.")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "6 months", "90 days", "2 weeks", "1 year", "1 year 6 months", or ISO 8601 such as "P6M".

        Raises ValueError for anything else, for nothing at all, and beyond ten years.
        """
        text = text.strip()
        iso = _ISO.fullmatch(text.upper())
        if iso:
            years, months, weeks, days = (int(part or 0) for part in iso.groups())
            return cls(months=12 * years + months, days=7 * weeks + days)
        parts = [part for part in re.split(r"\s*(?:,|\band\b)\s*|(?<=[a-z])\s+(?=\d)", text.lower()) if part]
        counted = {"day": 0, "week": 0, "month": 0, "year": 0}
        for part in parts:
            match = _WORDS.fullmatch(part)
            if match is None:
                raise ValueError(f'"{text}" is not a duration.')
            counted[match["unit"]] += int(match["count"])
        return cls(months=12 * counted["year"] + counted["month"], days=7 * counted["week"] + counted["day"])

    def __radd__(self, start: date) -> date:
        month = start.month - 1 + self.months
        year, month = start.year + month // 12, month % 12 + 1
        day = min(start.day, calendar.monthrange(year, month)[1])
        return date(year, month, day) + timedelta(days=self.days)

    def __str__(self) -> str:
        years, months = divmod(self.months, 12)
        weeks, days = divmod(self.days, 7)
        if years and months:  # "18 months" reads better than "1 year 6 months"
            years, months = 0, self.months
        if days:
            weeks, days = 0, self.days
        counted = ((years, "year"), (months, "month"), (weeks, "week"), (days, "day"))
        return " ".join(f"{count} {unit}{'s' if count > 1 else ''}" for count, unit in counted if count)
