from typing import Any

import pytest

from generator.sections import sections_of
from tests.generator.conftest import table


@pytest.mark.parametrize("row", table("sections"), ids=lambda row: row["that"])
def test_sections(row: dict[str, Any]) -> None:
    found = [[one.anchor, one.heading, one.text] for one in sections_of(row["html"], title="The title")]
    assert found == row["sections"]


def test_a_page_nested_a_thousand_levels_deep_is_read_to_its_end() -> None:
    page = "<div>" * 1_000 + "deep" + "</div>" * 1_000 + "<p>after</p>"
    assert [one.text for one in sections_of(page)] == ["deep\nafter"]


def test_a_page_nested_beyond_all_reason_is_no_error() -> None:
    assert sections_of("<div>" * 50_000) == ()
