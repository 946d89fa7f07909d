"""The proof of work in a real browser: nobody notices it, and without a script the message is taken too."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from deflector.model import MessageKind, OutboxState
from tests.browser.conftest import BuiltSite
from tests.browser.help_desk import HelpDesk, help_desk


class Clock:
    """The desk's clock; it stands still until it is moved."""

    moment = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def desk(built_site: BuiltSite, tmp_path_factory: pytest.TempPathFactory, clock: Clock) -> Iterator[HelpDesk]:
    folder = tmp_path_factory.mktemp("guarded")
    with help_desk(catalogue=built_site.catalogue, folder=folder, now=clock, protection=True) as running:
        yield running


def write(page: Page, desk: HelpDesk, clock: Clock, *, email: str) -> None:
    page.goto(f"{desk.address}/contact")
    page.get_by_label("Your message").fill("Qwyx blorptastic zvintle")
    page.get_by_label("Your name").fill("Ada")
    page.get_by_label("Your email address").fill(email)
    clock.moment += timedelta(seconds=30)  # typing takes its time
    page.get_by_role("button", name="Send my message", exact=True).click()
    expect(page.get_by_role("heading", name="We have your message")).to_be_visible()


def mails(desk: HelpDesk, email: str) -> dict[MessageKind, OutboxState]:
    return {
        entry.mail.kind: entry.state for entry in desk.store.outbox.entries() if entry.mail.recipient == email
    }


def test_a_person_who_types_and_sends_has_done_the_work_without_noticing(
    browser: Browser, desk: HelpDesk, clock: Clock
) -> None:
    page = browser.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if "Content Security" in line.text else None)
    write(page, desk, clock, email="ada@example.com")

    assert faults == []
    assert mails(desk, "ada@example.com") == {MessageKind.ACKNOWLEDGEMENT: OutboxState.WAITING}
    expect(page.get_by_text("A mail with your number is on its way")).to_be_visible()
    page.close()


def test_whoever_sends_before_the_work_is_done_waits_for_it_and_sends_once(
    browser: Browser, desk: HelpDesk, clock: Clock
) -> None:
    page = browser.new_page()
    page.route("**/api/challenge", lambda route: (page.wait_for_timeout(600), route.continue_()))
    write(page, desk, clock, email="cy@example.com")

    assert mails(desk, "cy@example.com") == {MessageKind.ACKNOWLEDGEMENT: OutboxState.WAITING}
    page.close()


def test_where_the_challenge_cannot_be_had_the_message_is_taken_all_the_same(
    browser: Browser, desk: HelpDesk, clock: Clock
) -> None:
    page = browser.new_page()
    page.route("**/api/challenge", lambda route: route.abort())
    write(page, desk, clock, email="dee@example.com")

    assert mails(desk, "dee@example.com") == {
        MessageKind.ACKNOWLEDGEMENT: OutboxState.HELD,
        MessageKind.CONFIRMATION: OutboxState.WAITING,
    }
    page.close()


def test_without_a_script_the_address_is_asked_first(browser: Browser, desk: HelpDesk, clock: Clock) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    write(page, desk, clock, email="bob@example.com")

    assert mails(desk, "bob@example.com") == {
        MessageKind.ACKNOWLEDGEMENT: OutboxState.HELD,
        MessageKind.CONFIRMATION: OutboxState.WAITING,
    }
    expect(page.get_by_text("Press the button in it")).to_be_visible()
    context.close()


def link_for(desk: HelpDesk, email: str, kind: MessageKind) -> str:
    """Find the link in a mail to a person, as a path on this machine."""
    [entry] = [
        entry
        for entry in desk.store.outbox.entries()
        if entry.mail.recipient == email and entry.mail.kind is kind
    ]
    found = re.search(rb"http://127\.0\.0\.1:8000(/t/[\w.-]+)", entry.mail.content.replace(b"=\r\n", b""))
    assert found is not None
    return found[1].decode()


def accessible(page: Page) -> None:
    page.wait_for_load_state()  # a heading shows before the styles have come
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_the_question_and_the_persons_page_work_by_keyboard_and_break_no_rule_of_access(
    browser: Browser, desk: HelpDesk, clock: Clock
) -> None:
    context = browser.new_context(java_script_enabled=False)
    write(context.new_page(), desk, clock, email="eve@example.com")
    context.close()
    page = browser.new_page()
    page.goto(desk.address + link_for(desk, "eve@example.com", MessageKind.CONFIRMATION))
    accessible(page)
    button = page.get_by_role("button", name="Yes, it was me")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    accessible(page)

    page.get_by_role("link", name="See my message").click()
    expect(page.get_by_role("heading", name="Your message", exact=True)).to_be_visible()
    expect(page.get_by_text("Qwyx blorptastic zvintle")).to_be_visible()
    page.get_by_label("Your message").fill("It began on Monday.")
    page.get_by_role("button", name="Send this too").click()
    expect(page.get_by_text("You wrote more")).to_be_visible()
    page.get_by_role("button", name="This is solved").click()
    expect(page.get_by_role("button", name="This is not solved")).to_be_visible()
    accessible(page)
    page.close()
