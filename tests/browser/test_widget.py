"""The help button on another page: another origin, a strict policy, a shadow tree."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import BuiltSite
from tests.browser.help_desk import HelpDesk, help_desk
from tests.browser.shop import open_shop
from tests.browser.test_site import context_of


@pytest.fixture(scope="module")
def shop() -> Iterator[tuple[str, list[str]]]:
    with open_shop() as shop:
        yield shop


@pytest.fixture(scope="module")
def desk(
    built_site: BuiltSite, shop: tuple[str, list[str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[HelpDesk]:
    with help_desk(
        catalogue=built_site.catalogue,
        folder=tmp_path_factory.mktemp("widget"),
        now=lambda: datetime(2026, 11, 23, 9, 0, tzinfo=UTC),
        origins=[shop[0]],
    ) as desk:
        shop[1].append(desk.address)
        yield desk


@pytest.fixture
def page(browser: Browser, desk: HelpDesk, shop: tuple[str, list[str]]) -> Iterator[Page]:
    with context_of(browser, shop[0]) as context:
        page = context.new_page()
        refused: list[str] = []
        page.on("console", lambda said: refused.append(said.text) if "Policy" in said.text else None)
        page.goto("/checkout?secret=1")
        yield page
        assert refused == []


def test_help_answers_on_another_page_and_gives_the_focus_back(page: Page) -> None:
    page.get_by_role("button", name="Help").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your message")).to_be_focused()
    page.keyboard.type("get a refund for a game", delay=5)
    answer = page.get_by_role("dialog").get_by_role("listitem").first
    expect(answer).to_contain_text("refund")
    answer.locator("summary").click()

    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("button", name="Help")).to_be_focused()


def test_a_message_takes_two_steps_and_carries_the_page(page: Page, desk: HelpDesk) -> None:
    page.get_by_role("button", name="Help").click()
    page.get_by_label("Your message").fill("get a refund for a game")
    page.get_by_role("button", name="Send my message").click()
    expect(page.get_by_text("Please tell us your name")).to_be_visible()
    page.get_by_label("Your name").fill("Ada")
    page.get_by_label("Your email address").fill("ada@example.com")
    page.get_by_role("button", name="Send my message", exact=True).click()
    page.get_by_role("button", name="None of these helped: send my message").click()

    number = page.locator(".number")
    expect(number).to_be_visible()
    with desk.store.reading() as tx:
        ticket = tx.tickets.find(number.inner_text())
    assert ticket is not None
    assert ticket.page is not None
    assert ticket.page.endswith("/checkout")


def test_an_open_answer_stays_while_the_search_is_less_sure(page: Page) -> None:
    answer = {
        "article": "a",
        "version": 1,
        "title": "A",
        "heading": "How to",
        "url": "/en/a/",
        "text": "Do it.",
    }

    def reply(route: Route) -> None:
        sure = "sure" in route.request.url
        route.fulfill(json={"question": "", "answerable": sure, "suggestions": [answer] if sure else []})

    page.route("**/api/suggest*", reply)
    page.get_by_role("button", name="Help").click()
    field = page.get_by_label("Your message")
    field.fill("I am sure")
    card = page.get_by_role("dialog").locator("details")
    card.locator("summary").click()
    with page.expect_response("**/api/suggest*settled=1*"):
        field.fill("I am not")

    expect(card).to_have_attribute("open", "")
    card.locator("summary").click()
    with page.expect_response("**/api/suggest*settled=1*"):
        field.fill("I am not, still")
    expect(card).to_have_count(0)
