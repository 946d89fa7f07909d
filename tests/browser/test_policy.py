"""The site under its own strict policy: everything works, and nothing that is slipped in runs."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser.conftest import BuiltSite
from tests.browser.help_desk import help_desk
from tests.browser.test_site import ARTICLE, context_of

PAGES = (
    "/",
    "/en/payments/",
    ARTICLE,
    "/es/",
    "/ar/refunds/refund-for-a-game/",
    "/en/no-such-page/",
    "/contact",
)


@pytest.fixture(scope="module")
def context(
    browser: Browser, built_site: BuiltSite, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    with (
        help_desk(
            catalogue=built_site.catalogue,
            folder=tmp_path_factory.mktemp("policy"),
            site=built_site.folder,
            now=lambda: datetime(2026, 11, 22, 12, 0, tzinfo=UTC),
        ) as desk,
        context_of(browser, desk.address) as context,
    ):
        yield context


def test_every_kind_of_page_keeps_to_the_policy(context: BrowserContext) -> None:
    page = context.new_page()
    broken: list[str] = []
    page.on("console", lambda message: broken.append(message.text) if "Policy" in message.text else None)
    for address in PAGES:
        answer = page.goto(address, wait_until="networkidle")
        assert answer is not None
        assert "default-src 'none'" in answer.headers["content-security-policy"], address
    page.goto("/")
    page.get_by_role("searchbox").press_sequentially("charged twice", delay=5)
    expect(page.locator("[data-suggest-list] > li").first).to_be_visible()

    assert broken == []


def test_a_script_that_is_slipped_into_a_page_does_not_run(context: BrowserContext) -> None:
    page = context.new_page()
    for address in PAGES:
        page.goto(address)
        stopped = page.evaluate(
            """async () => {
                const stopped = [];
                const both = new Promise(on => addEventListener("securitypolicyviolation", event => {
                    const { effectiveDirective: kind } = event;
                    if (kind.startsWith("script-src")) stopped.push(kind);
                    if (new Set(stopped).size === 2) on(stopped);
                }));
                const script = document.createElement("script");
                script.textContent = "window.hasRun = true";
                document.body.append(script);
                document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.hasRun = true'>");
                return both;
            }"""
        )
        assert set(stopped) == {"script-src-elem", "script-src-attr"}, address
        assert page.evaluate("window.hasRun") is None, address
    page.close()
