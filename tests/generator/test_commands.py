import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from generator.articles.knowledge_base import KnowledgeBase
from generator.audit import check
from generator.cli import main
from tests.generator.conftest import CATEGORIES, PATH, PEOPLE, TODAY, GitRepository, article, write

Run = Callable[..., Result]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A writer's folder, which the commands run in."""
    monkeypatch.chdir(tmp_path)
    return write(
        tmp_path, {"kb/people.yml": PEOPLE, "kb/categories.yml": CATEGORIES, f"kb/{PATH}": article()}
    )


@pytest.fixture
def kb() -> Run:
    def run(*words: str) -> Result:
        result = CliRunner().invoke(main, words)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
        return result

    return run


def test_help_teaches_by_examples(kb: Run) -> None:
    for command in ("new", "check", "audit", "history", "import", "build", "watch"):
        assert f"  kb {command}" in kb(command, "--help").output
    said = kb("--help").output
    assert 'kb new "Get a refund for a game"' in said
    assert "..." not in said.partition("Commands:")[2]


# --- check


def test_a_sound_knowledge_base_passes(desk: Path, kb: Run) -> None:
    result = kb("check", "--today", "2026-11-22")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "1 article: 0 errors, 0 warnings.\n"


def test_every_fault_is_a_line_and_the_command_fails(desk: Path, kb: Run) -> None:
    write(desk, {"kb/en/refunds/vat.md": article({"review_every": "soon"}), "kb/en/refunds/b.md": ""})
    result = kb("check", "--today", "2026-11-22")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "kb/en/refunds/b.md:1: front-matter: The file is empty. Write an article in it, or delete it.",
        "kb/en/refunds/vat.md:13: duration: 'review_every' is \"soon\". Write a duration, e.g. 6 months.",
    ]


def test_warnings_do_not_fail(desk: Path, kb: Run) -> None:
    write(desk, {f"kb/{PATH}": article({"reviewed_by": "maya"})})
    result = kb("check", "--today", "2026-11-22")
    assert result.exit_code == 0
    assert f"kb/{PATH}:12: four-eyes (warning): " in result.stdout


def test_json_holds_the_findings(desk: Path, kb: Run) -> None:
    write(desk, {f"kb/{PATH}": article({"owner": "nobody"})})
    (finding,) = json.loads(kb("check", "--format", "json", "--today", "2026-11-22").stdout)["findings"]
    assert finding.keys() == {"path", "line", "rule", "severity", "message"}
    assert (finding["path"], finding["line"], finding["rule"]) == (f"kb/{PATH}", 10, "person")


def test_a_path_shows_its_own_findings_which_still_see_the_whole_base(desk: Path, kb: Run) -> None:
    other = article({"id": "other", "category": "payments", "title": "Other"})
    write(desk, {"kb/en/payments/other.md": other, "kb/en/payments/faulty.md": ""})
    result = kb("check", f"kb/{PATH}", "--today", "2026-11-22")
    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == 2
    assert "is answered in kb/en/payments/other.md:6 already." in result.stdout
    assert kb("check", "kb/es", "--today", "2026-11-22").exit_code == 2
    (desk / "kb/es").mkdir()
    assert kb("check", "kb/es", "--today", "2026-11-22").exit_code == 0


@pytest.mark.parametrize(
    "words", [("elsewhere/docs",), ("elsewhere/docs/en/refunds",), ("--kb", "elsewhere/docs")]
)
def test_another_knowledge_base_is_found_by_its_path(desk: Path, kb: Run, words: tuple[str, ...]) -> None:
    write(desk, {f"elsewhere/docs/{PATH}": article({"type": "x"})})
    result = kb("check", *words, "--today", "2026-11-22")
    assert result.stdout.startswith(f"elsewhere/docs/{PATH}:7: value: ")


def test_mkdocs_yml_says_where_the_articles_lie_and_which_language_comes_first(desk: Path, kb: Run) -> None:
    (desk / "kb").rename(desk / "docs")
    (desk / "docs/en").rename(desk / "docs/de")
    config = "docs_dir: docs\nplugins:\n  - search\n  - answerfirst: {default_language: de}\nx: !ENV [A, b]\n"
    write(desk, {"mkdocs.yml": config})
    assert kb("check", "--today", "2026-11-22").stdout == ""
    write(desk, {f"docs/{PATH}": article()})
    assert "does not say what it translates" in kb("check", "--today", "2026-11-22").stdout


def test_where_there_is_no_knowledge_base_a_sentence_says_so(
    tmp_path: Path, kb: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = kb("check")
    assert result.exit_code == 1
    assert (
        result.stderr == "Error: There is no folder kb. Go to where it lies, or name another one with --kb.\n"
    )
    assert kb("check", "nowhere").exit_code == 2
    assert kb("check", "--today", "tomorrow").exit_code == 2


def test_against_adds_what_a_change_left_undone(repository: GitRepository, desk: Path, kb: Run) -> None:
    repository.commit("Before")
    write(desk, {f"kb/{PATH}": article(body="\nNew.\n")})
    assert kb("check", "--today", "2026-11-22").exit_code == 0
    result = kb("check", "--against", "main", "--format", "github", "--today", "2026-11-22")
    assert result.exit_code == 1
    assert result.stdout.startswith(
        f"::error file=kb/{PATH},line=18,title=version-not-raised::The text differs from"
    )
    assert kb("check", "--against", "nope").exit_code == 2


def test_against_needs_git_and_says_so(desk: Path, kb: Run) -> None:
    result = kb("check", "--against", "main")
    assert result.exit_code == 1
    assert (
        "does not lie in a Git repository. Without it, --against has nothing to compare with."
        in result.stderr
    )


# --- audit


def test_the_audit_fails_only_on_what_it_is_asked_for(desk: Path, kb: Run) -> None:
    late, good = ("--today", "2027-05-01"), ("--today", "2026-11-22")
    assert kb("audit", *late).exit_code == 0
    assert kb("audit", *late, "--fail-on", "stale").exit_code == 1
    assert kb("audit", *late, "--fail-on", "error").exit_code == 0
    assert kb("audit", *good, "--fail-on", "stale", "--fail-on", "error").exit_code == 0
    write(desk, {"kb/en/refunds/b.md": ""})
    assert kb("audit", *good, "--fail-on", "error").exit_code == 1


def test_the_audit_speaks_in_a_table_in_json_and_in_csv(desk: Path, kb: Run) -> None:
    late = ("--today", "2027-05-01")
    table = kb("audit", *late).stdout
    assert "│ 2027-04-01 │ kb/en/refunds/refund-for-a-game.md │ payments │ validated" in table
    assert "Its review was due on 2027-04-01, 30 days ago." in table
    data = json.loads(kb("audit", *late, "--format", "json").stdout)
    assert [one["rule"] for one in data["findings"]] == ["review-overdue"]
    assert data["articles"][0]["reasons"] == ["Its review was due on 2027-04-01, 30 days ago."]
    (row,) = csv.DictReader(io.StringIO(kb("audit", *late, "--format", "csv").stdout))
    assert (row["path"], row["stale"], row["confidence"]) == (f"kb/{PATH}", "True", "validated")


# --- history


def test_history_lists_versions_with_their_commits(repository: GitRepository, desk: Path, kb: Run) -> None:
    commit = repository.commit("Before")
    result = kb("history", "refund-for-a-game")
    assert result.exit_code == 0
    assert "Get a refund for a game (kb/en/refunds/refund-for-a-game.md)" in result.stdout
    assert (
        f"│ 2       │ 2026-10-01 │ maya │ major        │ Refund window is 14 days now │ {commit[:12]} │"
        in result.stdout
    )
    data = json.loads(kb("history", "refund-for-a-game", "--format", "json").stdout)
    assert [(one["version"], one["commit"]) for one in data["versions"]] == [(2, commit), (1, None)]


def test_history_without_git_says_what_is_missing(desk: Path, kb: Run) -> None:
    result = kb("history", "refund-for-a-game")
    assert result.exit_code == 0
    assert "First version" in result.stdout
    assert result.stderr.endswith("Only the front matter's 'changes' are known.\n")


def test_history_of_what_is_not_there(desk: Path, kb: Run) -> None:
    result = kb("history", "nothing")
    assert result.exit_code == 1
    assert 'There is no article "nothing" in kb.' in result.stderr
    assert "in kb/es." in kb("history", "refund-for-a-game", "--lang", "es").stderr


# --- new


@pytest.mark.parametrize(
    ("title", "file"),
    [
        ("Get my money back", "get-my-money-back"),
        ('Why "no": 1.10?', "why-no-1-10"),
        ("- #1: [it's] {all} &gone* | > 50 %", "1-its-all-gone-50"),
        ("no", "no"),
        ("1.10", "1-10"),
        ("2026-10-01", "2026-10-01"),
        ("Größe ändern – où?", "grosse-andern-ou"),
        ("  two   spaces ", "two-spaces"),
        ("x" * 300, "x" * 80),
        ("استرداد الأموال", "article-4990f7ef"),
        ("index", "article-1bc04b52"),
        ("😀 Smile", "smile"),
    ],
)
def test_a_new_article_passes_every_check_as_it_is(desk: Path, kb: Run, title: str, file: str) -> None:
    result = kb("new", "--category", "payments", "--by", "maya", "--today", "2026-11-22", "--", title)
    assert (result.exit_code, result.stdout) == (0, f"kb/en/payments/{file}.md\n")
    base = KnowledgeBase.load(Path("kb"))
    assert [finding for finding in check(base, today=TODAY) if finding.rule != "length"] == []
    found = base.by_id[("en", file)]
    assert found.title == " ".join(title.split())
    assert (found.confidence, found.version, found.last_change.by) == ("work_in_progress", 1, "maya")


def test_a_new_article_belongs_to_who_owns_its_category(desk: Path, kb: Run) -> None:
    write(desk, {f"kb/{PATH}": article({"owner": "jon"})})
    assert "jon answers for it" in kb("new", "Something", "--category", "refunds").stderr
    assert "maya answers for it" in kb("new", "Something else", "--category", "payments").stderr


def test_a_writer_whom_nobody_knows_is_told_so(desk: Path, kb: Run) -> None:
    said = 'people.yml does not name "zoe", who begins it. Add them there, or say --by.'

    assert said in kb("new", "Something", "--category", "refunds", "--by", "zoe").stderr
    assert "people.yml" not in kb("new", "Something else", "--category", "refunds", "--by", "maya").stderr


def test_git_knows_who_writes(repository: GitRepository, desk: Path, kb: Run) -> None:
    repository.git("config", "user.name", "Jon Reyes")
    kb("new", "Something")
    assert KnowledgeBase.load(desk / "kb").by_id[("en", "something")].last_change.by == "jon"
    repository.git("config", "user.name", "Zoë Ünal")
    kb("new", "Something else")
    assert KnowledgeBase.load(desk / "kb").by_id[("en", "something-else")].last_change.by == "zoe-unal"


def test_nothing_is_overwritten(desk: Path, kb: Run) -> None:
    before = (desk / "kb" / PATH).read_bytes()
    result = kb("new", "Refund for a game", "--category", "payments")
    assert (result.exit_code, result.stderr) == (
        1,
        "Error: kb/en/refunds/refund-for-a-game.md exists already. Choose another title.\n",
    )
    write(desk, {"kb/en/payments/faulty.md": "not an article"})
    assert kb("new", "Faulty", "--category", "payments").exit_code == 1
    assert (desk / "kb/en/payments/faulty.md").read_bytes() == b"not an article"
    assert (desk / "kb" / PATH).read_bytes() == before


@pytest.mark.parametrize(
    "words",
    [
        ("new",),
        ("new", ""),
        ("new", "  "),
        ("new", "a\nb\0"),
        ("new", "A", "--category", "nope"),
        ("new", "A", "--lang", "x/y"),
        ("new", "A", "--translates", "refund-for-a-game"),
        ("new", "A", "--translates", "nothing", "--lang", "es"),
        ("new", "A", "--translates", "refund-for-a-game", "--lang", "es", "--category", "payments"),
    ],
)
def test_wrong_use_of_new_is_told(desk: Path, kb: Run, words: tuple[str, ...]) -> None:
    result = kb(*words)
    assert result.exit_code == 2
    assert result.stderr.startswith("Usage: ")


def test_a_translation_begins_with_what_its_original_says(desk: Path, kb: Run) -> None:
    words = ("Pide un reembolso", "--lang", "es", "--translates", "refund-for-a-game", "--by", "maya")
    result = kb("new", *words, "--today", "2026-11-22")
    assert result.stdout == "kb/es/refunds/refund-for-a-game.md\n"
    base = KnowledgeBase.load(Path("kb"))
    assert check(base, today=TODAY) == ()
    original, found = base.by_id[("en", "refund-for-a-game")], base.by_id[("es", "refund-for-a-game")]
    assert (found.translation_of_version, found.version, found.title) == (2, 1, "Pide un reembolso")
    assert (found.body, found.applies_to, found.owner) == (original.body, original.applies_to, "payments")
    assert (found.confidence, found.review) == ("work_in_progress", None)
    again = kb("new", *words)
    assert "kb/es/refunds/refund-for-a-game.md exists already. Change that file instead." in again.stderr


def test_what_asks_nearly_the_same_is_named(desk: Path, kb: Run) -> None:
    result = kb("new", "How to get my money back", "--category", "payments")
    assert "Close to it: kb/en/refunds/refund-for-a-game.md (Get a refund for a game)" in result.stderr


# --- import


def test_import_takes_over_and_reports(desk: Path, kb: Run) -> None:
    write(desk, {"old/Store/a.md": "---\ntitle: A\n---\nText.", "old/b.txt": "x"})
    result = kb("import", "old", "--into", "kb/en", "--today", "2026-11-22")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == "Took over 1 article into kb/en, with 0 images; left out 1 file."
    assert result.stdout.splitlines()[-1] == "The whole report: import-report.md"
    assert "# What the import did" in (desk / "import-report.md").read_text(encoding="utf-8")
    assert kb("check", "--today", "2026-11-22").exit_code == 0
    data = json.loads(kb("import", "old", "--into", "fresh/kb/de", "--format", "json").stdout)
    assert [one["path"] for one in data["taken"]] == ["de/store/a.md"]
    assert not (desk / "fresh/import-report.md").exists()


def test_import_tells_what_is_wrong_in_what_it_took_over_and_in_nothing_else(desk: Path, kb: Run) -> None:
    write(desk, {"old/Store/a.md": "---\ntitle: A\n---\n[Gone](gone.md).", "kb/en/refunds/bad.md": "none"})

    assert "The check finds 0 errors and 1 warning in them." in kb("import", "old").stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("import", "nowhere"), "does not exist"),
        (("import", "old", "--into", "kb"), "Write <knowledge base>/<language>, e.g. kb/en."),
        (("import", "kb/en", "--into", "kb/de"), "lie in each other"),
        (("import", ".", "--into", "kb/en"), "lie in each other"),
    ],
)
def test_wrong_use_of_import_is_told(desk: Path, kb: Run, words: tuple[str, ...], says: str) -> None:
    write(desk, {"old/kb/a.md": "x"})
    result = kb(*words)
    assert result.exit_code == 2
    assert says in " ".join(result.stderr.split())


def test_a_target_that_cannot_be_written_is_told(desk: Path, kb: Run) -> None:
    write(desk, {"old/a.md": "x", "file": "x"})
    result = kb("import", "old", "--into", "file/en")
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr
