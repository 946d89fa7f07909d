"""The site as a reader's browser shows it."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request

from .conftest import BuiltSite

PAGES = {
    "home": "/",
    "category": "/en/payments/",
    "article": "/en/refunds/refund-for-a-game/",
    "Spanish home": "/es/",
    "Spanish article": "/es/community/report-a-player/",
    "nothing": "/en/no-such-page/",
}
ARTICLE = PAGES["article"]


@pytest.fixture
def page(browser: Browser, built_site: BuiltSite) -> Iterator[Page]:
    context = browser.new_context(base_url=built_site.address, viewport={"width": 1280, "height": 800})
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(page: Page, name: str, width: int, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(PAGES[name])

    results = Axe().run(page)

    assert results.violations_count == 0, results.generate_report()
