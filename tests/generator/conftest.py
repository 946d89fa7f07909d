"""Knowledge bases on disk, written from one good article and what a case changes of it."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.articles.knowledge_base import KnowledgeBase

TODAY = date(2026, 11, 22)
PATH = "en/refunds/refund-for-a-game.md"

# Each key as it stands in a file, in the order of a file.
GOOD = {
    "id": "refund-for-a-game",
    "title": "Get a refund for a game",
    "summary": "Ask for your money back within 14 days if you played less than two hours.",
    "category": "refunds",
    "questions": "[How do I get my money back?, I bought the wrong game]",
    "type": "how_to",
    "audience": "public",
    "confidence": "validated",
    "owner": "payments",
    "reviewed_on": "2026-10-01",
    "reviewed_by": "jon",
    "review_every": "6 months",
    "applies_to": '[web, "app >= 4.2"]',
    "sources": "[policies/refunds.pdf]",
    "aliases": "[]",
    "tags": "[refund, money]",
    "version": "2",
    "changes": (
        "\n  - {version: 2, date: 2026-10-01, by: maya, significance: major, "
        "note: Refund window is 14 days now}"
        "\n  - {version: 1, date: 2026-03-12, by: maya, significance: major, note: First version}"
    ),
}
BODY = "\nYou get your money back within 14 days.\n\n## When it arrives\n\nAfter 3 to 7 days.\n"
PEOPLE = """\
maya: {name: Maya Lindqvist, role: person}
jon: {name: Jon Reyes, role: person}
payments: {name: Payments team, role: team}
"""
CATEGORIES = """\
payments: {icon: credit-card, title: {en: Payments, es: Pagos}}
refunds: {icon: cash-refund, title: {en: Refunds, es: Reembolsos}, summary: {en: Ask for your money back.}}
"""


def table(name: str) -> list[dict[str, Any]]:
    """Read a table of cases; its values are text, as they stand there."""
    text = (Path(__file__).parent / "tables" / f"{name}.yml").read_text(encoding="utf-8")
    rows: list[dict[str, Any]] = yaml.load(text, Loader=yaml.BaseLoader)
    return rows


def article(changed: Mapping[str, Any] | None = None, body: str = BODY) -> str:
    """Write a file: the good article, with keys changed, added, or ("absent") taken out."""
    changed = changed or {}
    keys = {**GOOD, **changed}
    lines = [f"{key}: {value}".replace(": \n", ":\n") for key, value in keys.items() if value != "absent"]
    return "\n".join(["---", *lines, "---", ""]) + body


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def knowledge_base(folder: Path, files: Mapping[str, str | bytes]) -> KnowledgeBase:
    """Write files beside the two registers, and read them."""
    write(folder, {"people.yml": PEOPLE, "categories.yml": CATEGORIES, **files})
    return KnowledgeBase.load(folder)


def placed(row: Mapping[str, Any]) -> tuple[str, str]:
    """Make a file of a row of a table: `change` its keys, `body` its text, `at` its place."""
    changed = row.get("change") or {}
    path = row.get("at", PATH)
    return path, article(changed, row.get("body", BODY))


@dataclass(frozen=True)
class GitRepository:
    folder: Path

    def git(self, *words: str) -> str:
        command = [
            "git",
            "-C",
            str(self.folder),
            "-c",
            "user.name=Maya Lindqvist",
            "-c",
            "user.email=m@x.example",
        ]
        answer = subprocess.run([*command, *words], capture_output=True, text=True, check=True)
        return answer.stdout.strip()

    def commit(self, message: str, on: str = "2026-10-01") -> str:
        self.git("add", "--all")
        self.git(
            "-c", "commit.gpgsign=false", "commit", "--quiet", "--date", f"{on}T12:00:00Z", "-m", message
        )
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> GitRepository:
    found = GitRepository(tmp_path)
    found.git("init", "--quiet", "--initial-branch=main")
    return found
