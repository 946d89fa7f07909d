"""Addresses that lead nowhere: said in the right language, with what they may have meant."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import BuiltSite
from tests.browser.help_desk import help_desk
from tests.browser.test_site import context_of


@pytest.fixture(scope="module")
def page(browser: Browser, built_site: BuiltSite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with (
        help_desk(
            catalogue=built_site.catalogue,
            folder=tmp_path_factory.mktemp("missing"),
            site=built_site.folder,
            now=lambda: datetime(2026, 11, 22, 12, 0, tzinfo=UTC),
            languages=("en", "es", "ar"),
        ) as desk,
        context_of(browser, desk.address) as context,
    ):
        yield context.new_page()


@pytest.mark.parametrize(
    ("address", "lang", "direction", "title"),
    [
        ("/en/billing/charged-twise/", "en", "ltr", "You were charged twice"),
        ("/es/pagos/cobrado-dos-veces/", "es", "ltr", "Te cobraron dos veces"),
        ("/ar/نسيت-كلمة-المرور/", "ar", "rtl", "إعادة تعيين كلمة مرور منسية"),
    ],
)
def test_a_wrong_address_offers_what_it_may_have_meant(
    page: Page, address: str, lang: str, direction: str, title: str
) -> None:
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == 404
    expect(page.locator("html")).to_have_attribute("lang", lang)
    expect(page.locator("body")).to_have_attribute("dir", direction)

    expect(page.locator("[data-meant] a").first).to_have_text(title)
