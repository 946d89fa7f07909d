"""Rendered Markdown → HTML that cannot act: what an article may say on a page, and nothing else."""

import re
from collections.abc import Mapping
from typing import Final

import nh3

_TEXT: Final = (
    "a abbr b bdi bdo br cite code del dfn em i ins kbd mark q s samp small span strong sub sup time u wbr"
)
_BLOCKS: Final = (
    "p div h1 h2 h3 h4 h5 h6 ul ol li dl dt dd blockquote pre hr figure figcaption details summary section"
)
_TABLES: Final = "table caption colgroup col thead tbody tfoot tr th td"
_MEDIA: Final = "img video audio source track picture"
_TABS: Final = "input label"
_ATTRIBUTES: Final[Mapping[str, set[str]]] = {
    "*": {"id", "class", "title", "lang", "dir"},
    "a": {"href", "hreflang"},
    "img": {"src", "alt", "width", "height", "loading"},
    "video": {"src", "poster", "controls", "width", "height", "preload"},
    "audio": {"src", "controls", "preload"},
    "source": {"src", "type"},
    "track": {"src", "kind", "srclang", "label", "default"},
    "th": {"colspan", "rowspan", "scope", "style"},
    "td": {"colspan", "rowspan", "style"},
    "ol": {"start", "type", "reversed"},
    "details": {"open"},
    "time": {"datetime"},
    "input": {"name", "checked", "disabled"},
    "label": {"for"},
}
_FIRST_HEADING: Final = re.compile(r"\s*<h1(?:[^>]* id=\"([^\"]*)\")?[^>]*>.*?</h1>", re.DOTALL)
_TABLE: Final = re.compile(r"<table>(.*?)</table>", re.DOTALL)
_EMPTY_HEAD: Final = re.compile(r"<th([^>]*)>\s*</th>")
_COLUMN: Final = re.compile(r"<th\b")
_KINDLESS_INPUT: Final = re.compile(r'<input(?![^>]* type=")[^>]*>')
_ALIGNMENT: Final = re.compile(r'style="text-align:(left|right|center)"')
_PERMALINK: Final = re.compile(r'(<a class="headerlink" href="[^"]*") title="[^"]*"')
_BOX: Final = re.compile(
    r'<(?:div class="admonition|details class=")\s?(?P<kind>[a-z]+)\b[^>]*>\s*'
    r'(?:<p class="admonition-title">|<summary>)(?P<title>[^<]*)<'
)
_MOST_COLUMNS: Final = 3
"""So many columns of words still fit on a phone; a wider table scrolls in a frame of its own."""

_cleaner: Final = nh3.Cleaner(
    tags=set(" ".join((_TEXT, _BLOCKS, _TABLES, _MEDIA, _TABS)).split()),
    attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
    # Markdown's tabs and task lists are made of these two kinds, and of no other.
    tag_attribute_values={"input": {"type": {"radio", "checkbox"}}},
    filter_style_properties={"text-align"},
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel=None,
)


def sanitised(html: str) -> str:
    """Drop everything that could run, load or submit: scripts, handlers, frames, forms, foreign schemes.

    The alignment of table cells is kept as `data-align`, since a strict policy forbids styles in elements.
    """
    return _ALIGNMENT.sub(r'data-align="\1"', _KINDLESS_INPUT.sub("", _cleaner.clean(html)))


def without_title(html: str) -> tuple[str, str | None]:
    """Take away a first-level heading that opens an article, since the page shows the title itself.

    Returns the rest and the heading's id, so that links to it still lead somewhere.
    """
    match = _FIRST_HEADING.match(html)
    return (html[match.end() :], match[1]) if match else (html, None)


def with_named_boxes(html: str, names: Mapping[str, str]) -> str:
    """Name the boxes that their writer gave no title, e.g. `!!! note`, by `names`: {"note": "Nota"}.

    Markdown calls each by its kind, in English whatever the article's language is.
    """

    def named(match: re.Match[str]) -> str:
        kind, title = match["kind"], match["title"]
        if title != kind.capitalize() or kind not in names:
            return match[0]
        return f"{match[0].removesuffix(f'{title}<')}{names[kind]}<"

    return _BOX.sub(named, html)


def with_framed_tables(html: str, label: str) -> str:
    """Put tables into frames; one that may be wider than a phone can be scrolled, by keyboard as well."""

    def framed(match: re.Match[str]) -> str:
        is_wide = len(_COLUMN.findall(match[1].partition("</tr>")[0])) > _MOST_COLUMNS
        scrolls = f' role="group" aria-label="{label}" tabindex="0"' if is_wide else ""
        corner = _EMPTY_HEAD.sub(r"<td\1></td>", match[0])  # nothing stands there that could head a column
        return f'<div class="table"{scrolls}>{corner}</div>'

    return _TABLE.sub(framed, html)


def with_quiet_permalinks(html: str, label: str) -> str:
    """Keep the links that headings have to themselves for the mouse only.

    A screen reader would read them as part of each heading, and the page's contents list the same links.
    """
    quiet = f' title="{label}" tabindex="-1" aria-hidden="true"'
    return _PERMALINK.sub(lambda match: match[1] + quiet, html)
