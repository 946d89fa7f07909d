"""Indexes are built once, shared, replaced while questions run, and mended when they are broken."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from deflector.knowledge import Knowledge, KnowledgeFile
from deflector.model import Verdict
from deflector.search.current import CurrentIndex
from deflector.search.engines import ENGINES
from deflector.search.pipeline import SearchPipeline, open_search
from deflector.search.snapshot import Indexer
from deflector.search.store import IndexFolders
from tests.search.help_centre import ARTICLES, article, write_catalogue

PATIENCE = 60.0  # seconds until a change beside the questions counts as missed


def until(holds: Callable[[], bool]) -> bool:
    """Wait for something that happens beside the test."""
    end = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def indexes(var: Path) -> list[Path]:
    return sorted((var / "index").glob("*/*/whole"))


def test_processes_that_start_together_build_one_index(help_centre: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "deflector.search.building", str(help_centre), str(tmp_path), "tantivy"]
    processes = [subprocess.Popen(command) for _ in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    (whole,) = indexes(tmp_path)
    assert not list((tmp_path / "index").glob(".building-*"))
    before = whole.stat().st_mtime_ns
    pipeline = open_search(knowledge=KnowledgeFile(help_centre), var=tmp_path)
    assert pipeline.rank("refund", lang="en").items
    assert whole.stat().st_mtime_ns == before, "what is there is not built again"


@pytest.mark.parametrize("engine", sorted(ENGINES))
@pytest.mark.parametrize("harm", ["cut off", "emptied", "foreign", "missing"])
def test_a_broken_index_is_built_anew(help_centre: Path, tmp_path: Path, engine: str, harm: str) -> None:
    open_search(knowledge=KnowledgeFile(help_centre), engine=engine, var=tmp_path)
    (whole,) = indexes(tmp_path)
    for file in [f for f in whole.parent.rglob("*") if f.is_file() and f != whole]:
        if harm == "cut off":
            file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
        elif harm == "emptied":
            file.write_bytes(b"")
        elif harm == "foreign":
            file.write_bytes(b"This is something else entirely.\n" * 9)
        else:
            file.unlink()
    pipeline = open_search(knowledge=KnowledgeFile(help_centre), engine=engine, var=tmp_path)
    assert pipeline.degraded()[1:] == ()
    assert pipeline.rank("refund for a game", lang="en").items[0].article == "refund-for-a-game"


def test_a_new_catalogue_is_taken_over_while_questions_run(tmp_path: Path) -> None:
    path = write_catalogue(tmp_path / "c.json", ARTICLES)
    pipeline = open_search(knowledge=KnowledgeFile(path), var=tmp_path)
    empty: list[str] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            if not pipeline.rank("forgotten password", lang="en").items:
                empty.append("nothing")

    askers = [threading.Thread(target=ask) for _ in range(2)]
    for asker in askers:
        asker.start()
    write_catalogue(path, [*ARTICLES, article("gift", "Redeem a gift card", "Enter the code of the card.")])
    try:
        assert until(lambda: first(pipeline, "redeem gift card") == "gift")
    finally:
        stop.set()
        for asker in askers:
            asker.join()
    assert not empty, "the old index answers until the new one is there"


def first(pipeline: SearchPipeline, question: str) -> str | None:
    items = pipeline.rank(question, lang="en").items
    return items[0].article if items else None


def test_an_article_that_is_gone_is_not_offered_though_the_new_index_is_not_there_yet(tmp_path: Path) -> None:
    path = write_catalogue(tmp_path / "c.json", ARTICLES)
    pipeline = open_search(knowledge=KnowledgeFile(path), var=tmp_path)
    assert first(pipeline, "slow downloads") == "slow-downloads"
    write_catalogue(path, [a for a in ARTICLES if a["id"] != "slow-downloads"])
    assert all(item.article != "slow-downloads" for item in pipeline.rank("slow downloads", lang="en").items)


def test_a_catalogue_that_comes_later_is_indexed_beside_the_questions(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    pipeline = open_search(knowledge=KnowledgeFile(path), var=tmp_path)
    assert pipeline.suggest("refund", lang="en").verdict is Verdict.NOTHING
    assert any("there is no catalogue" in sentence for sentence in pipeline.degraded())
    write_catalogue(path, ARTICLES)
    assert until(lambda: first(pipeline, "refund") == "refund-for-a-game")
    assert not any("catalogue" in sentence for sentence in pipeline.degraded())


def test_a_rebuild_that_changed_no_words_needs_no_new_index(tmp_path: Path) -> None:
    path = write_catalogue(tmp_path / "c.json", ARTICLES, revision="1")
    pipeline = open_search(knowledge=KnowledgeFile(path), var=tmp_path)
    moved = [{**a, "url": f"/en{a['url']}", "version": 2} for a in ARTICLES]
    write_catalogue(path, moved, revision="2")
    pipeline.refresh()
    assert len(indexes(tmp_path)) == 1
    item = pipeline.rank("forgotten password", lang="en").items[0]
    assert (item.url, item.version) == ("/en/forgot-password/#steps", 2)


def test_old_indexes_are_swept_away(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    for number in range(6):
        write_catalogue(path, [*ARTICLES, article("extra", f"Extra number {number}")])
        open_search(knowledge=KnowledgeFile(path), var=tmp_path)
    assert len(indexes(tmp_path)) == 3
    (tmp_path / "index" / ".building-left-by-a-killed-process").mkdir()
    write_catalogue(path, ARTICLES)
    open_search(knowledge=KnowledgeFile(path), var=tmp_path)
    assert not list((tmp_path / "index").glob(".building-*"))


def test_a_folder_that_cannot_be_written_degrades_the_search_in_a_sentence(
    help_centre: Path, tmp_path: Path
) -> None:
    (tmp_path / "var").write_text("a file where the folder should be")
    pipeline = open_search(knowledge=KnowledgeFile(help_centre), var=tmp_path / "var")
    assert pipeline.suggest("refund", lang="en").verdict is Verdict.NOTHING
    assert any("cannot be built" in sentence for sentence in pipeline.degraded())


def test_only_what_changed_is_encoded_again(tmp_path: Path, encoder: object) -> None:
    counting = Counting(encoder)
    path = tmp_path / "c.json"

    def build(articles: list[dict[str, object]]) -> int:
        write_catalogue(path, articles)
        counting.encoded = 0
        indexer = Indexer(engine=ENGINES["tantivy"](), encoder=counting, folders=IndexFolders(tmp_path))  # type: ignore[arg-type]  # passes everything else through
        indexer.open(Knowledge.load(path))
        return counting.encoded

    whole = build(ARTICLES)
    changed = build([*ARTICLES[1:], {**ARTICLES[0], "title": "Ask for your money"}])
    assert whole > 10
    assert 0 < changed < whole
    assert build([{**a, "url": "/elsewhere/"} for a in ARTICLES]) == 0


def test_lines_that_were_looked_at_are_not_encoded_again(tmp_path: Path, encoder: object) -> None:
    counting = Counting(encoder)
    path = tmp_path / "c.json"
    lines = "Close the game.\nOpen Settings.\nChoose the other disk.\nWait for the end."
    for articles in ([article("move", "Move a game", lines)], ARTICLES):
        write_catalogue(path, [article("move", "Move a game", lines), *articles[1:2]])
        counting.encoded = 0
        indexer = Indexer(engine=ENGINES["tantivy"](), encoder=counting, folders=IndexFolders(tmp_path))  # type: ignore[arg-type]  # passes everything else through
        indexer.open(Knowledge.load(path))
    title, question, text = 1, 1, 1
    assert counting.encoded == title + question + text, "what the second article brings"


class Counting:
    """Counts the passages that a real encoder is given."""

    def __init__(self, encoder: object) -> None:
        self._encoder = encoder
        self.encoded = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self._encoder, name)

    def passages(self, texts: list[str]) -> object:
        for encoded in self._encoder.passages(texts):  # type: ignore[attr-defined]
            self.encoded += 1
            yield encoded


def test_vectors_of_another_model_are_not_taken_for_ones_own(
    help_centre: Path, model: Path, tmp_path: Path
) -> None:
    open_search(knowledge=KnowledgeFile(help_centre), var=tmp_path, model=model)
    (whole,) = indexes(tmp_path)
    passages = whole.parent / "en" / "passages.json"
    passages.write_text(json.dumps({**json.loads(passages.read_text()), "model": "another"}))
    pipeline = open_search(knowledge=KnowledgeFile(help_centre), var=tmp_path, model=model)
    assert json.loads(passages.read_text())["model"] != "another"
    assert pipeline.degraded() == ()


def test_a_model_that_is_missing_is_said_once_and_search_goes_by_words(
    help_centre: Path, tmp_path: Path
) -> None:
    pipeline = open_search(knowledge=KnowledgeFile(help_centre), var=tmp_path, model=tmp_path / "nowhere")
    (sentence,) = pipeline.degraded()
    assert "this is no model folder" in sentence
    assert "by words alone" in sentence
    assert pipeline.engine == "tantivy"
    assert first(pipeline, "forgotten password") == "forgot-password"


def test_what_failed_is_not_tried_with_every_question(help_centre: Path, tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file where the folder should be")
    indexer = Indexer(engine=ENGINES["tantivy"](), encoder=None, folders=IndexFolders(tmp_path / "var"))
    current = CurrentIndex(
        file=KnowledgeFile(help_centre), indexer=indexer, var=tmp_path / "var", model=None, learned=None
    )
    current.refresh()
    (problem,) = current.problems()
    (tmp_path / "var").unlink()
    current.refresh()
    assert current.problems() == (problem,)
    assert current.get() is None
