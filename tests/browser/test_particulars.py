"""The particulars of a message in a browser: topic, questions, files, clock; with and without a script."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import BuiltSite
from tests.browser.help_desk import HelpDesk, help_desk

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
UNHEARD_OF = "Qwyx blorptastic zvintle"


@pytest.fixture(scope="module")
def desk(built_site: BuiltSite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HelpDesk]:
    folder = tmp_path_factory.mktemp("particulars")
    with help_desk(catalogue=built_site.catalogue, folder=folder, now=lambda: MONDAY) as running:
        yield running


@pytest.fixture(params=[True, False], ids=["with a script", "without"])
def page(request: pytest.FixtureRequest, browser: Browser, desk: HelpDesk) -> Iterator[Page]:
    context = browser.new_context(
        base_url=desk.address, java_script_enabled=request.param, timezone_id="America/New_York"
    )
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if "Content Security" in line.text else None)
    yield page
    context.close()
    assert faults == []


scripted = pytest.mark.parametrize("page", [True], indirect=True, ids=["with a script"])


def fill(page: Page, message: str) -> None:
    page.get_by_label("Your message").fill(message)
    page.get_by_label("Your name").fill("Ada")
    page.get_by_label("Your email address").fill("ada@example.com")


def test_the_questions_of_a_topic_show_with_it_and_are_sent(page: Page, desk: HelpDesk) -> None:
    page.goto("/contact")
    fill(page, UNHEARD_OF)
    device = page.get_by_label("Where do you play?")
    expect(device).to_be_hidden()
    page.get_by_label("Topic").select_option("technical")
    device.select_option("linux")
    page.get_by_label("I have already installed the game again").check()
    expect(page.get_by_label("Order number")).to_be_hidden()
    page.get_by_role("button", name="Send my message", exact=True).click()

    number = page.locator("#number").inner_text()
    with desk.store.reading() as tx:
        ticket = tx.tickets.find(number)
    assert ticket is not None
    assert ticket.answers == {"device": "linux", "reinstalled": "yes"}
    assert not ticket.guessed


def test_a_file_chosen_before_the_answers_is_sent_after_them(
    page: Page, desk: HelpDesk, tmp_path: Path
) -> None:
    log = tmp_path / "crash.log"
    log.write_text("at 0x417", encoding="utf-8")
    page.goto("/contact")
    fill(page, "How do I get a refund for a game?")
    page.get_by_label("Files").set_input_files(log)
    page.get_by_role("button", name="Send my message", exact=True).click()
    expect(page.get_by_label("crash.log, 8 bytes")).to_be_checked()
    expect(page.get_by_label("Topic")).to_have_value("refunds")
    page.get_by_role("button", name="None of these helped").click()

    with desk.store.reading() as tx:
        filed = tx.attachments.of(page.locator("#number").inner_text())
    assert [(one.name, one.media_type) for one in filed] == [("crash.log", "text/plain")]


@scripted
def test_the_topic_follows_the_words_until_the_person_chooses_one(page: Page) -> None:
    page.goto("/contact")
    topic, message = page.get_by_label("Topic"), page.get_by_label("Your message")

    message.fill("How do I get a refund for a game?")
    expect(topic).to_have_value("refunds")
    expect(topic).to_have_accessible_description(
        "We took it from your message. Change it if it is another one."
    )
    expect(page.get_by_label("Order number")).to_be_visible()
    topic.select_option("privacy")
    with page.expect_response("**/api/suggest*"):
        message.fill("My game crashes with error PD-2001")

    expect(topic).to_have_value("privacy")
    expect(topic).to_have_accessible_description("It brings your message to the right team.")


@scripted
def test_an_urgent_matter_is_told_so_while_it_is_written_and_promised_on_the_persons_clock(
    page: Page,
) -> None:
    page.goto("/contact")
    note = page.get_by_text("This sounds urgent.")
    expect(note).to_be_hidden()
    page.get_by_label("Your message").fill("Someone hacked my account")
    expect(note).to_be_visible()
    fill(page, "Someone hacked my account")
    page.get_by_role("button", name="Send my message", exact=True).click()

    expect(page.get_by_text("We treat it as urgent")).to_be_visible()
    # Open from 9 to 17 in Madrid; it is 10 there, and 4 in New York.
    expect(page.get_by_text("By Monday, 23 November 2026, 11:00")).to_be_visible()
    expect(page.get_by_text("On your clock (New York): Monday, 23 November 2026, 05:00")).to_be_visible()


def kept(page: Page) -> object:
    return page.evaluate("sessionStorage.getItem('answerfirst-draft')")


@scripted
def test_a_draft_survives_a_reload_and_is_gone_once_the_message_is_sent(page: Page) -> None:
    page.goto("/contact")
    fill(page, UNHEARD_OF)
    page.reload()
    expect(page.get_by_label("Your message")).to_have_value(UNHEARD_OF)
    expect(page.get_by_label("Your name")).to_have_value("Ada")
    assert kept(page)

    page.get_by_role("button", name="Send my message", exact=True).click()
    expect(page.locator("#number")).to_be_visible()
    page.wait_for_function("sessionStorage.getItem('answerfirst-draft') === null")
    page.goto("/contact?q=Another+question")
    expect(page.get_by_label("Your message")).to_have_value("Another question")
