"""Pages of questions, and what is read most."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.freshness.signals import read_signals
from tests.site.conftest import Desk


def test_a_category_has_a_page_of_its_questions_each_with_a_place_of_its_own(
    desk: Desk, build_site: Callable[..., Path]
) -> None:
    desk.write("en/refunds/refund", questions=["How do I get my money back?", "Where is it?"])
    desk.write("en/payments/card", questions=[])
    site = build_site()

    page = (site / "en/refunds/questions/index.html").read_text("utf-8")
    assert '<details class="faq__item" id="refund-2">' in page
    assert "Ask for your money back within 14 days" in page
    assert 'href="../../en/refunds/questions/"' in (site / "en/refunds/index.html").read_text("utf-8")
    assert not (site / "en/payments/questions").exists()


def test_an_article_keeps_the_address_that_it_has(desk: Desk) -> None:
    desk.write("en/refunds/questions")
    addresses = [page.address for page in desk.site().generated()]

    assert "/en/refunds/questions/" not in addresses


@pytest.mark.parametrize("counted", [{"views": 9}, {"opened": 5, "helpful": 2}])
def test_the_home_page_knows_what_is_read_most(desk: Desk, tmp_path: Path, counted: dict[str, int]) -> None:
    for name in ("refund", "late", "never"):
        desk.write(f"en/refunds/{name}")
    rows = [
        {"article": "refund", "lang": "en", "version": 1, "opened": 1},
        {"article": "late", "lang": "en", "version": 1, **counted},
    ]
    file = tmp_path / "signals.json"
    file.write_text(json.dumps({"articles": rows}), encoding="utf-8")

    home = desk.site(signals=read_signals(file)).home("en")
    assert [link.title for link in home.popular] == ["Late", "Refund"]
    assert desk.site().home("en").popular == ()
