"""Reviews as people do them: noted in the file, listed by owner, in calendars and mails."""

import mailbox
import socket
from collections.abc import Callable, Iterator
from datetime import date
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from click.testing import CliRunner, Result
from icalendar import Calendar

from generator.articles.knowledge_base import KnowledgeBase
from generator.audit import audit, check
from generator.cli import main
from generator.reviewing.attesting import NotAttested, attested
from generator.reviewing.review_list import calendar, review_page
from tests.generator.conftest import CATEGORIES, PATH, PEOPLE, TODAY, article, knowledge_base, table, write

Run = Callable[..., Result]
LATE = {"reviewed_on": "2026-05-01", "confidence": "not_validated"}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    people = PEOPLE.replace("role: team", "role: team, email: payments@playdeck.example")
    return write(tmp_path, {"kb/people.yml": people, "kb/categories.yml": CATEGORIES})


@pytest.fixture
def kb() -> Run:
    def run(*words: str, **env: str) -> Result:
        result = CliRunner(env=env).invoke(main, words)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
        return result

    return run


@pytest.mark.parametrize("row", table("attesting"), ids=lambda row: row["that"])
def test_a_review_is_written_into_the_file_and_nothing_else_is(row: dict[str, Any], tmp_path: Path) -> None:
    before = article().replace(*row["instead"]) if "instead" in row else article()
    if "ends" in row:
        before = before.replace("\n", "\r\n")
    base = knowledge_base(tmp_path, {PATH: before})
    after = attested(before.encode(), base.articles[0], by="amina", on=TODAY, note="Followed: all steps")
    old, new = before.splitlines(), after.decode().splitlines()
    assert [line for line in new if line not in old] == row["comes"]
    assert [line for line in old if line not in new] == row["goes"]
    assert after.decode().count("\r\n") == (len(new) if "ends" in row else 0)
    people = PEOPLE + "amina: {name: Amina, role: person}\n"
    changed = knowledge_base(tmp_path, {PATH: after, "people.yml": people})
    assert [finding.message for finding in check(changed, today=TODAY)] == []
    assert changed.articles[0].review_due == date(2027, 5, 22)


def test_what_cannot_be_edited_is_left_alone(tmp_path: Path) -> None:
    text = article().replace("reviewed_on: 2026-10-01\n", "").replace("version: 2\n", '{"version": 2}\n')
    (one,) = knowledge_base(tmp_path, {PATH: article()}).articles
    with pytest.raises(NotAttested, match="on lines of their own"):
        attested(text.encode(), one, by="jon", on=TODAY, note="x")


def test_the_command_notes_a_review(desk: Path, kb: Run) -> None:
    write(desk, {f"kb/{PATH}": article(LATE)})
    words = ("review", "refund-for-a-game", "--by", "jon", "--today", "2026-11-22")
    result = kb(*words, "--note", "Followed every step")
    assert result.stdout == f"kb/{PATH}: reviewed by jon. The next review is due on 2027-05-22.\n"
    assert kb("check", "--today", "2026-11-22").exit_code == 0
    (one,) = KnowledgeBase.load(Path("kb")).articles
    assert (one.version, one.last_change.note, one.confidence) == (3, "Followed every step", "validated")


@pytest.mark.parametrize(
    ("words", "exit_code", "says"),
    [
        (("nowhere", "--by", "jon", "--note", "x"), 1, 'There is no article "nowhere"'),
        (
            ("refund-for-a-game", "--by", "payments", "--note", "x"),
            2,
            '"payments" is no person of people.yml',
        ),
        (
            ("refund-for-a-game", "--by", "jon", "--note", " "),
            2,
            "Say in one line what you compared it with.",
        ),
        (("refund-for-a-game", "--by", "jon"), 2, "Missing option '--note'"),
    ],
)
def test_a_review_that_says_nothing_is_refused(
    desk: Path, kb: Run, words: tuple[str, ...], exit_code: int, says: str
) -> None:
    write(desk, {f"kb/{PATH}": article()})
    result = kb("review", *words)
    assert result.exit_code == exit_code
    assert says in " ".join(result.stderr.split())
    assert (desk / "kb" / PATH).read_text() == article()


def test_the_author_may_review_only_where_the_policy_does_not_ask_for_four_eyes(desk: Path, kb: Run) -> None:
    write(desk, {f"kb/{PATH}": article(), "mkdocs.yml": "plugins: [answerfirst: {four_eyes: true}]\n"})
    words = ("review", "refund-for-a-game", "--by", "maya", "--note", "Read it")
    result = kb(*words)
    assert (result.exit_code, (desk / "kb" / PATH).read_text()) == (1, article())
    assert "maya wrote version 2. Four eyes see more" in result.stderr
    write(desk, {"mkdocs.yml": "plugins: [answerfirst]\n"})
    assert kb(*words).exit_code == 0


def test_a_review_publishes_a_draft_and_says_so_and_brings_no_archived_article_back(
    desk: Path, kb: Run
) -> None:
    words = ("review", "refund-for-a-game", "--by", "jon", "--note", "Followed it", "--today", "2026-11-22")
    write(desk, {f"kb/{PATH}": article({"confidence": "archived"})})
    refused = kb(*words)
    assert (refused.exit_code, (desk / "kb" / PATH).read_text()) == (1, article({"confidence": "archived"}))
    assert f"kb/{PATH} is archived. To bring it back" in refused.stderr
    write(desk, {f"kb/{PATH}": article({"confidence": "work_in_progress"})})
    assert "It was a draft, and is published with the next build." in kb(*words).stderr
    assert "confidence: validated" in (desk / "kb" / PATH).read_text()


def test_the_review_list_is_grouped_by_owner_and_escapes_what_writers_wrote(tmp_path: Path) -> None:
    other = {"id": "b", "title": '"<b>B</b>"', "questions": "[]", "owner": "maya"}
    files = {PATH: article(LATE), "en/refunds/b.md": article(other)}
    base = knowledge_base(tmp_path, files)
    page = review_page(audit(base, today=TODAY), base, TODAY)
    assert page.index("Payments team") < page.index("Maya Lindqvist")
    assert "2026-11-01 overdue" in page
    assert "&lt;b&gt;B&lt;/b&gt;" in page
    assert "<b>B" not in page
    assert "−45 Its review was due on 2026-11-01, 21 days ago." in page


def test_due_reviews_are_days_in_a_calendar(tmp_path: Path) -> None:
    gone = {"id": "b", "title": "B", "questions": "[]", "confidence": "archived"}
    base = knowledge_base(tmp_path, {PATH: article(), "en/refunds/b.md": article(gone)})
    (event,) = Calendar.from_ical(calendar(audit(base, today=TODAY), base, TODAY)).walk("VEVENT")
    assert (str(event["UID"]), event["DTSTART"].dt) == ("refund-for-a-game.en@answerfirst", date(2027, 4, 1))
    assert str(event["SUMMARY"]) == "Review: Get a refund for a game"


def test_the_audit_writes_both_where_it_is_asked(desk: Path, kb: Run) -> None:
    write(desk, {f"kb/{PATH}": article(LATE)})
    result = kb("audit", "--html", "out/r.html", "--ics", "out/r.ics", "--today", "2026-11-22")
    assert result.exit_code == 0
    assert (desk / "out/r.html").read_text().startswith("<!doctype html>")
    assert (desk / "out/r.ics").read_text().startswith("BEGIN:VCALENDAR")


# --- remind


class Inbox:
    """Keeps the mails that a server took."""

    def __init__(self) -> None:
        self.mails: list[Any] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.mails.append((envelope.rcpt_tos, message_from_bytes(envelope.content)))
        return "250 kept"


@pytest.fixture
def server() -> Iterator[tuple[Inbox, str]]:
    inbox = Inbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield inbox, f"smtp://127.0.0.1:{port}"
    finally:
        controller.stop()


def test_one_mail_for_each_owner_with_what_is_due(desk: Path, kb: Run, server: tuple[Inbox, str]) -> None:
    inbox, url = server
    soon = {"id": "soon", "title": "Soon due", "questions": "[]", "reviewed_on": "2026-10-02"}
    write(desk, {f"kb/{PATH}": article(LATE), "kb/en/refunds/soon.md": article(soon)})
    write(
        desk, {"kb/en/refunds/c.md": article({"id": "c", "title": "C", "questions": "[]", "owner": "maya"})}
    )
    result = kb("remind", "--today", "2027-03-20", DEFLECTOR_SMTP_URL=url)
    assert result.stdout == "Wrote to 1 owner.\n"
    assert result.stderr == "maya has no address in people.yml and 1 article to review.\n"
    ((recipients, mail),) = inbox.mails
    assert (recipients, mail["Subject"]) == (["payments@playdeck.example"], "2 articles to review")
    assert mail["Auto-Submitted"] == "auto-generated"
    text = mail.get_payload(decode=True).decode()
    assert text.index("Get a refund") < text.index("Soon due")
    assert "Review was due on 2026-11-01." in text
    assert "Review due on 2027-04-02." in text
    assert "kb review refund-for-a-game --lang en --by YOUR-KEY" in text


def test_without_a_server_mails_lie_in_a_maildir(desk: Path, kb: Run) -> None:
    write(desk, {f"kb/{PATH}": article(LATE)})
    printed = kb("remind", "--today", "2026-11-22", "--dry-run")
    assert "To: payments@playdeck.example\nSubject: 1 article to review" in printed.stdout
    assert not (desk / "var").exists()
    assert kb("remind", "--today", "2026-11-22", DEFLECTOR_SMTP_URL="").exit_code == 0
    assert [mail["To"] for mail in mailbox.Maildir(desk / "var/mail")] == ["payments@playdeck.example"]
    write(desk, {f"kb/{PATH}": article()})
    assert kb("remind", "--today", "2026-11-22").stdout == "Nobody needs a reminder.\n"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://x", "The mail server is given as http:…. Write smtp://host:port"),
        ("smtp://", "has no host"),
        ("smtp://[", "cannot be read"),
        ("smtp://127.0.0.1:1", "127.0.0.1:1 took 0 mails and then failed (Connection refused)."),
    ],
)
def test_a_mail_server_that_cannot_be_used_is_a_sentence(desk: Path, kb: Run, url: str, says: str) -> None:
    write(desk, {f"kb/{PATH}": article(LATE)})
    result = kb("remind", "--today", "2026-11-22", DEFLECTOR_SMTP_URL=url)
    assert result.exit_code == 1
    assert says in result.stderr
