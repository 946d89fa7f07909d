"""An article can say anything and do nothing."""

import re
from pathlib import Path

import pytest
import yaml
from markdown import Markdown

from generator.site.sanitising import (
    sanitised,
    with_framed_tables,
    with_named_boxes,
    with_quiet_permalinks,
    without_title,
)
from generator.site.wording import Wording, languages

CASES = yaml.safe_load((Path(__file__).parent / "sanitising.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_what_is_left_of_an_articles_html(case: dict[str, str]) -> None:
    assert sanitised(case["given"]) == case["kept"]


def test_a_heading_that_repeats_the_title_is_taken_away_and_its_id_kept() -> None:
    assert without_title('\n<h1 id="refunds">Refunds</h1>\n<p>Text</p>') == ("\n<p>Text</p>", "refunds")
    assert without_title("<h1>Refunds</h1><p>Text</p>") == ("<p>Text</p>", None)
    assert without_title('<p>Text</p><h1 id="b">B</h1>') == ('<p>Text</p><h1 id="b">B</h1>', None)


def test_a_table_too_wide_for_a_phone_can_be_scrolled_with_the_keyboard() -> None:
    narrow, wide = (f"<table><thead><tr>{'<th>A</th>' * columns}</tr></thead></table>" for columns in (3, 4))

    assert with_framed_tables(narrow, "Table") == f'<div class="table">{narrow}</div>'
    assert with_framed_tables(wide, "Table") == (
        f'<div class="table" role="group" aria-label="Table" tabindex="0">{wide}</div>'
    )


def test_links_to_headings_are_no_part_of_what_a_screen_reader_reads() -> None:
    given = '<h2 id="a">A<a class="headerlink" href="#a" title="Permanent link">¶</a></h2>'

    assert with_quiet_permalinks(given, "Enlace") == given.replace(
        'title="Permanent link"', 'title="Enlace" tabindex="-1" aria-hidden="true"'
    )


@pytest.mark.parametrize(
    ("markdown", "titles"),
    [
        ("!!! note\n    A", ["Nota"]),
        ("!!! warning inline end\n    A", ["Atención"]),
        ("??? tip\n    A", ["Consejo"]),
        ('!!! note "Note"\n    A\n\n!!! note "Antes de empezar"\n    B', ["Nota", "Antes de empezar"]),
        ("!!! playdeck\n    A kind of their own", ["Playdeck"]),
        ('!!! note ""\n    No title', []),
    ],
)
def test_a_box_without_a_title_is_named_in_the_articles_language(markdown: str, titles: list[str]) -> None:
    html = sanitised(Markdown(extensions=["admonition", "pymdownx.details"]).convert(markdown))

    named = with_named_boxes(html, Wording.of("es").boxes)

    assert re.findall(r'(?:<summary>|admonition-title">)(.*?)<', named) == titles


@pytest.mark.parametrize("lang", languages())
def test_every_language_names_the_same_kinds_of_boxes(lang: str) -> None:
    assert Wording.of(lang).boxes.keys() == Wording.of("en").boxes.keys()
