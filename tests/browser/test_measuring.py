"""What the form tells about what people see, and the dashboard in a real browser."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from deflector.model import EventKind
from deflector.roles import StaffRole
from deflector.staff import StaffDoor
from tests.browser.conftest import BuiltSite
from tests.browser.help_desk import HelpDesk, help_desk

pytestmark = pytest.mark.long

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
    with page.expect_response(lambda answer: "impression" in told(answer)):
        page.get_by_role("textbox").first.fill("Get a refund for a game")
    head = page.locator("[data-suggest-list] summary").first
    expect(head).to_be_visible()
    head.click()
    page.wait_for_timeout(1100)  # reading takes time; a second of it is told
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


WORDS: dict[str, dict[str, Any]] = {
    "en-GB": {
        "name": "Name",
        "password": "Password",
        "sign_in": "Sign in",
        "overview": "How it goes",
        "pages": ["What to write", "Articles", "Enquiries", "Reviews due"],
    },
    "es-ES": {
        "name": "Nombre",
        "password": "Contraseña",
        "sign_in": "Entrar",
        "overview": "Cómo va",
        "pages": ["Qué escribir", "Artículos", "Consultas", "Por revisar"],
    },
}


@pytest.fixture(scope="module")
def lived_in(desk: HelpDesk) -> HelpDesk:
    """Let one person find an answer, and another ask in vain and write."""
    for question, then in (("Get a refund for a game", "solved"), ("zebra quartz umbrella", "write")):
        key = post(f"{desk.address}/api/enquiries", {"lang": "en"})
        query = urlencode({"q": question, "lang": "en", "enquiry": key["enquiry"]})
        found = get(f"{desk.address}/api/suggest?{query}", key["token"])
        if then == "solved":
            first = found["suggestions"][0]
            about = {"type": "solved", "article": first["article"], "version": first["version"]}
            post(f"{desk.address}/api/enquiries/{key['enquiry']}/events", about | {"token": key["token"]})
        else:
            who = {"name": "Ada", "email": "ada@example.com", "message": question, "declined": True}
            post(f"{desk.address}/api/tickets", who | key)
    return desk


def post(address: str, body: dict[str, Any]) -> Any:
    headers = {"Content-Type": "application/json"}
    return told_by(Request(address, data=json.dumps(body).encode(), headers=headers))


def get(address: str, token: str) -> Any:
    return told_by(Request(address, headers={"X-Enquiry-Token": token}))


def told_by(request: Request) -> Any:
    with urlopen(request) as answer:
        said = answer.read()
    return json.loads(said) if said else None


@pytest.mark.parametrize(
    ("width", "scheme", "locale"),
    [(1280, "light", "en-GB"), (1280, "dark", "es-ES"), (360, "dark", "en-GB"), (360, "light", "es-ES")],
)
def test_the_dashboard_can_be_used_by_everybody_and_fits_a_phone(
    browser: Browser, lived_in: HelpDesk, width: int, scheme: Any, locale: str
) -> None:
    desk, words = lived_in, WORDS[locale]
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, locale=locale
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(f"{desk.address}/admin")
    assert_fine(page)
    page.get_by_label(words["name"]).fill("maya")
    page.get_by_label(words["password"]).fill(PASSWORD)
    page.get_by_role("button", name=words["sign_in"]).click()
    expect(page.get_by_role("heading", name=words["overview"])).to_be_visible()
    assert_fine(page)
    for name in words["pages"]:
        page.get_by_role("navigation").get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
        assert_fine(page)
    assert complaints == []
    context.close()


def assert_fine(page: Page) -> None:
    page.wait_for_load_state()  # a heading shows before the styles have come
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    broken = Axe().run(page).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in broken] == []


def test_what_to_write_next_is_one_press_from_the_first_page_and_decided_with_the_second(
    browser: Browser, lived_in: HelpDesk
) -> None:
    context = browser.new_context(locale="en-GB")
    page = signed_in(context, lived_in)
    page.get_by_role("link", name="zebra quartz umbrella").click()
    gap = page.get_by_role("article").filter(has=page.get_by_role("heading", name="zebra quartz umbrella"))
    expect(gap).to_be_in_viewport()
    gap.get_by_role("button", name="Decide").click()
    expect(gap.get_by_text("decided by maya")).to_be_visible()
    context.close()


def test_what_a_number_means_is_one_press_away_and_a_printed_page_says_its_period(
    browser: Browser, lived_in: HelpDesk
) -> None:
    context = browser.new_context(locale="en-GB")
    page = signed_in(context, lived_in)
    meaning = page.get_by_text("The range is the 95 % interval")
    expect(meaning).to_be_hidden()
    page.get_by_text("What is this? Solved by an answer").click()
    expect(meaning).to_be_visible()
    period = page.get_by_text("22 Oct 2026 to 18 Nov 2026")
    expect(period).to_be_hidden()
    page.emulate_media(media="print")
    expect(period).to_be_visible()
    expect(page.get_by_role("navigation")).to_be_hidden()
    expect(page.get_by_role("button", name="Show")).to_be_hidden()
    assert page.pdf(format="A4").startswith(b"%PDF")
    context.close()


def signed_in(context: BrowserContext, desk: HelpDesk) -> Page:
    page = context.new_page()
    page.goto(f"{desk.address}/admin")
    page.get_by_label("Name").fill("maya")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="How it goes")).to_be_visible()
    return page


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
