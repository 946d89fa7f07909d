"""An article can say anything and do nothing."""

from pathlib import Path

import pytest
import yaml

from generator.site.sanitising import sanitised, with_framed_tables, with_quiet_permalinks, without_title

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
