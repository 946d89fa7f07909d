"""Every page in every state, for everybody: axe-core, the tree that a screen reader reads, keys alone."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from deflector.keys import secret_key
from deflector.mail.after import RATE, UNSUBSCRIBE
from deflector.mail.letterhead import OWN_PAGE
from deflector.mail.notices import CONFIRM
from deflector.tickets.links import Links
from tests.browser.accessibility import DARK_DESK, PHONE, SHARP, SHARP_DARK, faults
from tests.browser.conftest import BuiltSite
from tests.browser.help_desk import HelpDesk, help_desk
from tests.browser.shop import open_shop
from tests.browser.test_site import DESKTOP, context_of

pytestmark = pytest.mark.long

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
UNHEARD_OF = "Qwyx blorptastic zvintle"
WORDS = {
    "en": {"send": "Send my message", "solved": "This solved it", "help": "Help", "no": "No"},
    "ar": {"send": "أرسل رسالتي", "solved": "هذا حلّ مشكلتي", "help": "مساعدة", "no": "لا"},
}


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A page, and what is needed to bring it into a state."""

    page: Page
    desk: HelpDesk
    site: BuiltSite
    shop: str
    lang: str

    @property
    def words(self) -> dict[str, str]:
        return WORDS[self.lang]

    def found(self) -> list[dict[str, Any]]:
        """Answers with steps, with points and with a table, as the deflector tells them."""
        articles = json.loads(self.site.catalogue.read_text(encoding="utf-8"))["articles"]
        ours = [article for article in articles if article["lang"] == self.lang]
        wanted = ("\n2. ", "\n- ", " | ")
        sections = [
            next((one, part) for one in ours for part in one["sections"] if mark in part["text"])
            for mark in wanted
        ]
        return [
            {
                "article": one["id"],
                "version": one["version"],
                "title": one["title"],
                "heading": part["heading"],
                "url": f"{one['url']}#{part['anchor']}",
                "snippet": f"<mark>{part['text'][:12]}</mark>{part['text'][12:80]}",
                "text": part["text"],
                "category": one["category"],
                "lang": self.lang,
                "confidence": 0.9,
                "rank": rank,
                "stale": rank == 1,
            }
            for rank, (one, part) in enumerate(sections, start=1)
        ]

    def finds(self, *, answerable: bool = True, **more: Any) -> None:
        """Let the deflector find these answers, whatever the search thinks today."""
        reply = {"question": "", "answerable": answerable, "suggestions": self.found(), **more}
        self.page.route("**/api/suggest*", lambda route: route.fulfill(json=reply))

    def form(self) -> None:
        self.page.goto(f"/contact?lang={self.lang}")

    def type(self, text: str = "money") -> None:
        self.page.locator("[data-suggest-field]").fill(text)

    def ticket(self) -> str:
        """Send a message over the API; returns its number."""
        self.page.goto("/contact")  # the origin of the request
        return str(
            self.page.evaluate(
                """async ([lang, message]) => {
                  const answer = await fetch("/api/tickets", {
                    method: "POST",
                    headers: { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() },
                    body: JSON.stringify({
                      enquiry: null, name: "Ada", email: "ada@example.com", message, lang, declined: true,
                    }),
                  });
                  return (await answer.json()).ticket;
                }""",
                [self.lang, UNHEARD_OF],
            )
        )

    def link(self, purpose: str, number: str | None = None) -> None:
        """Open the page behind a link in a mail about a ticket; about a new one where none is named."""
        number = number or self.ticket()
        links = Links(secret=secret_key(self.desk.settings), base_url=self.desk.address)
        self.page.goto(links.address(purpose, number, until=NOW + timedelta(days=3)))


def address(path: str) -> Callable[[Stage], None]:
    def open_it(stage: Stage) -> None:
        stage.page.goto(path.format(lang=stage.lang))

    return open_it


def home(stage: Stage) -> None:
    stage.page.goto("/" if stage.lang == "en" else f"/{stage.lang}/")


def questions(stage: Stage) -> None:
    stage.page.goto(f"/{stage.lang}/refunds/questions/")
    stage.page.locator("details.faq__item summary").first.click()


def history(stage: Stage) -> None:
    page = min(stage.site.folder.glob(f"{stage.lang}/*/*/history/index.html"), default=None)
    if not page:
        pytest.skip("No article in this language has a history.")
    stage.page.goto(f"/{page.parent.relative_to(stage.site.folder)}/")


def earlier(stage: Stage) -> None:
    page = min(stage.site.folder.glob("*/*/*/v[0-9]*/index.html"), default=None)
    if not page:
        pytest.skip("Git has no earlier version of an article here.")
    stage.page.goto(f"/{page.parent.relative_to(stage.site.folder)}/")


def menu(stage: Stage) -> None:
    article(stage)
    stage.page.locator(".af-menu summary").click()


article = address("/{lang}/refunds/refund-for-a-game/")


def reason(stage: Stage) -> None:
    article(stage)
    stage.page.locator("[data-feedback-ask] button").nth(1).click()
    expect(stage.page.locator("[data-feedback-more]")).to_be_visible()


def search(stage: Stage) -> None:
    home(stage)
    stage.finds()
    stage.type()
    stage.page.locator("[data-suggest-list] summary").nth(2).click()  # the table
    stage.page.locator("[data-suggest-list] summary").nth(0).click()


def search_in_the_header(stage: Stage) -> None:
    article(stage)
    stage.finds(answerable=False)
    stage.type()
    expect(stage.page.locator(".found__maybe").first).to_be_visible()


def nothing_found(stage: Stage) -> None:
    home(stage)
    stage.type(UNHEARD_OF)
    expect(stage.page.locator("[data-suggest-empty-item]")).to_be_visible()


def form(stage: Stage) -> None:
    stage.form()


def form_maybe(stage: Stage) -> None:
    stage.form()
    stage.finds(answerable=False)
    stage.type()
    expect(stage.page.locator(".suggest__maybe").first).to_be_visible()


def form_without_answers(stage: Stage) -> None:
    stage.form()
    before = stage.page.locator("[data-suggest-idle]").inner_text()
    stage.type(UNHEARD_OF)
    expect(stage.page.locator("[data-suggest-idle]")).not_to_have_text(before)


def form_answers(stage: Stage) -> None:
    stage.form()
    stage.finds()
    stage.type()
    expect(stage.page.locator("[data-suggest-list] details")).to_have_count(3)


def form_answer_open(stage: Stage) -> None:
    form_answers(stage)
    for head in stage.page.locator("[data-suggest-list] summary").all():
        head.click()


def form_thanked(stage: Stage) -> None:
    form_answers(stage)
    stage.page.locator("[data-suggest-list] summary").first.click()
    stage.page.get_by_role("button", name=stage.words["solved"]).first.click()
    expect(stage.page.locator(".af-notice--success")).to_be_focused()


def form_urgent(stage: Stage) -> None:
    stage.form()
    stage.finds(urgent=True, category="refunds")
    stage.type()
    expect(stage.page.locator("[data-suggest-list] details")).to_have_count(3)
    stage.page.locator("[data-suggest-field]").blur()
    expect(stage.page.locator("[data-urgent]")).to_be_visible()


def form_problems(stage: Stage) -> None:
    stage.form()
    stage.page.get_by_role("button", name=stage.words["send"], exact=True).click()
    expect(stage.page.locator("#problems")).to_be_focused()


def form_answers_first(stage: Stage) -> None:
    """The second step is the server's: a question that an article of this language asks itself."""
    articles = json.loads(stage.site.catalogue.read_text(encoding="utf-8"))["articles"]
    asked = next(one for one in articles if one["lang"] == stage.lang and one["id"] == "refund-for-a-game")
    stage.page.route("**/api/**", lambda route: route.abort())
    stage.form()
    for field, text in (("name", "Ada"), ("email", "ada@example.com"), ("message", asked["questions"][0])):
        stage.page.locator(f"#{field}").fill(text)
    stage.page.get_by_role("button", name=stage.words["send"], exact=True).click()
    expect(stage.page.locator(".contact-answers")).to_be_visible()
    stage.page.unroute_all()
    for head in stage.page.locator(".contact-answers summary, .contact-yours summary").all():
        head.click()
    expect(stage.page.locator(".contact-answers .af-answer__text").first).to_be_visible()


def form_solved(stage: Stage) -> None:
    form_answers_first(stage)
    stage.page.get_by_role("button", name=stage.words["solved"]).first.click()
    expect(stage.page.locator(".contact-done")).to_be_visible()


def form_received(stage: Stage) -> None:
    form_answers_first(stage)
    stage.page.locator(".contact-send button").click()
    expect(stage.page.locator("#number")).to_be_visible()


def ticket_with_a_problem(stage: Stage) -> None:
    stage.link(OWN_PAGE)
    stage.page.locator("button[value=added]").click()
    expect(stage.page.locator("#message-problem")).to_be_visible()


def survey(stage: Stage) -> None:
    """Ask, a day after the ticket was solved, how it was."""
    number = stage.ticket()
    stage.link(OWN_PAGE, number)
    stage.page.locator("button[value=solved]").click()
    with stage.desk.store.writing() as tx:
        tx.after.ask_at(number, NOW)
        tx.after.asked(number, NOW)
    stage.link(RATE, number)


def survey_commenting(stage: Stage) -> None:
    survey(stage)
    stage.page.locator("button[name=act]").first.click()
    expect(stage.page.locator("textarea")).to_be_visible()


def confirmed(stage: Stage) -> None:
    stage.link(CONFIRM)
    stage.page.locator("button[value=confirm]").click()
    expect(stage.page.locator(".contact-done")).to_be_visible()


def widget_closed(stage: Stage) -> None:
    stage.page.goto(f"{stage.shop}/{stage.lang}/checkout")
    expect(stage.page.get_by_role("button", name=stage.words["help"])).to_be_visible()


def widget(stage: Stage) -> None:
    stage.finds()
    widget_closed(stage)
    stage.page.get_by_role("button", name=stage.words["help"]).click()
    stage.page.locator("#message").fill("money")
    stage.page.get_by_role("dialog").locator("summary").first.click()


def widget_problems(stage: Stage) -> None:
    widget_closed(stage)
    stage.page.get_by_role("button", name=stage.words["help"]).click()
    stage.page.locator("#message").fill(UNHEARD_OF)
    stage.page.locator("dialog .main").first.click()
    expect(stage.page.locator("#name-problem")).to_be_visible()


def widget_sent(stage: Stage) -> None:
    widget_problems(stage)
    stage.page.locator("#name").fill("Ada")
    stage.page.locator("#email").fill("ada@example.com")
    stage.page.locator("dialog .main").first.click()
    expect(stage.page.locator(".number")).to_be_visible()


STATES: dict[str, Callable[[Stage], None]] = {
    "home": home,
    "category": address("/{lang}/refunds/"),
    "questions, one open": questions,
    "article": article,
    "language menu open": menu,
    "asked for a reason": reason,
    "history": history,
    "nothing at this address": address("/{lang}/no-such-page/"),
    "search, answers open": search,
    "search in the header, less sure": search_in_the_header,
    "search, nothing found": nothing_found,
    "form": form,
    "form, less sure": form_maybe,
    "form, no answer": form_without_answers,
    "form, answers": form_answers,
    "form, answers open": form_answer_open,
    "form, thanked": form_thanked,
    "form, urgent": form_urgent,
    "form, problems": form_problems,
    "form, answers first": form_answers_first,
    "form, solved": form_solved,
    "form, received": form_received,
    "ticket": lambda stage: stage.link(OWN_PAGE),
    "ticket, nothing written": ticket_with_a_problem,
    "survey": survey,
    "survey, words": survey_commenting,
    "no more questions": lambda stage: stage.link(UNSUBSCRIBE),
    "was this you": lambda stage: stage.link(CONFIRM),
    "it was": confirmed,
    "a link that leads nowhere": address("/t/nothing?lang={lang}"),
    "help button": widget_closed,
    "help button, answer open": widget,
    "help button, problems": widget_problems,
    "help button, sent": widget_sent,
}
# What an open menu lies upon is no target; axe-core counts it.
WITHIN = {"language menu open": ".af-menu"}
# With more contrast the colours are others; these states have them all.
SHARP_STATES = ("article", "search, answers open", "form, answers open", "form, problems", "form, received")
# From right to left the layout is another; these states have all pieces of it.
RIGHT_TO_LEFT = (
    "home",
    "category",
    "questions, one open",
    "article",
    "language menu open",
    "nothing at this address",
    "search, answers open",
    "search, nothing found",
    "form",
    "form, answers open",
    "form, problems",
    "form, answers first",
    "form, received",
    "ticket",
    "survey",
    "help button, answer open",
)
# Pages that only one language has.
MORE: dict[str, Callable[[Stage], None]] = {
    "overdue article": address("/en/payments/prices-currency-and-tax/"),
    "outdated translation": address("/es/refunds/how-long-refunds-take/"),
    "earlier version": earlier,
}


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
        site=built_site.folder,
        folder=tmp_path_factory.mktemp("accessible"),
        now=lambda: NOW,
        languages=("en", "es", "ar"),
        origins=[shop[0]],
    ) as desk:
        shop[1].append(desk.address)
        yield desk


@pytest.fixture(scope="module")
def context(browser: Browser, desk: HelpDesk) -> Iterator[BrowserContext]:
    with context_of(browser, desk.address, reduced_motion="reduce") as context:
        yield context


@pytest.fixture(scope="module")
def tab(context: BrowserContext) -> Page:
    """One tab for all states: a new one is a new process, and costs more than what is looked at in it."""
    return context.new_page()


@pytest.fixture
def stage(tab: Page, desk: HelpDesk, built_site: BuiltSite, shop: tuple[str, list[str]]) -> Iterator[Stage]:
    tab.goto("/healthz")
    tab.evaluate("sessionStorage.clear()")  # what was typed, which a form would bring back
    tab.emulate_media(color_scheme="null", contrast="null", reduced_motion="reduce")
    tab.set_viewport_size({"width": DESKTOP, "height": 800})
    tab.mouse.move(-1, -1)
    yield Stage(page=tab, desk=desk, site=built_site, shop=shop[0], lang="en")
    tab.unroute_all(behavior="ignoreErrors")


@pytest.mark.parametrize("state", [*STATES, *MORE])
def test_axe_finds_nothing_on_a_phone_and_on_a_desk_in_the_dark(stage: Stage, state: str) -> None:
    {**STATES, **MORE}[state](stage)

    assert faults(stage.page, (PHONE, DARK_DESK), within=WITHIN.get(state, "")) == []


@pytest.mark.parametrize("state", SHARP_STATES)
def test_axe_finds_nothing_with_more_contrast(stage: Stage, state: str) -> None:
    STATES[state](stage)

    assert faults(stage.page, (SHARP, SHARP_DARK)) == []


@pytest.mark.parametrize("state", RIGHT_TO_LEFT)
def test_axe_finds_nothing_from_right_to_left(stage: Stage, state: str) -> None:
    stage = Stage(page=stage.page, desk=stage.desk, site=stage.site, shop=stage.shop, lang="ar")
    STATES[state](stage)

    assert stage.page.locator("[dir=rtl]").count() > 0
    assert faults(stage.page, (PHONE,), within=WITHIN.get(state, "")) == []


def test_axe_would_find_something(stage: Stage) -> None:
    home(stage)
    stage.page.locator("h1").evaluate("heading => heading.style.color = '#ccc'")
    stage.page.locator(".topics").evaluate("list => list.style.inlineSize = '1000px'")
    found = faults(stage.page, (PHONE,))

    assert [fault for fault in found if "color-contrast" in fault]
    assert [fault for fault in found if "wide" in fault]


def test_the_tree_of_a_search_says_what_was_found_and_where(stage: Stage) -> None:
    search(stage)

    expect(stage.page.get_by_role("search")).to_match_aria_snapshot(
        """
        - search:
          - /children: equal
          - searchbox "How can we help?": money
          - button "Search"
          - paragraph:
            - button "3 answers found · Hide" [expanded]
          - region "Does this answer it?":
            - heading "Does this answer it?" [level=2]
            - list:
              - listitem:
                - group:
                  - list
                  - button "This solved it"
                  - link "Open the article"
              - listitem:
                - group
              - listitem:
                - group:
                  - table:
                    - rowgroup:
                      - row:
                        - columnheader
                  - button "This solved it"
                  - link "Open the article"
          - status
        """
    )


def test_the_tree_of_the_form_has_answers_between_the_message_and_the_person(stage: Stage) -> None:
    form_answers(stage)

    expect(stage.page.get_by_role("main")).to_match_aria_snapshot(
        """
        - main:
          - heading "How can we help?" [level=1]
          - textbox "Your message": money
          - paragraph:
            - button "3 answers found · Hide" [expanded]
          - region "Does this answer it?":
            - list:
              - listitem
              - listitem
              - listitem
          - status: 3 answers found
          - textbox "Your name"
          - textbox "Your email address"
          - combobox "Topic (optional)"
          - button "Send my message"
        """
    )


def test_the_tree_of_an_article_goes_from_where_we_are_to_what_to_do_next(stage: Stage) -> None:
    article(stage)

    expect(stage.page.locator("body")).to_match_aria_snapshot(
        """
        - banner:
          - link "Playdeck Help"
          - search:
            - searchbox "Search the help"
          - navigation "Language and contact"
        - main:
          - article "Get a refund for a game":
            - navigation "You are here":
              - list
            - heading "Get a refund for a game" [level=1]
            - paragraph
            - heading "What you can return" [level=2]
            - table
            - heading "Ask for the refund" [level=2]
            - list:
              - listitem
            - group "Was this helpful?":
              - button "Yes"
              - button "No"
            - region "Still stuck?":
              - link "Ask us"
            - navigation "Read also"
          - navigation "On this page"
          - navigation "More in Refunds"
        - contentinfo
        """
    )


def test_keys_alone_lead_from_a_question_without_an_answer_to_a_number(stage: Stage) -> None:
    page = stage.page

    def go_to(role: Any, name: str) -> None:
        wanted = page.get_by_role(role, name=name, exact=True)
        expect(wanted).to_be_visible()
        for _ in range(25):
            page.keyboard.press("Tab")
            if wanted.evaluate("element => element === document.activeElement"):
                return
        raise AssertionError(f"no Tab leads to {name!r}")

    home(stage)
    page.keyboard.press("/")
    page.keyboard.type(UNHEARD_OF)
    go_to("link", "Ask us, with these words")
    page.keyboard.press("Enter")
    message = page.get_by_label("Your message")
    expect(message).to_have_value(UNHEARD_OF)
    for name, text in (("Your name", "Ada"), ("Your email address", "ada@example.com")):
        go_to("textbox", name)
        page.keyboard.type(text)
    go_to("button", "Send my message")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1, name="We have your message")).to_be_visible()
