from typing import Any

import pytest

from generator.sections import sections_of
from tests.generator.conftest import table


@pytest.mark.parametrize("row", table("sections"), ids=lambda row: row["that"])
def test_sections(row: dict[str, Any]) -> None:
    found = [[one.anchor, one.heading, one.text] for one in sections_of(row["html"], title="The title")]
    assert found == row["sections"]


def test_a_page_nested_thousands_of_levels_deep_is_read() -> None:
    page = "<div>" * 3_000 + "deep" + "</div>" * 3_000
    assert all(one.text == "deep" for one in sections_of(page))
