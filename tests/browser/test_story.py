"""The whole path: from an article on the site to an answered question, or to a ticket and two mails."""

import email
import email.policy
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from playwright.sync_api import Browser, BrowserContext, Page, expect

from deflector.mail.relay import Relay
from deflector.mail.transports import transport_for
from deflector.model import EventKind
from tests.browser.conftest import BuiltSite
from tests.browser.help_desk import HelpDesk, help_desk

# Ten in the morning in Madrid, on a Monday that is no holiday.
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Words:
    """What a person reads, presses and types in one language."""

    home: str
    question: str
    unheard_of: str
    message: str
    name: str
    email: str
    send: str
    solved_it: str
    thanks: str
    received: str
    answer_by: str
    solve_by: str
    promised: str


STORIES = {
    "en": Words(
        home="/",
        question="Why did you take the money two times?",
        unheard_of="Grüße! My qwyx blorptastic zvintle has gone purple.",
        message="Your message",
        name="Your name",
        email="Your email address",
        send="Send my message",
        solved_it="This solved it",
        thanks="Glad that helped",
        received="We have your message",
        answer_by="By Tuesday, 24 November 2026, 10:00",
        solve_by="By Thursday, 26 November 2026, 10:00",
        promised="Tuesday 24 November, 10:00",
    ),
    "es": Words(
        home="/es/",
        question="¿Cómo recupero mi dinero?",
        unheard_of="¡Hola! Mi qwyx blorptástico zvintle se ha vuelto morado.",
        message="Tu mensaje",
        name="Tu nombre",
        email="Tu correo electrónico",
        send="Enviar mi mensaje",
        solved_it="Esto lo resolvió",
        thanks="Nos alegra que te haya servido",
        received="Tenemos tu mensaje",
        answer_by="A más tardar el martes, 24 de noviembre de 2026, 10:00",
        solve_by="A más tardar el jueves, 26 de noviembre de 2026, 10:00",
        promised="martes 24 de noviembre, 10:00",
    ),
}


@dataclass
class Post:
    """A mail server that keeps what it is sent, by recipient."""

    mails: dict[str, EmailMessage] = field(default_factory=dict)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's)
        content = envelope.content
        assert isinstance(content, bytes)
        for recipient in envelope.rcpt_tos:
            assert recipient not in self.mails, "one mail each"
            self.mails[recipient] = email.message_from_bytes(content, policy=email.policy.default)
        return "250 OK"


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def smtp_url(post: Post) -> Iterator[str]:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(post, hostname="127.0.0.1", port=port)
    controller.start()
    yield f"smtp://127.0.0.1:{port}"
    controller.stop()


@pytest.fixture
def desk(built_site: BuiltSite, smtp_url: str, tmp_path: Path) -> Iterator[HelpDesk]:
    with help_desk(
        catalogue=built_site.catalogue,
        site=built_site.folder,
        folder=tmp_path / "var",
        smtp_url=smtp_url,
        now=lambda: NOW,
    ) as running:
        yield running


@pytest.fixture(params=[True, False], ids=["with a script", "without a script"])
def scripted(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def context(browser: Browser, desk: HelpDesk, scripted: bool) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=desk.address, java_script_enabled=scripted)
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.mark.parametrize("lang", STORIES)
def test_from_the_home_page_to_an_answer_or_to_a_ticket_and_two_mails(
    context: BrowserContext, desk: HelpDesk, post: Post, lang: str, scripted: bool
) -> None:
    words = STORIES[lang]
    page = context.new_page()

    page.goto(words.home)
    page.locator(".af-header__contact").click()
    if scripted:
        find_the_answer_while_typing(page, words)
    else:
        find_the_answer_before_sending(page, words)
    expect(page.get_by_role("heading", name=words.thanks)).to_be_visible()
    assert what_happened(desk) >= {EventKind.QUESTION, EventKind.SHOWN, EventKind.SOLVED}
    assert Relay(desk.store.outbox, transport_for(desk.settings.smtp_url)).run_once().sent == 0

    page.goto(words.home)
    page.locator(".af-header__contact").click()
    number = send_a_message_that_nothing_answers(page, words)
    assert Relay(desk.store.outbox, transport_for(desk.settings.smtp_url)).run_once().sent == 2

    to_the_team = post.mails["support@playdeck.example"]
    assert number in to_the_team["Subject"]
    assert to_the_team["Reply-To"].addresses[0].addr_spec == "ada@example.com"
    assert words.unheard_of in text_of(to_the_team)
    to_the_person = post.mails["ada@example.com"]
    assert number in to_the_person["Subject"]
    assert words.promised in text_of(to_the_person)
    assert "zvintle" not in to_the_person.as_string() + text_of(to_the_person)
    assert to_the_person["Auto-Submitted"] == "auto-generated"


def test_the_links_of_a_mail_can_be_followed_from_the_mailbox_of_a_laptop(
    browser: Browser, built_site: BuiltSite, tmp_path: Path
) -> None:
    words = STORIES["en"]
    with help_desk(catalogue=built_site.catalogue, folder=tmp_path / "var", now=lambda: NOW) as desk:
        context = browser.new_context(base_url=desk.address)
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.goto("/contact")
        send_a_message_that_nothing_answers(page, words)
        Relay(desk.store.outbox, transport_for(desk.settings.smtp_url)).run_once()
        page.goto("/dev/mail")
        page.get_by_role("link", name=words.received).click()

        for link in (
            page.frame_locator("iframe").get_by_role("link", name="see it"),
            page.locator(".mail-text").get_by_role("link").first,
        ):
            with context.expect_event("request", lambda request: "/t/" in request.url), context.expect_page():
                link.click()
        context.close()


def find_the_answer_while_typing(page: Page, words: Words) -> None:
    page.get_by_label(words.message).press_sequentially(words.question)
    answer = page.locator("[data-suggest-list] details").first
    answer.locator("summary").click()
    expect(answer.locator(".af-answer__text")).to_be_visible()
    with page.expect_response(lambda reply: '"solved"' in (reply.request.post_data or "")) as told:
        answer.get_by_role("button", name=words.solved_it).click()
    assert told.value.status == 204


def find_the_answer_before_sending(page: Page, words: Words) -> None:
    write(page, words, words.question)
    page.get_by_role("button", name=words.send, exact=True).click()
    answer = page.locator(".contact-answers details").first
    answer.locator("summary").click()
    expect(answer.locator(".af-answer__text")).to_be_visible()
    answer.get_by_role("button", name=words.solved_it).click()


def send_a_message_that_nothing_answers(page: Page, words: Words) -> str:
    write(page, words, words.unheard_of)
    page.get_by_role("button", name=words.send, exact=True).click()
    expect(page.get_by_role("heading", level=1, name=words.received)).to_be_visible()
    expect(page.get_by_text(words.answer_by)).to_be_visible()
    expect(page.get_by_text(words.solve_by)).to_be_visible()
    return page.locator("#number").inner_text()


def write(page: Page, words: Words, message: str) -> None:
    page.get_by_label(words.message).fill(message)
    page.get_by_label(words.name).fill("Ada")
    page.get_by_label(words.email).fill("ada@example.com")


def what_happened(desk: HelpDesk) -> set[EventKind]:
    with desk.store.reading() as tx:
        histories = tx.enquiries.histories(since=None, until=None, as_of=NOW)
        return {event.kind for _, events in histories for event in events}


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())
