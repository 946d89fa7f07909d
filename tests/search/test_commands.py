"""The search from the terminal keeps its contract, and says in a sentence what is wrong."""

import hashlib
import json
import re
import shutil
import tarfile
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from deflector.cli import main
from deflector.search.encoder import OnnxEncoder
from deflector.search.preparation import is_prepared

QUESTIONS = [
    {"id": "q1", "text": "How do I get my money back?"},
    {"id": 2, "text": "do you sell bicycles"},
    {"id": "q3", "text": ""},
    {"id": "q4", "text": "forgoten pasword \ud83d\ude00"},
]


def run(*arguments: str | Path, var: Path, model: str | Path = "off") -> Result:
    command, *rest = [str(argument) for argument in arguments]
    return CliRunner().invoke(main, [command, "--var", str(var), "--model", str(model), *rest])


def lines(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def test_a_question_is_answered_in_words(help_centre: Path, tmp_path: Path) -> None:
    done = run("suggest", "--catalogue", help_centre, "i bought the wrong game", var=tmp_path)
    assert done.exit_code == 0
    assert done.stdout.startswith("answers (97%)\n1. Get a refund for a game")
    assert "/refund-for-a-game/#" in done.stdout
    assert run("suggest", "--catalogue", help_centre, "zeppelin", var=tmp_path).stdout == (
        "nothing: straight to a person (0% that any answers)\n"
    )


def test_a_batch_prints_one_json_line_a_question_and_nothing_else(help_centre: Path, tmp_path: Path) -> None:
    batch = lines(tmp_path / "q.jsonl", QUESTIONS)
    done = run("suggest", "--catalogue", help_centre, "--batch", batch, var=tmp_path)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 0
    assert [row["id"] for row in rows] == ["q1", 2, "q3", "q4"]
    for row in rows:
        assert set(row) == {"id", "answerable", "confidence", "suggestions", "ms"}
        assert isinstance(row["answerable"], bool)
        assert 0 <= row["confidence"] <= 1
        assert row["ms"] >= 0
        assert all(set(item) == {"article", "confidence"} for item in row["suggestions"])
    assert rows[0]["answerable"]
    assert rows[0]["suggestions"][0]["article"] == "refund-for-a-game"
    assert rows[1]["suggestions"] == []
    assert done.stderr.count("by words alone") == 1, "what is missing is said once, not among the answers"


def test_all_lists_the_best_even_where_nothing_would_be_shown(help_centre: Path, tmp_path: Path) -> None:
    batch = lines(tmp_path / "q.jsonl", [{"id": "q", "text": "my account"}])
    shown = run("suggest", "--catalogue", help_centre, "--batch", batch, var=tmp_path)
    everything = run("suggest", "--catalogue", help_centre, "--all", "--batch", batch, var=tmp_path)
    assert json.loads(shown.stdout)["suggestions"] == []
    assert len(json.loads(everything.stdout)["suggestions"]) > 1


def test_explain_tells_what_each_stage_made_of_it(help_centre: Path, tmp_path: Path) -> None:
    done = run("suggest", "--catalogue", help_centre, "--explain", "chargeback for my pasword", var=tmp_path)
    assert "spelling: 'pasword' read as 'password'" in done.stdout
    assert "synonyms: 'chargeback' read as 'refund'" in done.stdout
    assert "BM25" in done.stdout
    assert "Anything answers: " in done.stdout
    assert "ahead of the next" in done.stdout


def test_what_explain_names_adds_up_to_the_score(help_centre: Path, model: Path, tmp_path: Path) -> None:
    question = "can I get my money back"
    done = run("suggest", "--catalogue", help_centre, "--explain", question, var=tmp_path, model=model)
    articles: list[tuple[float, list[float]]] = []
    for line in done.stdout.splitlines():
        if score := re.search(r"of the time, score (\S+)$", line):
            articles.append((float(score[1]), []))
        elif part := re.match(r"     (?:meaning |[a-z ]+ (?=[+-]))(\S+):", line):
            articles[-1][1].append(float(part[1]))
    assert len(articles) > 1
    for whole, parts in articles:
        assert len(parts) >= 6
        assert sum(parts) == pytest.approx(whole, abs=0.004), "each is rounded to three places"


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["--catalogue", "nowhere.json", "x"], 1, "there is no catalogue"),
        ([], 2, "Give one question"),
        (["x", "--batch", "y"], 2, "Give one question"),
        (["--batch", "nowhere.jsonl"], 1, "nowhere.jsonl: cannot be read"),
        (["--engine", "solr", "x"], 2, "solr"),
    ],
)
def test_wrong_use_is_told_in_a_sentence(
    tmp_path: Path, arguments: list[str], status: int, says: str
) -> None:
    done = run("suggest", *arguments, var=tmp_path)
    assert done.exit_code == status
    assert says in done.stderr
    assert "Traceback" not in done.output


@pytest.mark.parametrize("line", ["{", "[]", '{"id": 1}', '{"text": "x"}', '{"id": 1, "text": 2}', "null"])
def test_a_line_that_is_no_question_is_named(help_centre: Path, tmp_path: Path, line: str) -> None:
    batch = tmp_path / "q.jsonl"
    batch.write_text(f'{{"id": 1, "text": "refund"}}\n{line}\n')
    done = run("suggest", "--catalogue", help_centre, "--batch", batch, var=tmp_path)
    assert done.exit_code == 1
    assert done.stdout == ""
    assert "q.jsonl:2: write one" in done.stderr


def test_index_builds_once(help_centre: Path, tmp_path: Path, model: Path) -> None:
    for _ in range(2):
        done = run("index", "--catalogue", help_centre, var=tmp_path, model=model)
        assert done.exit_code == 0
        assert "6 articles indexed" in done.stdout
    assert len(list((tmp_path / "index").glob("*/*/whole"))) == 1


def test_eval_prints_the_figures(help_centre: Path, tmp_path: Path) -> None:
    asked = lines(
        tmp_path / "q.jsonl",
        [
            {"id": "a", "text": "i bought the wrong game", "split": "test"},
            {"id": "b", "text": "forgotten password", "split": "test"},
            {"id": "c", "text": "never asked", "split": "dev"},
        ],
    )
    qrels = tmp_path / "qrels.tsv"
    qrels.write_text("query-id\tdoc-id\tgrade\na\trefund-for-a-game\t1\nb\tforgot-password\t2\nc\tx\t1\n")
    none = lines(tmp_path / "n.jsonl", [{"id": "n", "text": "do you sell bicycles", "split": "test"}])
    arguments = ["--catalogue", help_centre, "--questions", asked, "--qrels", qrels, "--noanswer", none]
    done = run("eval", *arguments, "--split", "test", "--format", "json", var=tmp_path)
    figures = json.loads(done.stdout)
    assert (figures["answerable"], figures["unanswerable"]) == (2, 1)
    assert figures["success"] == {"1": 1.0, "3": 1.0, "5": 1.0}
    assert (figures["mrr"], figures["ndcg"], figures["auroc"]) == (1.0, 1.0, 1.0)
    assert figures["false_at_90"] == 0.0
    assert set(figures["cpu_ms"]) == {"read", "encode", "fuse", "judge"}
    text = run("eval", *arguments, var=tmp_path).stdout
    assert "success@1" in text
    assert "AUROC" in text


def test_eval_says_where_a_file_is_wrong(help_centre: Path, tmp_path: Path) -> None:
    asked = lines(tmp_path / "q.jsonl", [{"id": "a", "text": "refund"}])
    qrels = tmp_path / "qrels.tsv"
    for content, says in (
        ("a\tx\t1\na x 1\n", "qrels.tsv:2: write question"),
        ("z\tx\t1\n", "ids of both files"),
    ):
        qrels.write_text(content)
        done = run("eval", "--catalogue", help_centre, "--questions", asked, "--qrels", qrels, var=tmp_path)
        assert done.exit_code == 1
        assert says in done.stderr


def calibrate(outcomes: Path, var: Path, *more: str) -> Result:
    return CliRunner().invoke(main, ["calibrate", "--outcomes", str(outcomes), "--var", str(var), *more])


def test_calibrate_prints_reliability_before_and_after_and_keeps_the_fit(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [{"confidence": 0.9, "right": n % 2 == 0} for n in range(200)]
    outcomes = lines(tmp_path / "o.jsonl", rows)
    dry = calibrate(outcomes, tmp_path, "--dry-run")
    assert "Before: promise and truth lie 40 points apart on average, over 200 outcomes." in dry.stdout
    assert not (tmp_path / "calibration.json").exists()
    done = calibrate(outcomes, tmp_path)
    assert done.exit_code == 0
    assert "After: promise and truth lie 0 points apart" in done.stdout
    assert "50% (100 of 200)" in done.stdout
    assert json.loads((tmp_path / "calibration.json").read_text())["slope"] > 0


def test_calibrate_refuses_too_little_and_names_a_wrong_line(tmp_path: Path) -> None:
    few: list[dict[str, object]] = [{"confidence": 0.9, "right": True}] * 99
    done = calibrate(lines(tmp_path / "o.jsonl", few), tmp_path)
    assert done.exit_code == 1
    assert "There are 99 outcomes" in done.stderr
    wrong: list[dict[str, object]] = [{"confidence": 0.9, "right": True}, {"confidence": 2, "right": True}]
    assert "o.jsonl:2" in calibrate(lines(tmp_path / "o.jsonl", wrong), tmp_path).stderr


def fetch(url: str, sha256: str, into: Path) -> Result:
    arguments = ["model", "fetch", url, "--sha256", sha256, "--into", str(into), "--var", str(into.parent)]
    return CliRunner().invoke(main, arguments)


def test_a_prepared_model_is_left_as_it_is(model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "models" / "all-MiniLM-L6-v2"
    shutil.copytree(model, folder)
    assert is_prepared(folder)
    done = CliRunner().invoke(main, ["model", "prepare", "--var", str(tmp_path)])
    assert done.exit_code == 0
    assert "is ready" in done.stdout
    (folder / "model.onnx").write_bytes(b"cut off")
    assert not is_prepared(folder)


@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
def test_a_model_is_fetched_by_its_hash(model: Path, tmp_path: Path, kind: str) -> None:
    archive = tmp_path / f"model.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(archive, "w") as packed:
            for file in model.iterdir():
                packed.write(file, f"some-model/{file.name}")
    else:
        with tarfile.open(archive, "w:gz", compresslevel=1) as packed_tar:
            packed_tar.add(model, "some-model")
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    refused = fetch(archive.as_uri(), "0" * 64, tmp_path / "got")
    assert refused.exit_code == 1
    assert digest in refused.stderr
    assert not (tmp_path / "got").exists()
    done = fetch(archive.as_uri(), digest, tmp_path / "got")
    assert done.exit_code == 0, done.output
    assert OnnxEncoder(tmp_path / "got").dimension == 384


def test_an_archive_that_is_none_or_reaches_outside_is_refused(tmp_path: Path) -> None:
    outside = tmp_path / "outside.tar"
    (tmp_path / "f").write_text("{}")
    with tarfile.open(outside, "w") as packed:
        packed.add(tmp_path / "f", "../tokenizer.json")
    nothing = tmp_path / "nothing.zip"
    nothing.write_bytes(b"nothing")
    for archive in (outside, nothing):
        digest = hashlib.sha256(archive.read_bytes()).hexdigest()
        done = fetch(archive.as_uri(), digest, tmp_path / "got")
        assert done.exit_code == 1
        assert "no archive that can be unpacked" in done.stderr
    assert fetch("ftp://host/x", "0", tmp_path / "got").exit_code == 1
    assert not (tmp_path / "got").exists()
    assert not (tmp_path / "tokenizer.json").exists()
