"""`deflector learned`: listed, taken away, and carried into the articles as a patch."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import chdir
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from deflector.cli import main
from deflector.reporting.wordings import Unreadable, fragment, patch, with_questions
from deflector.settings import Settings
from tests.deflector.conftest import AppFactory, Clock
from tests.deflector.test_learning import REFUND, WORDING, confirm

ROOT = Path(__file__).parents[2]
Run = Callable[..., Result]


@pytest.fixture
def run(make_app: AppFactory, settings: Settings, clock: Clock) -> Run:
    """Run commands on a desk where two people confirmed a wording eight days ago, and one another."""
    clock.moment = datetime.now(UTC) - timedelta(days=8)
    client = make_app().test_client()
    for wording in (WORDING, WORDING, "only one asked this"):
        confirm(client, wording)
    environment = {
        "DEFLECTOR_VAR": str(settings.var),
        "DEFLECTOR_CATALOGUE": str(settings.catalogue),
        "DEFLECTOR_MODEL": "off",
        "COLUMNS": "200",
    }

    def run(*args: str, **more: str) -> Result:
        return CliRunner().invoke(main, ["learned", *args], env=environment | more, catch_exceptions=False)

    return run


def test_what_was_learned_is_listed_for_people_and_programs(run: Run) -> None:
    text = run().stdout
    [row] = json.loads(run("--format", "json").stdout)["wordings"]

    assert WORDING in text
    assert f"{REFUND} v3" in text
    assert "only one asked this" not in text
    assert row.pop("last_confirmed").startswith("20")
    assert row.pop("id") in text
    assert row == {
        "article": REFUND,
        "lang": "en",
        "version": 3,
        "wording": WORDING,
        "people": 2,
        "declined": 0,
        "weight": 1.0,
        "counts": True,
        "why_not": None,
    }
    assert json.loads(run("--format", "json", "--lang", "es").stdout) == {"wordings": []}
    assert "Nothing was learned yet" in run("--article", "lag").stdout


def test_a_wording_is_forgotten_by_its_words_or_its_id(run: Run) -> None:
    [row] = json.loads(run("--format", "json").stdout)["wordings"]

    assert "no learned wording" in run("--forget", "something else").stderr
    assert "Forgotten for refund-for-a-game (en)" in run("--forget", row["id"]).stdout
    [gone] = json.loads(run("--format", "json").stdout)["wordings"]
    assert (gone["wording"], gone["counts"], gone["id"]) == (None, False, row["id"])
    assert "forgotten, and not learned again" in gone["why_not"]
    assert run("--forget", WORDING).exit_code == 0


def test_the_list_says_when_nothing_is_learned_or_used(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "off.yml"
    path.write_text("suggestions: {learn: false}\n")

    answer = run(DEFLECTOR_SUPPORT=str(path))
    assert "nothing is learned or used" in answer.stderr
    assert "Nothing was learned yet" in answer.stdout


def test_what_cannot_be_done_is_a_sentence(run: Run, tmp_path: Path) -> None:
    assert run("--export", str(tmp_path), "--forget", "x").exit_code == 2
    assert "there is no such folder" in run("--export", str(tmp_path / "nowhere")).stderr
    assert "there is no catalogue" in run(DEFLECTOR_CATALOGUE=str(tmp_path / "none.json")).stderr


def test_the_patch_applies_and_the_article_still_passes_its_checks(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "repository"
    article = folder / "kb/en/refunds/refund-for-a-game.md"
    article.parent.mkdir(parents=True)
    for name in ("kb/people.yml", "kb/categories.yml", "kb/en/refunds/refund-for-a-game.md"):
        shutil.copy(ROOT / name, folder / name)
    before = article.read_text(encoding="utf-8")
    with chdir(folder):  # where a writer runs it
        made = run("--export", "kb")

    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    done = subprocess.run(
        ["git", "apply"], cwd=folder, input=made.stdout, text=True, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr + made.stdout
    after = article.read_text(encoding="utf-8")

    questions = yaml.safe_load(before.split("---\n")[1])["questions"]
    assert yaml.safe_load(after.split("---\n")[1])["questions"] == [*questions, WORDING]
    assert after.replace(f"  - {WORDING}\n", "") == before
    found = [kb_findings(text, folder, article) for text in (before, after)]
    assert found[0] == found[1]
    article.write_text(after, encoding="utf-8")
    assert run("--export", str(folder / "kb")).stdout == ""  # it is there already


def kb_findings(text: str, folder: Path, article: Path) -> set[tuple[str, str]]:
    """Run `kb check` on the article and give what it finds, without the lines."""
    article.write_text(text, encoding="utf-8")
    kb = Path(sys.executable).with_name("kb")
    done = subprocess.run(
        [str(kb), "check", "--format", "json"], cwd=folder, capture_output=True, text=True, check=False
    )
    return {(one["rule"], one["message"]) for one in json.loads(done.stdout)["findings"]}


def test_where_the_file_is_not_found_the_lines_to_paste_are_printed(run: Run, tmp_path: Path) -> None:
    made = run("--export", str(tmp_path))

    assert made.stdout == ""
    assert f"add by hand, below `questions:`\n  - {WORDING}\n" in made.stderr


NEW = ["undo it: now", "I can't"]
ADDED = "  - 'undo it: now'\n  - I can't\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("questions:\n  - one\ntags: [a]\n", f"questions:\n  - one\n{ADDED}tags: [a]\n"),
        ("questions:\n- one\n- two\n", "questions:\n- one\n- two\n- 'undo it: now'\n- I can't\n"),
        (
            "questions:\n  - >\n    long\n    one\ntags: []\n",
            f"questions:\n  - >\n    long\n    one\n{ADDED}tags: []\n",
        ),
        (
            "questions:\n  # why\n  - one # ok\n\nx: 1\n",
            f"questions:\n  # why\n  - one # ok\n{ADDED}\nx: 1\n",
        ),
        ("questions: []\nx: 1\n", f"questions:\n{ADDED}x: 1\n"),
        ("questions:\nx: 1\n", f"questions:\n{ADDED}x: 1\n"),
        ("x: 1\nquestions: [one,\n  two]\n", f"x: 1\nquestions:\n  - one\n  - two\n{ADDED}"),
        ("x: 1\n", f"x: 1\nquestions:\n{ADDED}"),
        ("questions: [I CAN'T!]\n", "questions:\n  - I CAN'T!\n  - 'undo it: now'\n"),
        ("questions: [Undo it now, I can't]\n", "questions: [Undo it now, I can't]\n"),
    ],
)
def test_wordings_are_added_to_front_matter_however_it_is_written(before: str, after: str) -> None:
    for newline in ("\n", "\r\n"):
        text = f"---\n{before}---\n\nText: [x]\n".replace("\n", newline)
        assert with_questions(text, NEW) == f"---\n{after}---\n\nText: [x]\n".replace("\n", newline)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no front matter",
        "---\nx: 1\n",
        "---\n- x\n---\n",
        "---\nquestions: one\n---\n",
        "---\na: [\n---\n",
        "---\nquestions: [one] # a note\n---\n",
        "---\nquestions: &q [one]\nalso: *q\n---\n",
    ],
)
def test_what_cannot_be_mended_by_a_program_is_left_to_a_person(text: str) -> None:
    with pytest.raises(Unreadable):
        with_questions(text, NEW)


def test_a_patch_of_a_file_without_a_last_line_end_says_so() -> None:
    assert patch("a.md", "x", "x") == ""
    assert patch("a.md", "x", "y").endswith(
        "-x\n\\ No newline at end of file\n+y\n\\ No newline at end of file\n"
    )
    assert fragment(["no", "a: b", "ünï"]) == "  - 'no'\n  - 'a: b'\n  - ünï\n"
