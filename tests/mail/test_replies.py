"""Reply templates: what agents say often, offered in support's mail for the category."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from deflector.cli import main
from deflector.knowledge import KnowledgeFile
from deflector.tickets.replies import Replies
from tests.mail.conftest import CATALOGUE, HOME, MailRoom

ARTICLE = {
    "id": "refund-for-a-game",
    "lang": "en",
    "version": 3,
    "title": "Get a refund",
    "url": "/en/refunds/refund-for-a-game/",
    "sections": [{"anchor": "how", "heading": "How", "text": "Open Account > Orders."}],
}
REPLY = """\
---
title: Refund, with the steps
lang: en
categories: [payments]
article: refund-for-a-game
---
Hello {{ name }}, about {{ number }}: {{ article.title }}

{{ article.text }}
{{ article.url }}
"""


@pytest.fixture
def knowledge(tmp_path: Path) -> KnowledgeFile:
    path = tmp_path / "known.json"
    path.write_text(json.dumps({**CATALOGUE, "articles": [ARTICLE]}), encoding="utf-8")
    return KnowledgeFile(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "replies"
    made.mkdir()
    return made


def replies(folder: Path, knowledge: KnowledgeFile) -> Replies:
    return Replies(folder, knowledge=knowledge, home=HOME)


def test_a_reply_is_offered_with_the_articles_text_and_link(
    folder: Path, knowledge: KnowledgeFile, room: MailRoom
) -> None:
    (folder / "refund.md").write_text(REPLY, encoding="utf-8")
    (offered,) = replies(folder, knowledge).offered(room.ticket())
    assert offered.title == "Refund, with the steps"
    assert offered.text == (
        "Hello Ada Lovelace, about HC-7Q4K2M: Get a refund\n\nHow\nOpen Account > Orders.\n"
        "https://help.playdeck.example/en/refunds/refund-for-a-game/"
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[payments]", "[technical]"),
        ("lang: en", "lang: es"),
        ("article: refund-for-a-game", "article: gone"),
        ("{{ name }}", "{{ nobody }}"),
        ("{{ name }}", "{{ 1 / 0 }}"),
        ("{{ name }}", "{{ ().__class__.__mro__ }}"),
    ],
)
def test_a_reply_that_does_not_fit_or_cannot_be_filled_in_is_left_out(
    folder: Path, knowledge: KnowledgeFile, room: MailRoom, old: str, new: str
) -> None:
    (folder / "refund.md").write_text(REPLY.replace(old, new), encoding="utf-8")
    found = replies(folder, knowledge)
    assert len(found) == 1
    assert found.offered(room.ticket()) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("no head", ":1: there is no head"),
        (REPLY.replace("title: Refund, with the steps\n", ""), "title: Field required"),
        (REPLY.replace("lang: en", "language: en"), "Field required"),
        (REPLY.replace("[payments]", "[pay"), "the head is not YAML"),
        (REPLY.replace("{{ name }}", "{{ name"), "cannot be filled in"),
        ("x" * 70_000, "larger than 64 kB"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_what_to_do(
    folder: Path, knowledge: KnowledgeFile, text: str, fault: str
) -> None:
    (folder / "refund.md").write_text(text, encoding="utf-8")
    found = replies(folder, knowledge)
    assert len(found) == 0
    assert len(found.faults) == 1
    assert fault in found.faults[0]


def test_no_folder_is_no_replies(tmp_path: Path, knowledge: KnowledgeFile) -> None:
    assert len(replies(tmp_path / "none", knowledge)) == 0


def test_our_own_templates_can_be_used(knowledge: KnowledgeFile) -> None:
    found = replies(Path(__file__).parents[2] / "templates/replies", knowledge)
    assert found.faults == []
    assert len(found) > 0


def test_deflector_check_names_a_reply_that_cannot_be_used_and_a_webhook_without_its_secret(
    folder: Path, knowledge: KnowledgeFile, database: str, tmp_path: Path
) -> None:
    (folder / "refund.md").write_text("no head", encoding="utf-8")
    desk = tmp_path / "support.yml"
    desk.write_text("webhook: {url: https://desk.example/hook, secret_env: HOOK_SECRET}", encoding="utf-8")
    environment = {
        "DEFLECTOR_DATABASE_URL": database,
        "DEFLECTOR_CATALOGUE": str(knowledge.path),
        "DEFLECTOR_REPLY_TEMPLATES": str(folder),
        "DEFLECTOR_SUPPORT": str(desk),
        "DEFLECTOR_VAR": str(tmp_path / "var"),
    }
    done = CliRunner().invoke(main, ["check"], env=environment)
    assert done.exit_code == 1
    assert "refund.md:1: there is no head" in done.output
    assert "HOOK_SECRET, the secret of the webhook in support.yml, is not right" in done.output
    desk.write_text("name: Help", encoding="utf-8")
    (folder / "refund.md").unlink()
    assert CliRunner().invoke(main, ["check"], env=environment).exit_code == 0
