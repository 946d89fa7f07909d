"""The contact form as a person meets it: what it shows, what it never does, and with which keys it works."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, expect

from tests.browser.conftest import BuiltSite
from tests.browser.help_desk import HelpDesk, help_desk

pytestmark = pytest.mark.long

QUESTION = "Get a refund for a game"
OTHER_QUESTION = "I can't remember my password"
UNHEARD_OF = "Qwyx blorptastic zvintle"
ARABIC_QUESTION = "لماذا خُصم المبلغ مرتين؟"
# The knowledge base has no Arabic yet; one article is enough to read answers from right to left.
ARABIC_ARTICLE = {
    "id": "charged-twice",
    "lang": "ar",
    "version": 1,
    "title": "خُصم المبلغ مرتين",
    "summary": "اعرف إن كان المبلغ الثاني حجزًا من البنك أم خصمًا مزدوجًا.",
    "questions": [ARABIC_QUESTION, "دفعت مرة واحدة ورأيت المبلغ مرتين"],
    "category": "payments",
    "tags": [],
    "url": "/ar/payments/charged-twice/",
    "review_due": "2027-01-27",
    "stale": True,
    "sections": [
        {
            "anchor": "bank-hold",
            "heading": "لماذا خُصم المبلغ مرتين",
            "text": "في أغلب الحالات يكون المبلغ الثاني حجزًا من البنك ويختفي خلال 7 أيام.\n\n"
            "1. افتح صفحة الطلبات.\n2. قارن المبالغ بكشف البنك.",
        }
    ],
}
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def desk(built_site: BuiltSite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HelpDesk]:
    folder = tmp_path_factory.mktemp("desk")
    catalogue = json.loads(built_site.catalogue.read_text(encoding="utf-8"))
    catalogue["articles"].append(ARABIC_ARTICLE)
    copy = folder / "catalogue.json"
    copy.write_text(json.dumps(catalogue), encoding="utf-8")
    with help_desk(
        catalogue=copy, folder=folder / "var", now=lambda: MONDAY, languages=("en", "es", "ar")
    ) as running:
        yield running


@pytest.fixture
def context(browser: Browser, desk: HelpDesk) -> Iterator[BrowserContext]:
    context = browser.new_context(
        base_url=desk.address, viewport={"width": 1280, "height": 800}, reduced_motion="reduce"
    )
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page on which any fault of our scripts, and anything that the policy blocks, fails the test."""
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if "Content Security" in line.text else None)
    yield page
    assert faults == []


class Asked:
    """The questions that a page asked the deflector, as (text, settled)."""

    def __init__(self, page: Page) -> None:
        self.questions: list[tuple[str, str]] = []
        self.events: list[dict[str, Any]] = []
        self.enquiries = 0
        page.on("request", self._note)

    def _note(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.path == "/api/suggest":
            query = parse_qs(address.query)
            self.questions.append((query["q"][0], query["settled"][0]))
        elif address.path == "/api/enquiries":
            self.enquiries += 1
        elif address.path.endswith("/events"):
            self.events.append(request.post_data_json or {})


def write(page: Page, *, message: str, name: str = "Ada", email: str = "ada@example.com") -> None:
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Your email address").fill(email)
    page.get_by_label("Your message").fill(message)


def answers(page: Page) -> Any:
    return page.get_by_role("region", name="Does this answer it?")


def send(page: Page) -> None:
    page.get_by_role("button", name="Send my message", exact=True).click()


def open_at_a_standstill(page: Page) -> None:
    """Open the form with a clock that a test moves; one that is only installed would go on by itself."""
    page.clock.install(time=MONDAY)
    page.goto("/contact")
    page.clock.pause_at(MONDAY + timedelta(hours=1))


# --- while the person types --------------------------------------------------------------------------------


def test_a_question_is_asked_after_three_characters_and_a_quarter_of_a_second_without_a_key(
    page: Page,
) -> None:
    open_at_a_standstill(page)
    asked = Asked(page)
    field = page.get_by_label("Your message")

    field.press_sequentially("pa")
    page.clock.run_for(5000)
    assert asked.questions == []

    field.press_sequentially("yment")
    page.clock.run_for(249)
    assert asked.questions == []
    with page.expect_response("**/api/suggest*"):
        page.clock.run_for(1)
    assert asked.questions == [("payment", "0")]


def test_a_pause_settles_the_question_once_and_only_then_begins_an_enquiry(page: Page) -> None:
    open_at_a_standstill(page)
    asked = Asked(page)
    field = page.get_by_label("Your message")

    field.fill(QUESTION)
    with page.expect_response("**/api/suggest*"):
        page.clock.run_for(250)
    assert asked.enquiries == 0
    with page.expect_response("**/api/suggest*settled=1*"):
        page.clock.run_for(1250)
    page.get_by_label("Your name").focus()  # leaving the field settles what is in it, if that is new
    page.clock.run_for(5000)
    field.fill(f"  {QUESTION}\n")
    page.clock.run_for(5000)

    assert asked.questions == [(QUESTION, "0"), (QUESTION, "1")]
    assert asked.enquiries == 1
    assert page.locator("input[name=enquiry]").input_value() != ""
    assert page.locator("input[name=token]").input_value() != ""


def test_a_late_reply_to_an_older_question_is_dropped(page: Page) -> None:
    page.goto("/contact")
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route("**/api/suggest*", hold_the_first)
    field = page.get_by_label("Your message")
    with page.expect_request("**/api/suggest*"):
        field.fill(QUESTION)
    with page.expect_event("requestfailed") as dropped:
        field.fill(OTHER_QUESTION)
    first = answers(page).locator("summary").first
    expect(first).to_contain_text("password")

    assert "Get+a+refund" in dropped.value.url
    assert len(held) == 1


def test_the_answers_are_announced_politely_once_the_question_is_settled(page: Page) -> None:
    open_at_a_standstill(page)
    status = page.get_by_role("status")

    page.get_by_label("Your message").fill(QUESTION)
    page.clock.run_for(250)
    expect(answers(page)).to_be_visible()
    expect(status).to_have_text("")
    page.clock.run_for(1250)

    expect(status).to_have_text("3 answers found")
    assert "- status: 3 answers found" in page.get_by_role("main").aria_snapshot()


@pytest.mark.parametrize(
    ("answerable", "found", "title"),
    [(True, "1 answer found", "Does this answer it?"), (False, "1 article that may help", "This may help")],
)
def test_a_single_find_is_not_spoken_of_as_many(page: Page, answerable: bool, found: str, title: str) -> None:
    said = {"question": "x", "answerable": answerable, "suggestions": [FIRST]}
    page.route("**/api/suggest*", lambda route: route.fulfill(json=said))
    page.goto("/contact")
    page.get_by_label("Your message").fill(QUESTION)

    expect(page.get_by_role("region", name=title, exact=True).get_by_role("listitem")).to_have_count(1)
    expect(page.get_by_role("button", name=found)).to_have_text(f"{found} · Hide")


def test_answers_take_neither_the_focus_nor_a_character(page: Page) -> None:
    page.goto("/contact")
    field = page.get_by_label("Your message")

    field.press_sequentially(QUESTION)
    expect(answers(page)).to_be_visible()
    expect(field).to_be_focused()
    field.press_sequentially(" Please help.")

    expect(field).to_have_value(f"{QUESTION} Please help.")


def test_answers_that_come_while_another_field_is_in_use_move_nothing(page: Page) -> None:
    page.goto("/contact")
    held: list[Route] = []
    page.route("**/api/suggest*", lambda route: held.append(route))
    name = page.get_by_label("Your name")
    with page.expect_request("**/api/suggest*settled=1*"):
        page.get_by_label("Your message").fill(QUESTION)
        name.focus()
    before = name.bounding_box()

    held[-1].continue_()
    shown = page.get_by_role("button", name="answers found")
    expect(shown).to_have_text("3 answers found · Show")
    expect(answers(page)).to_be_hidden()
    assert name.bounding_box() == before

    shown.click()
    expect(answers(page)).to_be_visible()


def section(article: str, heading: str) -> dict[str, Any]:
    return {
        "article": article,
        "version": 1,
        "title": article,
        "heading": heading,
        "url": f"/en/refunds/{article}/#{heading}",
        "snippet": heading,
        "text": heading,
        "category": "refunds",
        "lang": "en",
        "confidence": 0.9,
        "rank": 1,
    }


FIRST, SECOND, THIRD, FOURTH = (section(f"article-{number}", f"heading {number}") for number in range(1, 5))
THEN = {
    "it is one of them": (True, [SECOND, FIRST, THIRD], "123"),
    "another section of its article": (True, [SECOND, section("article-1", "heading 9")], "12"),
    "less sure": (False, [SECOND, FIRST], "12"),
    "less sure, and of others": (False, [SECOND, THIRD, FOURTH], "123"),
    "nothing": (False, [], "1"),
    "sure, and of others": (True, [SECOND, THIRD], "23"),
}


def test_an_open_answer_stays_open_until_surer_ones_take_its_place(page: Page) -> None:
    """The verdicts are written down here, so that the search may change its mind without this test."""
    then: tuple[bool, list[dict[str, Any]], str]

    def reply(route: Route) -> None:
        answerable, found, _ = then
        if route.request.url.count("I+first"):
            answerable, found = True, [FIRST, SECOND, THIRD, FOURTH]
        route.fulfill(json={"question": "", "answerable": answerable, "suggestions": found})

    page.route("**/api/suggest*", reply)
    open_at_a_standstill(page)
    field = page.get_by_label("Your message")
    cards = page.locator("[data-suggest-list] > li")
    first = page.locator("[data-suggest-list] details", has_text="heading 1")
    for verdict, then in THEN.items():
        field.fill("")
        page.clock.run_for(2000)
        field.fill(f"I first ask {verdict}")
        page.clock.run_for(300)
        expect(cards, "at most three").to_have_count(3)
        with page.expect_response("**/api/suggest*settled=1*"):  # what is opened is told, one after the other
            first.locator("summary").click()
        expect(first.locator(".af-actions")).to_be_visible()
        first.evaluate("card => (card.mark = 'the same element')")

        field.fill(f"Then {verdict}")
        with page.expect_response("**/api/suggest*settled=0*"):
            page.clock.run_for(300)
        with page.expect_response("**/api/suggest*settled=1*"):
            page.clock.run_for(1500)

        _, _, left = then
        expect(cards, verdict).to_have_text([re.compile(f"heading {number}") for number in left])
        expect(first, verdict).to_have_count(left.count("1"))
        if "1" in left:
            expect(first, verdict).to_have_attribute("open", "")
            assert first.evaluate("card => card.mark") == "the same element"
            first.locator("summary").click()


def test_half_a_question_takes_no_answer_away(page: Page) -> None:
    page.route(
        "**/api/suggest*",
        lambda route: route.fulfill(
            json={
                "question": "",
                "answerable": True,
                "suggestions": [] if "refu&" in route.request.url else [FIRST],
            }
        ),
    )
    open_at_a_standstill(page)
    field = page.get_by_label("Your message")
    field.fill("I want a")
    page.clock.run_for(300)
    expect(answers(page).locator("details")).to_have_count(1)

    field.fill("I want a refu")
    with page.expect_response("**/api/suggest*settled=0*"):
        page.clock.run_for(300)
    expect(answers(page).locator("details")).to_have_count(1)
    with page.expect_response("**/api/suggest*settled=1*"):
        page.clock.run_for(1500)
    expect(answers(page)).to_be_hidden()


@pytest.mark.parametrize(
    ("lang", "question", "stale"), [("en", QUESTION, False), ("ar", ARABIC_QUESTION, True)]
)
def test_an_answer_warns_when_its_article_is_due_for_a_check(
    page: Page, lang: str, question: str, stale: bool
) -> None:
    page.goto(f"/contact?lang={lang}")
    page.locator("#message").fill(question)
    page.locator("[data-suggest-list] summary").first.click()

    expect(page.locator("[data-suggest-list] .contact-stale").first).to_be_visible(visible=stale)


def test_without_a_script_nothing_shows_that_needs_one(browser: Browser, desk: HelpDesk) -> None:
    context = browser.new_context(base_url=desk.address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/contact")
    expect(page.locator("[data-suggest-area]")).to_be_hidden()
    expect(page.locator("[data-appearance]")).to_be_hidden()
    write(page, message=UNHEARD_OF)
    send(page)

    expect(page.locator("#number")).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)
    context.close()


def test_what_the_deflector_says_is_shown_as_text_with_marks_and_nothing_else(page: Page) -> None:
    hostile = {
        "article": "x",
        "version": 1,
        "title": "<b>Title</b>",
        "heading": "<img src=/heading onerror=alert(1)>",
        "url": "javascript:alert(2)",
        "snippet": "a <mark>match<img src=/mark></mark> &lt;b&gt; &#x27;&amp;amp; "
        "<img src=/snippet onerror=alert(3)>",
        "text": "<script>alert(5)</script>",
        "category": "payments",
        "lang": "en",
        "confidence": 1,
        "rank": 1,
    }
    page.route(
        "**/api/suggest*",
        lambda route: route.fulfill(json={"question": "x", "answerable": True, "suggestions": [hostile]}),
    )
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    page.goto("/contact")
    page.get_by_label("Your message").fill(QUESTION)
    panel = answers(page)
    panel.locator("summary").click()

    assert panel.locator("img, script, b").count() == 0
    assert panel.locator("mark").all_text_contents() == ["match<img src=/mark>"]
    expect(panel.locator(".af-answer__snippet")).to_have_text(
        "a match<img src=/mark> <b> '&amp; <img src=/snippet onerror=alert(3)>"
    )
    expect(panel).to_contain_text("<b>Title</b> · Payments")
    expect(panel).to_contain_text("<script>alert(5)</script>")
    assert panel.locator("a").get_attribute("href") is None
    assert not {"/heading", "/mark", "/snippet"} & set(asked)


# --- keyboard ----------------------------------------------------------------------------------------------


def test_everything_works_from_the_keyboard(page: Page) -> None:
    page.goto("/contact")
    asked = Asked(page)
    field = page.get_by_label("Your message")
    field.focus()
    page.keyboard.type(QUESTION)
    heads = answers(page).locator("summary")
    expect(heads).to_have_count(3)

    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="3 answers found · Hide")).to_be_focused()
    page.keyboard.press("Tab")
    expect(heads.nth(0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(heads.nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    solved = answers(page).get_by_role("button", name="This solved it").first
    expect(solved).to_be_visible()
    page.keyboard.press("Tab")
    expect(solved).to_be_focused()
    with page.expect_request(lambda request: '"solved"' in (request.post_data or "")):
        page.keyboard.press("Enter")
    expect(page.get_by_role("listitem").filter(has_text="Glad that helped")).to_be_focused()
    expect(page.locator(".contact-send")).to_have_css("position", "static")  # no longer asked for everywhere
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Send my message anyway")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator(".contact-send")).to_have_css("position", "sticky")
    expect(page.get_by_label("Your name")).to_be_focused()  # the first field that is still empty
    expect(field).to_have_value(QUESTION)
    # Answers in view for a second are noted as well, on a slow machine before anything is pressed.
    pressed = [event["type"] for event in asked.events if event["type"] != "impression"]
    assert pressed[:2] == ["opened", "solved"]


def test_escape_closes_the_answers_and_they_stay_closed_until_they_are_asked_for(page: Page) -> None:
    page.goto("/contact")
    field = page.get_by_label("Your message")
    field.fill(QUESTION)
    expect(answers(page)).to_be_visible()

    field.press("Escape")
    expect(answers(page)).to_be_hidden()
    with page.expect_response("**/api/suggest*"):
        field.fill(OTHER_QUESTION)
    shown = page.get_by_role("button", name="found · Show")
    expect(shown).to_be_visible()
    expect(answers(page)).to_be_hidden()
    shown.press("Enter")
    expect(answers(page)).to_be_visible()

    answers(page).locator("summary").first.focus()
    page.keyboard.press("Escape")
    expect(field).to_be_focused()


# --- sending -----------------------------------------------------------------------------------------------


def test_send_is_in_sight_however_long_the_answers_are(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    page.goto("/contact")
    page.get_by_label("Your message").fill(QUESTION)
    for head in answers(page).locator("summary").all():
        head.click()

    expect(page.get_by_role("button", name="Send my message", exact=True)).to_be_in_viewport(ratio=1)
    page.get_by_label("Your message").evaluate("field => field.blur()")
    page.evaluate("scrollTo(0, 0)")
    expect(page.get_by_role("button", name="Send my message", exact=True)).to_be_in_viewport(ratio=1)


def test_a_message_that_needs_mending_comes_back_whole_with_a_sentence_at_each_field(page: Page) -> None:
    page.goto("/contact?page=/en/payments/")
    page.get_by_text("Add a subject or choose a language").click()
    page.get_by_label("Subject").fill("Two payments")
    page.get_by_label("Topic").select_option("payments")
    message = "First line\n\n  second <b>line</b> & more"
    write(page, message=message, name="", email="ada at example")
    send(page)

    summary = page.get_by_role("group", name="Almost there")
    expect(summary).to_be_focused()
    expect(page).to_have_title("To check: How can we help? · Playdeck Help")
    expect(page.get_by_label("Your message")).to_have_value(message)
    expect(page.get_by_label("Your email address")).to_have_value("ada at example")
    expect(page.get_by_label("Subject")).to_have_value("Two payments")
    expect(page.get_by_label("Topic")).to_have_value("payments")
    assert page.locator("input[name=page]").input_value() == "/en/payments/"
    name = page.get_by_label("Your name")
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(name).to_have_accessible_description(
        "Please tell us your name, so that we know how to address you."
    )
    expect(page.get_by_label("Your message")).not_to_have_attribute("aria-invalid", "true")
    summary.get_by_role("link", name="Please tell us your name").click()
    expect(name).to_be_focused()


def test_answers_that_were_not_looked_at_are_offered_once_before_the_message_is_sent(page: Page) -> None:
    page.goto("/contact")
    write(page, message=QUESTION)
    send(page)
    expect(page.get_by_role("heading", level=1, name="We may have your answer already")).to_be_visible()
    send_anyway = page.get_by_role("button", name="None of these helped: send my message")
    for head in page.locator(".contact-answers summary").all():
        head.click()
    page.evaluate("scrollTo(0, 0)")
    expect(send_anyway).to_be_in_viewport(ratio=1)

    send_anyway.click()
    expect(page.get_by_role("heading", level=1, name="We have your message")).to_be_visible()


def test_an_answer_that_is_opened_before_sending_is_noted(page: Page) -> None:
    page.goto("/contact")
    write(page, message=QUESTION)
    send(page)
    enquiry = page.locator("#message-form input[name=enquiry]").input_value()
    with page.expect_response("**/events") as told:
        page.locator(".contact-answers summary").first.click()

    assert told.value.status == 204
    assert told.value.url.endswith(f"/api/enquiries/{enquiry}/events")
    article = page.locator(".contact-answers li").first.get_attribute("data-article")
    noted = told.value.request.post_data_json
    assert noted is not None
    assert (noted["type"], noted["article"]) == ("opened", article)


def test_answers_that_were_read_or_put_away_are_not_offered_again(page: Page) -> None:
    page.goto("/contact")
    write(page, message=QUESTION)
    expect(answers(page)).to_be_visible()
    page.get_by_label("Your message").press("Escape")
    send(page)

    expect(page.get_by_role("heading", level=1, name="We have your message")).to_be_visible()


def test_the_message_can_be_changed_in_front_of_the_answers(page: Page) -> None:
    page.goto("/contact")
    write(page, message=QUESTION)
    send(page)
    page.get_by_text("Change my message").click()
    field = page.get_by_role("textbox", name="Your message")
    expect(field).to_have_value(QUESTION)
    field.fill(f"{QUESTION} And there is more.")
    page.get_by_label("Your email address").fill("")
    page.get_by_role("button", name="None of these helped: send my message").click()

    expect(page.get_by_label("Your email address")).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_value(f"{QUESTION} And there is more.")
    expect(page.get_by_label("Your name")).to_have_value("Ada")


def test_the_form_sends_when_the_suggestions_do_not_answer(page: Page) -> None:
    page.route("**/api/**", lambda route: route.abort())
    page.goto("/contact")
    with page.expect_event("requestfailed"):
        write(page, message=UNHEARD_OF)
    send(page)

    expect(page.get_by_role("heading", level=1, name="We have your message")).to_be_visible()


def test_the_number_can_be_copied(context: BrowserContext, page: Page, desk: HelpDesk) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=desk.address)
    page.goto("/contact")
    write(page, message=UNHEARD_OF)
    send(page)
    page.get_by_role("button", name="Copy the number").click()

    expect(page.get_by_role("status")).to_have_text("Copied")
    number = page.locator("#number").inner_text()
    assert page.evaluate("navigator.clipboard.readText()") == number
    assert number.startswith("HC-")
