"""The comment of a pull request: which articles change, how, and who has looked at them."""

import pytest
from click.testing import CliRunner

from generator.cli import main
from tests.generator.conftest import CATEGORIES, PATH, PEOPLE, GitRepository, article, write

FIRST = "{version: 1, date: 2026-03-12, by: maya, significance: major, note: First version}"
SECOND = "{version: 2, date: 2026-10-01, by: maya, significance: major, note: Refund window is 14 days now}"
THIRD = "{version: 3, date: 2026-11-20, by: maya, significance: minor, note: The button | is <b>green</b>}"


@pytest.fixture
def desk(repository: GitRepository, monkeypatch: pytest.MonkeyPatch) -> GitRepository:
    monkeypatch.chdir(repository.folder)
    other = article({"id": "other", "title": "Something else", "questions": "[]"})
    files = {"people.yml": PEOPLE, "categories.yml": CATEGORIES, "en/refunds/other.md": other}
    write(repository.folder / "kb", {**files, PATH: article()})
    repository.commit("Begin")
    return repository


def rows() -> list[str]:
    words = ["check", "--against", "main", "--format", "markdown", "--no-language", "--today", "2026-11-22"]
    said = CliRunner().invoke(main, words).stdout
    return [line for line in said.partition("### Articles in this change")[2].splitlines() if ".md" in line]


def test_where_no_article_changes_the_comment_names_none(desk: GitRepository) -> None:
    assert rows() == []


def test_a_change_says_its_versions_and_who_is_asked_for_a_review(desk: GitRepository) -> None:
    changed = {"version": 3, "changes": f"[{THIRD}, {SECOND}, {FIRST}]", "confidence": "not_validated"}
    write(desk.folder / "kb", {PATH: article(changed, "\nPress the green button.\n")})
    assert rows() == [
        "| Get a refund for a game (`kb/en/refunds/refund-for-a-game.md`) | 2 → 3 | "
        "minor: The button \\| is &lt;b>green&lt;/b> | "
        "Asked of Payments team, not of Maya Lindqvist, who wrote it |"
    ]


def test_a_reviewed_a_new_and_a_removed_article_say_so(desk: GitRepository) -> None:
    (desk.folder / "kb/en/refunds/other.md").unlink()
    new = {"id": "new", "title": "New", "questions": "[]", "version": 1, "changes": f"[{FIRST}]"}
    files = {PATH: article({"tags": "[money]"}), "en/refunds/new.md": article(new)}
    write(desk.folder / "kb", files)
    assert rows() == [
        "| New (`kb/en/refunds/new.md`) | new | major: First version | "
        "Jon Reyes on 2026-10-01, next on 2027-04-01 |",
        "| Get a refund for a game (`kb/en/refunds/refund-for-a-game.md`) | 2 | no new version | "
        "Jon Reyes on 2026-10-01, next on 2027-04-01 |",
        "| Something else (`kb/en/refunds/other.md`) | 2 | removed |  |",
    ]


def test_drafts_and_archived_articles_need_nobody(desk: GitRepository) -> None:
    draft, gone = {"confidence": "work_in_progress"}, {"confidence": "archived", "id": "other"}
    write(desk.folder / "kb", {PATH: article(draft), "en/refunds/other.md": article(gone)})
    assert [row.split(" | ")[3] for row in rows()] == ["Archived |", "A draft: no reader sees it |"]
