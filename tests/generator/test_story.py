"""The life of an article in Git: what writers hear, what readers and programs see at each step."""

import json
import re
from typing import Any

import pytest
from click.testing import CliRunner, Result

from generator.cli import main
from generator.site.wording import Wording
from tests.generator.conftest import CATEGORIES, PEOPLE, GitRepository, article, write
from tests.generator.test_building import CONFIG

PAGE = "build/site/en/refunds/get-a-refund"
FILE = "kb/en/refunds/get-a-refund.md"
SPANISH = "kb/es/refunds/get-a-refund.md"


class Desk:
    """A writer's repository, and the commands as the writer types them."""

    def __init__(self, repository: GitRepository) -> None:
        self.repository, self.folder = repository, repository.folder

    def kb(self, *words: str, today: str) -> Result:
        result = CliRunner().invoke(main, [*words, "--today", today])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
        return result

    def rules(self, today: str) -> list[str]:
        """Say which rules a pull request of the present work against main breaks."""
        result = self.kb("check", "--against", "main", "--format", "json", "--no-language", today=today)
        return [finding["rule"] for finding in json.loads(result.stdout)["findings"]]

    def merge(self, message: str, on: str) -> None:
        self.repository.commit(message, on)
        built = self.kb("build", today=on)
        assert built.exit_code == 0, built.stderr

    def edit(self, path: str, *changes: tuple[str, str]) -> None:
        text = (self.folder / path).read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        (self.folder / path).write_text(text, encoding="utf-8")

    def read(self, path: str) -> str:
        return re.sub(r"\s+", " ", (self.folder / path).read_text(encoding="utf-8"))

    def has(self, path: str) -> bool:
        return (self.folder / path).exists()

    def feed(self) -> list[str]:
        return re.findall(r"<summary>(.*?)</summary>", self.read("build/site/changes.xml"))


def entry(version: int, on: str, significance: str, note: str) -> tuple[str, str]:
    line = f"{{version: {version}, date: {on}, by: maya, significance: {significance}, note: {note}}}"
    return "changes:\n", f"changes:\n  - {line}\n"


@pytest.fixture
def desk(repository: GitRepository, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(repository.folder)
    config = CONFIG.replace("[answerfirst]", "[answerfirst: {four_eyes: true}]")
    files = {"mkdocs.yml": config, "kb/people.yml": PEOPLE, "kb/categories.yml": CATEGORIES}
    write(repository.folder, {**files, ".gitignore": "build/\n.cache/\n"})
    repository.commit("Begin", "2026-01-01")
    return Desk(repository)


def test_from_draft_to_archive(desk: Desk) -> None:
    # A draft passes every check, and no reader sees it.
    desk.kb("new", "Get a refund", "--category", "refunds", "--by", "maya", today="2026-02-01")
    write(desk.folder, {"kb/en/payments/other.md": _other()})
    assert desk.rules("2026-02-01") == []
    desk.merge("Draft", "2026-02-01")
    assert not desk.has(PAGE)

    # Published with the draft's words in it, it is stopped; written, it goes out as not validated.
    desk.edit(
        FILE,
        ("confidence: work_in_progress", "confidence: not_validated"),
        ("owner: maya", "owner: payments"),
    )
    assert set(desk.rules("2026-02-02")) == {"draft-text"}
    head = (desk.folder / FILE).read_text(encoding="utf-8").partition("\n---\n")[0]
    write(
        desk.folder,
        {FILE: f"{head}\n---\n\nYou get your money back within 14 days.\n\n## Steps\n\nAsk us.\n"},
    )
    desk.edit(
        FILE, ("summary: Say in one sentence what the reader gets here.", "summary: Ask for your money.")
    )
    assert desk.rules("2026-02-02") == []
    desk.merge("Publish", "2026-02-02")
    assert "Not checked yet" in desk.read(f"{PAGE}/index.html")
    assert not desk.has(f"{PAGE}/history")

    # A validated article needs a review, and not by its author.
    desk.edit(FILE, ("confidence: not_validated", "confidence: validated"))
    assert desk.rules("2026-02-10") == ["review"]
    desk.edit(FILE, ("confidence: validated", "confidence: not_validated"))
    refused = desk.kb("review", "get-a-refund", "--by", "maya", "--note", "Read it", today="2026-02-10")
    assert "maya wrote version 1" in refused.stderr
    reviewed = desk.kb("review", "get-a-refund", "--by", "jon", "--note", "Asked for one", today="2026-02-10")
    assert reviewed.exit_code == 0
    assert desk.rules("2026-02-10") == []
    desk.merge("Review", "2026-02-10")
    assert "Checked 10 February 2026 by Jon Reyes" in desk.read(f"{PAGE}/index.html")
    assert "Asked for one" in desk.read(f"{PAGE}/history/index.html")

    # A date that somebody bumps is no review.
    desk.edit(FILE, ("reviewed_on: 2026-02-10", "reviewed_on: 2026-02-20"))
    assert desk.rules("2026-02-20") == ["review-without-note"]
    desk.edit(FILE, ("reviewed_on: 2026-02-20", "reviewed_on: 2026-02-10"))

    # A translation says which version it is made from.
    write(desk.folder, {SPANISH: _spanish(desk)})
    desk.merge("Translate", "2026-03-01")

    # A typo needs a version, keeps the review, and outdates nothing.
    desk.edit(FILE, ("You get your money", "You receive your money"))
    assert desk.rules("2026-03-05") == ["version-not-raised"]
    desk.edit(FILE, ("version: 2\n", "version: 3\n"), entry(3, "2026-03-05", "typo", "A better verb"))
    assert desk.rules("2026-03-05") == []
    desk.merge("Typo", "2026-03-05")
    assert desk.feed() == ["First version"] * 3
    outdated = Wording.of("es")("article.outdated")
    assert outdated not in desk.read("build/site/es/refunds/get-a-refund/index.html")

    # A major change without a review cannot stay validated; the translation is outdated, readers are told.
    desk.edit(FILE, ("within 14 days", "within 30 days"), ("version: 3\n", "version: 4\n"))
    desk.edit(FILE, entry(4, "2026-04-01", "major", "The window is 30 days now"))
    assert {"review-missing", "review-outdated"} & set(desk.rules("2026-04-01"))
    desk.edit(FILE, ("confidence: validated", "confidence: not_validated"))
    assert desk.rules("2026-04-01") == ["translation"]
    desk.merge("Thirty days", "2026-04-01")
    assert desk.feed()[0] == "The window is 30 days now"
    history = desk.read(f"{PAGE}/history/index.html")
    assert re.search(r"<del>.{0,90}14</del><ins>.{0,90}30</ins>", history)
    assert "The window is 30 days now" in history
    earlier = desk.read(f"{PAGE}/v3/index.html")
    assert "You receive your money back within 14 days." in earlier
    assert '<meta name="robots" content="noindex">' in earlier
    assert 'href="../../../../en/refunds/get-a-refund/"' in earlier
    assert "You get your money back within 14 days." in desk.read(f"{PAGE}/v2/index.html")
    assert "/v3/" not in desk.read("build/site/sitemap.xml")
    spanish = desk.read("build/site/es/refunds/get-a-refund/index.html")
    assert outdated in spanish
    audited = json.loads(desk.kb("audit", "--format", "json", today="2026-04-02").stdout)
    rows: dict[str, Any] = {row["path"]: row for row in audited["articles"]}
    (part,) = rows[FILE]["parts"]
    assert (part["points"], part["reason"]) == (10, "Version 4 has not been reviewed.")

    # Archived, its address must lead on; then the redirect stands where the page was.
    desk.edit(FILE, ("confidence: not_validated", "confidence: archived"))
    (desk.folder / SPANISH).unlink()
    assert desk.rules("2026-05-01") == ["address-lost", "address-lost"]
    alias = "aliases: [/en/refunds/get-a-refund/, /es/refunds/get-a-refund/]"
    desk.edit("kb/en/payments/other.md", ("aliases: []", alias))
    assert desk.rules("2026-05-01") == []
    desk.merge("Archive", "2026-05-01")
    assert "/en/refunds/get-a-refund/ /en/payments/other/ 301" in desk.read("build/site/_redirects")
    assert "url=../../payments/other/" in desk.read(f"{PAGE}/index.html")
    assert "url=../../../payments/other/" in desk.read(f"{PAGE}/v2/index.html")
    assert "url=../../../payments/other/" in desk.read(f"{PAGE}/history/index.html")
    late = json.loads(desk.kb("audit", "--format", "json", today="2030-01-01").stdout)
    assert [row["stale"] for row in late["articles"] if row["path"] == FILE] == [False]


def _other() -> str:
    changed = {"id": "other", "category": "payments", "title": "Pay by card", "questions": "[]"}
    one = "[{version: 1, date: 2026-01-01, by: maya, significance: major, note: First version}]"
    return article(
        {**changed, "version": 1, "changes": one, "reviewed_on": "2026-01-02", "review_every": "2 years"}
    )


def _spanish(desk: Desk) -> str:
    text = (desk.folder / FILE).read_text(encoding="utf-8")
    text = text.replace("title: Get a refund", "translation_of_version: 2\ntitle: Pide un reembolso", 1)
    text = re.sub(r"questions:\n(  - .*\n)+", "questions: []\n", text)
    text = re.sub(r"version: 2\nchanges:\n  - \{version: 2.*\n", "version: 1\nchanges:\n", text)
    return text.replace("confidence: validated", "confidence: not_validated")
