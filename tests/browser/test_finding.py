"""The search where no deflector answers: the site finds by itself."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import BuiltSite
from tests.browser.test_site import context_of

FOUND = "[data-suggest-list] > li"
INDEX = "**/assets/search/**"


@pytest.fixture
def page(browser: Browser, built_site: BuiltSite) -> Iterator[Page]:
    """A page of the site on a static host."""
    with context_of(browser, built_site.address) as context:
        yield context.new_page()


def ask(page: Page, question: str) -> None:
    page.get_by_role("searchbox").press_sequentially(question, delay=5)


def test_nothing_of_the_index_is_fetched_before_somebody_asks(page: Page) -> None:
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(urlsplit(request.url).path))
    page.goto("/", wait_until="networkidle")
    assert not [path for path in fetched if "search" in path or "find.js" in path]

    ask(page, "charged twice")
    expect(page.locator(FOUND).first).to_be_visible()
    assert "/assets/search/en/index.json" in fetched


@pytest.mark.parametrize(
    ("home", "question", "heading", "source"),
    [
        ("/", "i was charged twice", "You were charged twice", "Payments"),
        ("/", "forgoten pasword", "How to set a new password", "Reset a forgotten password"),
        ("/", "pd-2107", "Fix error PD-2107: damaged game files", "Games and technical problems"),
        ("/es/", "olvide la contraseña", "Restablece una contraseña olvidada", "Recuperar la cuenta"),
    ],
)
def test_an_answer_shows_its_section_its_topic_and_why_it_was_found(
    page: Page, home: str, question: str, heading: str, source: str
) -> None:
    page.goto(home)
    ask(page, question)
    first = page.locator(FOUND).first

    expect(first.locator(".af-answer__title")).to_have_text(heading)
    expect(first.locator(".af-answer__source")).to_contain_text(source)
    first.locator("summary").click()
    expect(first.locator(".af-answer__text")).not_to_be_empty()
    first.get_by_role("link").click()
    expect(page.locator("h1, h2").filter(has_text=heading).first).to_be_visible()


@pytest.mark.parametrize(
    ("question", "article"),
    [("joypad", "controller"), ("reimbursement", "refund")],
)
def test_other_words_for_the_same_are_known_from_synonyms_yml(
    page: Page, question: str, article: str
) -> None:
    page.goto("/")
    ask(page, question)

    expect(page.locator(FOUND).first).to_contain_text(article)


def test_the_search_is_used_by_keyboard_alone(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("/")
    page.keyboard.type("charged twice", delay=5)
    first, second = page.locator(f"{FOUND} summary").nth(0), page.locator(f"{FOUND} summary").nth(1)
    expect(first).to_be_visible()
    expect(first.locator("mark").first).to_be_visible()

    page.keyboard.press("ArrowDown")
    expect(first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(second).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.locator(f"{FOUND} details").first).to_have_attribute("open", "")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("Enter")
    expect(first).to_be_focused()
    page.keyboard.press("Escape")
    expect(first).to_be_hidden()
    expect(page.get_by_role("searchbox")).to_be_focused()


def test_no_answer_leads_to_the_nearest_topic_and_to_a_person_with_the_question(page: Page) -> None:
    page.goto("/")
    ask(page, "refund zeppelin gasworks trombone")
    box = page.locator("[data-suggest-empty-item]")
    expect(box).to_contain_text("refund zeppelin gasworks trombone")

    topic = box.get_by_role("link", name="Refunds")
    assert urlsplit(topic.evaluate("link => link.href")).path == "/en/refunds/"
    expect(box.get_by_role("link", name="Ask us")).to_have_attribute(
        "href", re.compile(r"/contact\?q=refund\+zeppelin\+gasworks\+trombone&lang=en")
    )


def test_a_deflector_that_does_not_answer_in_time_is_not_waited_for(page: Page) -> None:
    waiting: list[Route] = []
    page.route("**/api/**", lambda route: waiting.append(route))  # neither answered nor refused
    page.goto("/")
    ask(page, "charged twice")

    expect(page.locator(FOUND).first).to_contain_text("You were charged twice")
    asked = len(waiting)
    page.evaluate(
        "document.querySelector('[data-suggest]')"
        ".addEventListener('suggest:reply', ({ detail }) => (window.answered = detail.question))"
    )
    ask(page, " this month")
    page.wait_for_function("window.answered?.includes('month')")
    assert len(waiting) == asked, "it is left alone for a while"
    page.unroute_all(behavior="ignoreErrors")


def test_where_nothing_answers_the_search_is_an_ordinary_form(page: Page) -> None:
    page.route(INDEX, lambda route: route.abort())
    page.goto("/")
    with page.expect_event("requestfailed", lambda request: "/assets/search/" in request.url):
        ask(page, "charged twice")

    expect(page.locator(".found__box")).to_be_hidden()


def test_questions_are_taken_apart_as_articles_are(page: Page) -> None:
    from generator.site.words import words

    page.goto("/")
    script = "text => import('/assets/answerfirst/find.js').then(({ words }) => words(text))"
    for text in ("Él pagó PD-4012 don’t", "الحساب كلمة المُرور", "東京都 ABC", "Straße ÀÉ", "한국어"):
        assert page.evaluate(script, text) == words(text)
