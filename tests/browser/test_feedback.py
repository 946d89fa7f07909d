"""Was this helpful? Asked on each article, with and without a script."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import BuiltSite
from tests.browser.help_desk import HelpDesk, help_desk
from tests.browser.test_site import ARTICLE, context_of

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def desk(built_site: BuiltSite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HelpDesk]:
    with help_desk(
        catalogue=built_site.catalogue,
        folder=tmp_path_factory.mktemp("feedback"),
        site=built_site.folder,
        now=lambda: NOW,
    ) as desk:
        yield desk


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def page(request: pytest.FixtureRequest, browser: Browser, desk: HelpDesk) -> Iterator[Page]:
    with context_of(browser, desk.address, java_script_enabled=request.param) as context:
        yield context.new_page()


def said(desk: HelpDesk) -> dict[str, object]:
    """Return the newest word on an article."""
    with desk.store.reading() as tx:
        return dict([*tx.enquiries.loose(since=None, until=None, as_of=NOW)][-1].data)


def test_a_reader_says_why_an_article_did_not_help(page: Page, desk: HelpDesk) -> None:
    page.goto(ARTICLE)
    page.get_by_role("group", name="Was this helpful?").get_by_role("button", name="No").click()
    page.get_by_label("It does not match what I see").check()
    page.get_by_label("Anything else?").fill("The button is blue.")
    page.get_by_role("button", name="Send", exact=True).click()

    expect(page.get_by_text("Thank you.")).to_be_visible()
    assert said(desk) == {"helpful": False, "reason": "out_of_date", "comment": "The button is blue."}


def test_a_reader_says_that_an_article_helped(page: Page, desk: HelpDesk) -> None:
    page.goto(ARTICLE)
    page.get_by_role("group", name="Was this helpful?").get_by_role("button", name="Yes").click()

    expect(page.get_by_text("Thank you.")).to_be_visible()
    assert said(desk)["helpful"] is True


def test_the_reason_is_asked_where_the_focus_goes(browser: Browser, desk: HelpDesk) -> None:
    with context_of(browser, desk.address) as context:
        page = context.new_page()
        page.goto(ARTICLE)
        page.get_by_role("button", name="No", exact=True).click()
        expect(page.get_by_text("What was missing?")).to_be_focused()
