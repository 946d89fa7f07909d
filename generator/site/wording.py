"""The site's own words in each language, with its dates and plurals."""

from collections.abc import Mapping
from datetime import date
from functools import cache, cached_property
from importlib.resources import files
from typing import Final, Self

import yaml
from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_decimal
from markupsafe import Markup, escape
from pydantic import BaseModel, ConfigDict

_TABLES: Final = files("generator.site") / "wordings"
FALLBACK: Final = "en"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Wording(BaseModel):
    """How the site speaks one language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lang: str
    name: str
    locale: str
    direction: str
    comma: str
    texts: Mapping[str, str]
    counts: Mapping[str, Mapping[str, str]]

    @classmethod
    @cache
    def of(cls, lang: str) -> Self:
        """Load the words of a language, e.g. "es".

        Where nobody has translated them yet the words are English; the name, the dates and the direction of
        writing are the language's own all the same, as far as Unicode CLDR knows it.
        """
        table = _TABLES / f"{lang}.yml"
        if table.is_file():
            texts = yaml.load(table.read_text("utf-8"), _LOADER)  # noqa: S506 - safe_load, but in C
            return cls.model_validate({"lang": lang, **texts})
        english = cls.of(FALLBACK)
        locale = _locale(lang)
        if locale is None:
            return english.model_copy(update={"lang": lang, "name": lang})
        own = {
            "lang": lang,
            "name": _capital(locale.display_name or lang),
            "locale": lang,
            "direction": "rtl" if locale.text_direction == "rtl" else "ltr",
        }
        return english.model_copy(update=own)

    def __call__(self, key: str, **values: object) -> Markup:
        """Say a text; what is put into it is escaped. Raises KeyError for a key that no table has."""
        return Markup(escape(self.texts[key])).format(**values)  # noqa: S704 - the table's text is escaped here

    @cached_property
    def boxes(self) -> Mapping[str, str]:
        """What boxes without a title are called, by their kind, e.g. {"note": "Nota", …}."""
        named = (key.partition("box.")[2] for key in self.texts)
        return {kind: self.texts[f"box.{kind}"] for kind in named if kind}

    def count(self, key: str, number: int) -> Markup:
        """Say a number of things in the language's plural form."""
        forms = self.counts[key]
        form = forms.get(self._cldr.plural_form(number), forms["other"])
        return Markup(escape(form)).format(count=format_decimal(number, locale=self._cldr))  # noqa: S704

    def forms(self, key: str) -> dict[str, str]:
        """Hand out all plural forms of a count, for a script that counts in the browser."""
        return dict(self.counts[key])

    def day(self, day: date) -> str:
        """Write a day out, e.g. 1 October 2026."""
        return format_date(day, format="long", locale=self._cldr)

    def language(self, lang: str) -> str:
        """Name a language in this one, e.g. "inglés" for "en"."""
        locale = _locale(lang)
        return (locale.get_display_name(self._cldr) if locale else None) or lang

    def short_day(self, day: date) -> str:
        """Write a day for a column, e.g. 1 Oct 2026."""
        return format_date(day, format="medium", locale=self._cldr)

    @property
    def _cldr(self) -> Locale:
        return _locale(self.locale) or Locale.parse(FALLBACK)


@cache
def _locale(tag: str) -> Locale | None:
    try:
        return Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return None


def languages() -> tuple[str, ...]:
    """List the languages whose words are written."""
    return tuple(
        sorted(path.name.removesuffix(".yml") for path in _TABLES.iterdir() if path.name.endswith(".yml"))
    )


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]
