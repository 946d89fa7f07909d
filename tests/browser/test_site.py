"""The site as a reader's browser shows it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import BuiltSite
from tests.browser.help_desk import HelpDesk, help_desk

pytestmark = pytest.mark.long

PAGES = {
    "home": "/",
    "category": "/en/payments/",
    "article": "/en/refunds/refund-for-a-game/",
    "overdue article": "/en/payments/prices-currency-and-tax/",
    "Spanish home": "/es/",
    "outdated translation": "/es/refunds/how-long-refunds-take/",
    "nothing": "/en/no-such-page/",
}
ARTICLE = PAGES["article"]
DESKTOP, PHONE, NARROWEST = 1280, 360, 320


@contextmanager
def context_of(browser: Browser, address: str, **options: object) -> Iterator[BrowserContext]:
    size = {"width": DESKTOP, "height": 800}
    context = browser.new_context(**{"base_url": address, "viewport": size, **options})  # type: ignore[arg-type]
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def page(browser: Browser, built_site: BuiltSite) -> Iterator[Page]:
    with context_of(browser, built_site.address) as context:
        yield context.new_page()


@pytest.fixture
def plain_page(browser: Browser, built_site: BuiltSite) -> Iterator[Page]:
    """A page in a browser that runs no scripts."""
    with context_of(browser, built_site.address, java_script_enabled=False) as context:
        yield context.new_page()


@pytest.fixture(scope="module")
def desk(built_site: BuiltSite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HelpDesk]:
    """The same site with the real deflector behind it."""
    with help_desk(
        catalogue=built_site.catalogue,
        folder=tmp_path_factory.mktemp("desk"),
        site=built_site.folder,
        now=lambda: datetime(2026, 11, 22, 12, 0, tzinfo=UTC),
    ) as desk:
        yield desk


@pytest.fixture
def answering(browser: Browser, desk: HelpDesk) -> Iterator[Page]:
    """A page of a site whose search is answered."""
    with context_of(browser, desk.address) as context:
        yield context.new_page()


def test_nothing_has_to_be_scrolled_sideways(page: Page) -> None:
    page.set_viewport_size({"width": NARROWEST, "height": 640})
    for name, address in PAGES.items():
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") == NARROWEST, name


def test_pages_ask_no_other_server_set_no_cookie_and_complain_of_nothing(
    page: Page, built_site: BuiltSite
) -> None:
    asked, complaints = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(request.url))
    for address in PAGES.values():
        page.goto(address, wait_until="networkidle")

    assert [url for url in asked if not url.startswith(f"{built_site.address}/")] == []
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert complaints == []


def test_the_first_tab_skips_to_the_title(page: Page) -> None:
    for address in (ARTICLE, "/", "/en/no-such-page/"):
        page.goto(address)
        page.keyboard.press("Tab")
        expect(page.locator(":focus")).to_have_text("Skip to content")
        expect(page.locator(":focus")).to_have_css("opacity", "1")
        page.keyboard.press("Enter")
        expect(page.locator("h1:target")).to_be_visible()


RING = """element => {
  for (let node = element; node !== document.body; node = node.parentElement) {
    const style = getComputedStyle(node);
    if (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) return true;
  }
  return false;
}"""


def test_the_keyboard_goes_through_the_page_in_reading_order_and_always_shows_where_it_is(page: Page) -> None:
    page.goto(ARTICLE)
    stops, unseen = [], []
    while len(stops) < 100:
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if focused.count() == 0:
            break
        words = (
            focused.inner_text().strip()
            or focused.get_attribute("aria-label")
            or focused.get_attribute("value")
        )
        stops.append(" ".join((words or "").split()))
        if not focused.evaluate(RING):
            unseen.append(stops[-1])

    assert unseen == []
    assert stops[:8] == [
        "Skip to content",
        "Playdeck Help",
        "Search the help",
        "Search",
        "Language: English",
        "Contact us",
        "Help home",
        "Refunds",
    ]
    assert stops[-3:] == ["Playdeck Help", "Contact us", "system"]
    assert "Ask us" in stops


def test_a_slash_goes_to_the_search_but_not_while_somebody_writes(page: Page) -> None:
    page.goto(ARTICLE)
    search = page.get_by_role("searchbox")

    page.keyboard.press("/")
    expect(search).to_be_focused()
    expect(search).to_have_value("")
    page.keyboard.type("and/or")
    expect(search).to_have_value("and/or")


def test_the_reader_chooses_light_or_dark_and_keeps_it(page: Page) -> None:
    page.emulate_media(color_scheme="light")
    page.goto("/")
    body, light, dark = page.locator("body"), "rgb(252, 251, 248)", "rgb(20, 25, 31)"
    expect(body).to_have_css("background-color", light)

    page.get_by_label("Dark").check()
    expect(body).to_have_css("background-color", dark)
    page.goto(ARTICLE)
    expect(body).to_have_css("background-color", dark)
    expect(page.get_by_label("Dark")).to_be_checked()

    page.get_by_label("System").check()
    expect(body).to_have_css("background-color", light)
    page.emulate_media(color_scheme="dark")
    expect(body).to_have_css("background-color", dark)
    assert page.evaluate("localStorage.length") == 0


def test_a_dark_page_is_printed_on_white_paper(page: Page) -> None:
    page.goto(ARTICLE)
    page.get_by_label("Dark").check()
    page.emulate_media(media="print")

    expect(page.locator(".prose")).to_have_css("color", "rgb(29, 37, 48)")
    expect(page.locator("body")).to_have_css("background-color", "rgba(0, 0, 0, 0)")
    for chrome in (".af-header", ".af-footer", ".paged__margin", ".trail"):
        expect(page.locator(chrome)).to_be_hidden()


def test_more_contrast_on_request_leaves_no_grey_text(page: Page) -> None:
    page.emulate_media(contrast="more")
    page.goto(ARTICLE)

    expect(page.locator(".lead")).to_have_css("color", "rgb(29, 37, 48)")


def test_nothing_moves_where_the_reader_wants_no_motion(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto("/")

    expect(page.locator(".af-search .af-button")).to_have_css("transition-duration", "0s")


def test_the_language_menu_leads_to_the_same_article_and_closes_like_a_menu(page: Page) -> None:
    page.goto("/en/community/report-a-player/")
    menu = page.locator(".af-menu")
    menu.locator("summary").click()
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(menu.locator("summary")).to_be_focused()

    menu.locator("summary").click()
    page.locator("h1").click()
    expect(menu).not_to_have_attribute("open", "")

    menu.locator("summary").click()
    menu.get_by_text("Español").click()
    expect(page).to_have_url("/es/community/report-a-player/")
    expect(page.locator("html")).to_have_attribute("lang", "es")


def test_the_language_menu_says_so_where_an_article_is_not_translated(page: Page) -> None:
    page.goto("/en/compatibility/controllers/")
    page.locator(".af-menu summary").click()

    expect(page.locator(".af-menu__item").last).to_contain_text("Not translated yet. Opens the start page.")
    page.locator(".af-menu__item").last.click()
    expect(page).to_have_url("/es/")


def test_a_reader_finds_an_article_by_its_topic_without_a_script(plain_page: Page) -> None:
    page = plain_page
    page.goto("/")
    page.get_by_role("link", name="Payments").click()
    page.get_by_role("link", name="You were charged twice").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You were charged twice")
    expect(page.locator(".trust")).to_contain_text("Checked")
    expect(page.locator("[data-appearance]")).to_be_hidden()

    page.locator(".af-menu summary").click()
    expect(page.locator(".af-menu__list")).to_be_visible()


def test_a_wrong_address_offers_search_topics_and_a_person(page: Page, built_site: BuiltSite) -> None:
    response = page.goto("/en/payments/no-such-page/")

    assert response is not None
    assert response.status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text("There is nothing at this address")
    expect(page.get_by_role("searchbox")).to_be_visible()
    expect(page.get_by_role("link", name="Write to us")).to_have_attribute("href", "/contact?lang=en")
    page.get_by_role("link", name="Refunds").click()
    expect(page).to_have_url("/en/refunds/")


def test_the_old_home_of_the_first_language_leads_to_the_root(page: Page) -> None:
    page.goto("/en/")

    expect(page).to_have_url("/")


def test_every_target_is_large_enough_for_a_finger(page: Page) -> None:
    page.set_viewport_size({"width": PHONE, "height": 800})
    for name in ("home", "category", "article"):
        page.goto(PAGES[name])
        # WCAG 2.2, 2.5.8: 24 by 24 CSS pixels, except for links within a sentence.
        small = page.evaluate(
            """() => [...document.querySelectorAll("a, button, summary, label")]
              .filter(target => !target.closest(".prose, template, .md-skip") && target.checkVisibility())
              .filter(target => getComputedStyle(target).display !== "inline" || !target.closest("p"))
              // Where the link's ::after covers its row, the whole row acts.
              .filter(target => getComputedStyle(target, "::after").position !== "absolute")
              .map(target => [target.textContent.trim(), target.getBoundingClientRect()])
              .filter(([words, box]) => box.width > 1 && (box.width < 24 || box.height < 22))
              .map(([words, box]) => `${words} ${box.width}x${box.height}`)"""
        )
        assert small == [], name


def test_the_search_answers_in_place_and_moves_nothing(answering: Page) -> None:
    page = answering
    page.goto("/")
    topics = page.locator(".topics")
    before = topics.bounding_box()
    search = page.get_by_role("searchbox")
    search.press_sequentially("get a refund for a game", delay=5)
    first = page.locator("[data-suggest-list] > li").first
    expect(first).to_be_visible()

    expect(search).to_be_focused()
    assert topics.bounding_box() == before

    page.keyboard.press("Escape")
    expect(first).to_be_hidden()
    expect(search).to_have_value("get a refund for a game")


def test_an_answer_opens_in_place_and_leads_to_its_article(answering: Page) -> None:
    page = answering
    page.goto("/es/")
    page.get_by_role("searchbox").press_sequentially("¿Cómo recupero mi dinero?", delay=5)
    page.locator("[data-suggest-list] summary").first.click()
    page.locator("[data-suggest-list] details[open]").get_by_role("link", name="Abrir el artículo").click()

    expect(page).to_have_url(re.compile("/es/refunds/refund-for-a-game/"))


def test_searching_leads_to_the_first_answer(answering: Page) -> None:
    page = answering
    page.goto(ARTICLE)
    page.get_by_role("searchbox").fill("Where is my refund?")
    page.get_by_role("button", name="Search").click()

    expect(page.locator("[data-suggest-list] summary").first).to_be_focused()
    expect(page).to_have_url(re.compile(f"{ARTICLE}$"))


def test_searching_for_nothing_leads_nowhere(answering: Page) -> None:
    page = answering
    page.goto("/")
    page.get_by_role("button", name="Search").click()

    expect(page.get_by_role("searchbox")).to_be_focused()
    expect(page).to_have_url(re.compile(r":\d+/$"))


def test_a_question_that_nothing_answers_goes_on_to_the_form_with_its_words(answering: Page) -> None:
    page = answering
    page.goto(ARTICLE)
    page.get_by_role("searchbox").fill("zeppelin gasworks trombone")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Ask us, with these words").click()

    expect(page.locator("textarea[name=message]")).to_have_value("zeppelin gasworks trombone")


def test_what_was_put_away_does_not_answer_the_next_question(answering: Page) -> None:
    page = answering
    page.goto("/")
    search = page.get_by_role("searchbox")
    search.fill("Where is my refund?")
    page.locator("[data-suggest-list] summary").first.click()
    expect(page.locator("[data-suggest-list] details[open]")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("[data-suggest-panel]")).to_be_hidden()

    search.fill("zeppelin gasworks trombone")

    expect(page.locator("[data-suggest-empty-item]")).to_contain_text("zeppelin gasworks trombone")


def test_without_a_script_the_search_is_an_ordinary_form(plain_page: Page) -> None:
    plain_page.goto("/")
    plain_page.get_by_role("searchbox").fill("charged twice")
    plain_page.keyboard.press("Enter")

    expect(plain_page).to_have_url("/contact?q=charged+twice&lang=en&page=%2F")
