"""The words of our mails: templates by language, dates and hours as people of that language write them."""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from functools import cached_property
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_datetime, get_day_names, get_timezone_location
from css_inline import CSSInliner
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context
from markupsafe import Markup, escape

from deflector.working_time import Opening, WorkingHours

log = logging.getLogger(__name__)

TEMPLATES = Path(__file__).with_name("templates")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """One mail in words, before it has an address."""

    subject: str
    text: str
    html: str


class Templates:
    """The templates of our mails: the desk's own first (`<folder>/<lang>/ticket.txt`), then ours.

    A desk may overwrite single files, or add a language by writing all of them. A ticket never waits for a
    template: where the desk's own cannot be filled in, ours is used and the log says so.
    """

    def __init__(self, own: Path | None = None) -> None:
        self._folders = [TEMPLATES] if own is None or not own.is_dir() else [own, TEMPLATES]
        self._environment = _environment(self._folders) if len(self._folders) > 1 else _BUILT_IN

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """List the languages that mails are written in."""
        wanted = set(templates_of("en"))
        found = {folder.name for top in self._folders for folder in top.iterdir() if folder.is_dir()}
        return tuple(
            sorted(
                lang
                for lang in found
                if wanted <= {name for top in self._folders for name in _files(top / lang)}
            )
        )

    def best_language(self, wanted: str, fallbacks: tuple[str, ...]) -> str:
        """Choose a mail's language: the one wanted, a broader form of it (RFC 4647, 3.4), or a fall-back."""
        for candidate in (wanted, *fallbacks):
            tag = candidate.lower()
            while tag:
                if tag in self.languages:
                    return tag
                tag = tag.rpartition("-")[0]
        return "en"

    def render(self, template: str, lang: str, values: Mapping[str, object]) -> Wording:
        """Fill in both parts of a template. The first line of the text part is the subject."""
        words = {**values, "lang": lang, "direction": direction(lang)}
        try:
            return _filled(self._environment, template, lang, words)
        except Exception as exc:
            if len(self._folders) == 1:
                raise
            # A fault in a desk's own template may be of any kind; its words may hold what a person wrote.
            log.error("own template not used template=%s/%s fault=%s", lang, template, type(exc).__name__)
            if not (TEMPLATES / lang).is_dir():
                lang = words["lang"] = "en"
                words["direction"] = direction(lang)
            return _filled(_BUILT_IN, template, lang, words)


def _filled(environment: Environment, template: str, lang: str, words: Mapping[str, object]) -> Wording:
    text = environment.get_template(f"{lang}/{template}.txt").render(words)
    subject, _, rest = text.partition("\n")
    html = environment.get_template(f"{lang}/{template}.html").render(words, title=subject)
    return Wording(subject=subject, text=rest.lstrip("\n"), html=_INLINER.inline(html))


def direction(lang: str) -> str:
    return str(Locale.parse(lang).text_direction)


def city_of(zone: ZoneInfo, lang: str) -> str:
    """Name a time zone by its city, as in "New York" or "Nueva York"."""
    return get_timezone_location(zone, locale=lang, return_city=True)


def language_name(code: str, lang: str) -> str:
    """Name a language in another one; a code that nobody knows stays as it is."""
    try:
        return Locale.parse(code, sep="-").get_display_name(lang) or code
    except (ValueError, UnknownLocaleError):
        return code


def opening_days(hours: WorkingHours, lang: str) -> list[tuple[str, str, str]]:
    """Describe a week as (first day, last day, times), joining days in a row with the same times."""
    names = get_day_names("wide", "stand-alone", locale=lang)
    stretches = []
    for openings, group in groupby(range(7), key=lambda day: hours.week.get(day, ())):
        days = list(group)
        if openings:
            stretches.append((names[days[0]], names[days[-1]], ", ".join(map(_times, openings))))
    return stretches


def _times(opening: Opening) -> str:
    end = "24:00" if opening.end == time(0) else f"{opening.end:%H:%M}"
    return f"{opening.start:%H:%M}–{end}"


@pass_context
def _written(context: Context, moment: datetime, pattern: str) -> str:
    """Write a moment by a pattern of Unicode's (UTS 35) in the language of the template."""
    return format_datetime(moment, pattern, locale=context["lang"])


def _indented(text: str) -> str:
    """Set outside text apart: no line of it can pass for one of ours, which start in the first column."""
    return "\n".join(f"    {line}".rstrip() for line in text.splitlines())


def _lines(text: str) -> Markup:
    """Escape text and keep its lines; mail programs do not agree on `white-space: pre-wrap`."""
    return Markup("<br>\n").join(_spaced(line) for line in text.splitlines())


def _spaced(line: str) -> Markup:
    indent = re.match(r" *", line)
    width = len(indent[0]) if indent else 0
    return Markup("&nbsp;") * width + escape(line[width:])


def templates_of(lang: str) -> Iterator[str]:
    """List what we write in a language, as `ticket.txt`."""
    return _files(TEMPLATES / lang)


def _files(folder: Path) -> Iterator[str]:
    return (path.name for path in sorted(folder.glob("*.*")))


def _environment(folders: Sequence[Path]) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(folders),
        autoescape=select_autoescape(["html"], default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(written=_written, indented=_indented, lines=_lines)
    return environment


_BUILT_IN = _environment([TEMPLATES])
# Rules under @media cannot stand in an element and stay in the sheet. Nothing is fetched, from nowhere.
_INLINER = CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
