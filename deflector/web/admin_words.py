"""How the dashboard says numbers and dates, in the language of whoever looks."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.numbers import format_decimal, format_percent

from deflector.measures.effect import FEWEST_FOR_A_RATE
from deflector.measures.intervals import Difference, Rate
from deflector.web import language

FOLDER = Path(__file__).parent / "strings/admin"
# The first is what is spoken where the browser asks for none that there is.
LANGUAGES = ("en", *sorted(path.stem for path in FOLDER.glob("*.yml") if path.stem != "en"))


class AdminWords:
    """The dashboard in one language."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.locale = language.locale_of(lang)
        content: dict[str, str] = yaml.safe_load((FOLDER / f"{lang}.yml").read_text(encoding="utf-8"))
        self.texts: Mapping[str, str] = content

    def say(self, name: str, /, **values: object) -> str:
        """Say a text, with what stands in it; numbers as people of the language write them."""
        return self.texts[name].format(**{key: self._shown(value) for key, value in values.items()})

    def count(self, name: str, n: int, /, **values: object) -> str:
        """Say a text that has a number in it, in the form that the number wants (Unicode plural rules)."""
        form = "one" if self.locale.plural_form(n) == "one" else "other"
        return self.say(f"{name}_{form}", n=n, **values)

    def stale_because(self, part: Mapping[str, Any]) -> tuple[str, str]:
        """Say a reason of an audit, and in which language: the audit's own where we have no words for it."""
        try:
            facts = dict(part["facts"])
            if "day" in facts:
                facts["day"] = self.day(date.fromisoformat(facts["day"]))
            name = f"stale_{part['why']}"
            if "n" in facts:
                return self.count(name, int(facts.pop("n")), **facts), self.lang
            return self.say(name, **facts), self.lang
        except (KeyError, TypeError, ValueError):
            return str(part.get("reason", "")), "en"

    def number(self, value: float) -> str:
        return format_decimal(value, locale=self.locale)

    def share(self, value: float) -> str:
        """Say a share as whole percent."""
        return format_percent(value, locale=self.locale)

    def language(self, lang: str) -> str:
        """Name a language in this one, e.g. "inglés" for "en"; its code where nobody knows it."""
        try:
            return Locale.parse(lang, sep="-").get_display_name(self.locale) or lang
        except (UnknownLocaleError, ValueError):
            return lang

    def day(self, when: date) -> str:
        return format_date(when, "medium", locale=self.locale)

    def short_day(self, when: date) -> str:
        """Say a day for the axis of a chart, without its year."""
        return format_date(when, "d MMM", locale=self.locale)

    def moment(self, when: datetime, zone: ZoneInfo) -> str:
        local = when.astimezone(zone)
        return f"{self.day(local.date())}, {format_time(local, 'HH:mm', locale=self.locale)}"

    def rate(self, rate: Rate) -> tuple[str, str]:
        """Say a share and its range; below 30 cases, the counts."""
        if rate.value is None or rate.low is None or rate.high is None:
            return "–", self.say("rate_nobody")
        counts = {"hits": rate.hits, "cases": rate.cases}
        if rate.cases < FEWEST_FOR_A_RATE:
            return self.say("of", **counts), self.say("rate_few", n=FEWEST_FOR_A_RATE)
        ends = {"low": self.share(rate.low), "high": self.share(rate.high)}
        return self.share(rate.value), self.say("rate_range", **ends, **counts)

    def points(self, found: Difference | None) -> tuple[str, str]:
        """Say a difference in percentage points, with its range."""
        if found is None:
            return "–", ""
        low, high = self._points(found.low), self._points(found.high)
        return self.say("points", n=self._points(found.value)), self.say("points_range", low=low, high=high)

    def span(self, span: timedelta | None) -> str:
        """Say a span as people do: 25 min, 3 h 10 min, 2 days 4 h."""
        if span is None:
            return "–"
        hours, minutes = divmod(round(span.total_seconds() / 60), 60)
        if hours >= 48:
            return self.say("days", d=hours // 24, h=hours % 24)
        return self.say("hours", h=hours, m=minutes) if hours else self.say("minutes", m=minutes)

    def _points(self, value: float) -> str:
        return format_decimal(value * 100, "+0.0;-0.0", locale=self.locale)

    def _shown(self, value: object) -> object:
        return self.number(value) if isinstance(value, int) else value


@cache
def admin_words(lang: str) -> AdminWords:
    return AdminWords(lang)
