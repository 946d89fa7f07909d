"""What the form tells about what people see, and the dashboard in a real browser."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from deflector.model import EventKind
from deflector.roles import StaffRole
from deflector.staff import StaffDoor
from tests.browser.conftest import BuiltSite
from tests.browser.help_desk import HelpDesk, help_desk

PASSWORD = "correct horse battery"
NOW = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def desk(built_site: BuiltSite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HelpDesk]:
    folder = tmp_path_factory.mktemp("measuring")
    with help_desk(
        catalogue=built_site.catalogue, folder=folder, now=lambda: NOW, site=built_site.folder
    ) as desk:
        StaffDoor(store=desk.store, now=lambda: NOW).add("maya", PASSWORD, StaffRole.LEAD)
        yield desk


def test_the_form_tells_what_was_seen_opened_and_for_how_long(browser: Browser, desk: HelpDesk) -> None:
    page = browser.new_page()
    page.goto(f"{desk.address}/contact")
    page.get_by_role("textbox").first.fill("Get a refund for a game")
    head = page.locator("[data-suggest-list] summary").first
    expect(head).to_be_visible()
    head.click()
    page.wait_for_timeout(1500)  # a second in view, and a little reading
    with page.expect_response(lambda answer: answer.url.endswith("/events") and "closed" in told(answer)):
        head.click()
    page.close()

    with desk.store.reading() as tx:
        [(_, events)] = tx.enquiries.histories(since=None, until=None, as_of=datetime.max.replace(tzinfo=UTC))
    kinds = [event.kind for event in events]
    assert {EventKind.IMPRESSION, EventKind.OPENED, EventKind.CLOSED} <= set(kinds)
    closed = next(event for event in events if event.kind is EventKind.CLOSED)
    assert closed.client_id
    assert isinstance(closed.data["seconds"], float)
    assert closed.data["seconds"] >= 1


def told(answer: Any) -> str:
    return answer.request.post_data or ""


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_the_dashboard_can_be_used_by_everybody_and_fits_a_phone(
    browser: Browser, desk: HelpDesk, width: int, scheme: Any
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(f"{desk.address}/admin")
    assert_fine(page)
    page.get_by_label("Name").fill("maya")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="How it goes")).to_be_visible()
    assert_fine(page)
    page.get_by_role("link", name="What to write").click()
    expect(page.get_by_role("heading", name="What to write")).to_be_visible()
    assert_fine(page)
    assert complaints == []
    context.close()


def assert_fine(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    broken = Axe().run(page).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in broken] == []


def test_the_dashboard_needs_no_script(browser: Browser, desk: HelpDesk) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{desk.address}/admin/gaps")
    page.get_by_label("Name").fill("maya")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_role("heading", name="What to write")).to_be_visible()
    page.get_by_label("Period").select_option("90")
    page.get_by_role("button", name="Show").click()
    assert "days=90" in page.url
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    context.close()
