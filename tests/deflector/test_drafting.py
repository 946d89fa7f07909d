"""`deflector draft`: an article draft from a solved ticket, without who wrote it."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from deflector.cli import main
from deflector.model import Promise, Requester, Ticket
from deflector.store import migration
from deflector.store.store import Store
from deflector.tickets.life import Actor, TicketAct, TicketEvent
from tests.deflector.conftest import CATALOGUE

NOW = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)
MESSAGE = """\
My saves are gone since the update. Please help!

---
<script>alert(1)</script>
Ada Lovelace, ada@example.com, card 4111 1111 1111 1111, Ms LOVELACE"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "catalogue.json").write_text(json.dumps(CATALOGUE), encoding="utf-8")
    url = f"sqlite:///{tmp_path / 'deflector.db'}"
    store = Store.open(url)
    migration.upgrade(store.engine)
    ticket = Ticket(
        number="HC-7Q4K2M",
        opened_at=NOW,
        requester=Requester(name="Ada Lovelace", email="ada@example.com", lang="en"),
        message=MESSAGE,
        subject=None,
        category="payments",
        queue="general",
        promise=Promise(answer_by=NOW, solve_by=NOW),
        page=None,
        enquiry=None,
    )
    with store.writing() as tx:
        tx.tickets.add(ticket)
    store.close()
    return {"DEFLECTOR_DATABASE_URL": url, "DEFLECTOR_CATALOGUE": str(tmp_path / "catalogue.json")}


def solve(environment: dict[str, str]) -> None:
    store = Store.open(environment["DEFLECTOR_DATABASE_URL"])
    with store.writing() as tx:
        event = TicketEvent(act=TicketAct.SOLVED, by=Actor.SUPPORT, at=NOW)
        tx.ticket_events.record("HC-7Q4K2M", event)
    store.close()


def draft(environment: dict[str, str], *words: str) -> Result:
    return CliRunner().invoke(main, ["draft", *words], env=environment)


def test_a_draft_has_whole_front_matter_and_no_trace_of_the_person(environment: dict[str, str]) -> None:
    solve(environment)
    done = draft(environment, "hc-7q4k2m", "--by", "maya")
    assert done.exit_code == 0, done.output
    _, head, body = done.output.split("---\n", 2)
    front = yaml.safe_load(head)
    assert front["title"] == "My saves are gone since the update"
    assert front["id"] == "my-saves-are-gone-since-the-update"
    assert (front["category"], front["confidence"], front["version"]) == ("payments", "work_in_progress", 1)
    assert front["changes"][0]["by"] == "maya"
    for personal in ("ada", "lovelace", "4111"):
        assert personal not in done.output.lower()
    assert "    My saves are gone since the update. Please help!\n" in body
    assert "\n    ---\n    <script>" in body  # as a block of code: nothing of it is read as Markdown


def test_a_draft_is_written_where_the_writer_wants_it_and_never_over_another(
    environment: dict[str, str], tmp_path: Path
) -> None:
    solve(environment)
    done = draft(environment, "HC-7Q4K2M", "--into", str(tmp_path / "kb"))
    assert done.exit_code == 0, done.output
    assert [path.parent.name for path in (tmp_path / "kb/en").rglob("*.md")] == ["payments"]
    again = draft(environment, "HC-7Q4K2M", "--into", str(tmp_path / "kb"))
    assert (again.exit_code, "is there already" in again.output) == (1, True)


def test_only_a_solved_ticket_has_an_answer_to_write_down(environment: dict[str, str]) -> None:
    done = draft(environment, "HC-7Q4K2M")
    assert (done.exit_code, done.output) == (
        1,
        "Error: HC-7Q4K2M is open. Draft an article once it is solved and the answer is known.\n",
    )
    assert draft(environment, "HC-222222").exit_code == 1
