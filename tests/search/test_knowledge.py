"""What the deflector knows is what the catalogue says, and a broken catalogue takes nothing away."""

import json
import os
import threading
from pathlib import Path

import pytest

from deflector.knowledge import Knowledge, KnowledgeFile, UnreadableCatalogue
from tests.search.help_centre import ARTICLES, SYNONYMS, article, catalogue, write_catalogue


def test_a_catalogue_with_nothing_but_the_contracts_fields_serves(tmp_path: Path) -> None:
    path = write_catalogue(tmp_path / "catalogue.json", ARTICLES)
    knowledge = Knowledge.load(path)
    found = knowledge.article("refund-for-a-game", "en")
    assert found is not None
    assert found.title == "Get a refund for a game"
    assert found.address(found.sections[1]) == "/refund-for-a-game/#how"
    assert knowledge.languages == ("en", "es")
    assert knowledge.article("refund-for-a-game", "es") is None


def test_categories_synonyms_and_languages_are_read_where_they_are_there(tmp_path: Path) -> None:
    path = write_catalogue(
        tmp_path / "catalogue.json",
        ARTICLES,
        synonyms=SYNONYMS,
        languages=["es", "en"],
        categories={"refunds": {"title": {"en": "Refunds", "es": "Reembolsos"}}, "odd": "Odd"},
        something_new={"nobody": "knows"},
    )
    knowledge = Knowledge.load(path)
    assert knowledge.languages == ("es", "en")
    assert knowledge.synonyms["en"][0] == ("refund", "reimbursement", "chargeback")
    assert knowledge.categories["refunds"].title("es") == "Reembolsos"
    assert knowledge.categories["odd"].title("en") == "Odd"


def test_what_is_not_published_is_not_known(tmp_path: Path) -> None:
    hidden = [
        article("old", "Old", confidence="archived"),
        article("draft", "Draft", confidence="work_in_progress"),
        article("inside", "Inside", audience="internal"),
    ]
    knowledge = Knowledge.load(write_catalogue(tmp_path / "c.json", [*ARTICLES, *hidden]))
    assert {a.id for a in knowledge.articles} == {a["id"] for a in ARTICLES}


def test_an_article_without_sections_has_its_summary_as_one(tmp_path: Path) -> None:
    path = write_catalogue(tmp_path / "c.json", [article("a", "A", sections=[], summary="Short.")])
    found = Knowledge.load(path).article("a", "en")
    assert found is not None
    assert [section.text for section in found.sections] == ["Short."]


def test_lone_surrogates_and_nul_do_not_come_in(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_text(json.dumps(catalogue([article("a", "A\ud800B\0C")])))
    found = Knowledge.load(path).article("a", "en")
    assert found is not None
    assert found.title == "ABC"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "not JSON"),
        (b'{"schema_version": 1, "articles": [', "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"[]", "not a catalogue"),
        (b"null", "not a catalogue"),
        (b'{"articles": []}', "no schema_version"),
        (b'{"schema_version": 2, "articles": []}', "schema_version is 2"),
        (b'{"schema_version": true, "articles": []}', "schema_version is True"),
        (b'{"schema_version": 1}', "at articles"),
        (b'{"schema_version": 1, "articles": [{"id": "a"}]}', "at articles.0.title"),
        (b'{"schema_version": 1, "articles": [{"id": "", "title": "A"}]}', "at articles.0.id"),
        (b'{"schema_version": 1, "articles": [{"id":"a","title":"A"},{"id":"a","title":"B"}]}', "twice"),
    ],
)
def test_an_unusable_catalogue_is_told_in_a_sentence(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "c.json"
    path.write_bytes(content)
    with pytest.raises(UnreadableCatalogue, match=says) as caught:
        Knowledge.load(path)
    assert str(path) in str(caught.value)


def test_a_missing_catalogue_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnreadableCatalogue, match="there is no catalogue"):
        Knowledge.load(tmp_path / "nowhere.json")


def test_the_content_hash_changes_with_the_words_and_not_with_the_time(tmp_path: Path) -> None:
    first = Knowledge.load(write_catalogue(tmp_path / "a.json", ARTICLES, generated_at="2026-01-01"))
    later = Knowledge.load(write_catalogue(tmp_path / "b.json", ARTICLES, generated_at="2026-02-02"))
    other = Knowledge.load(write_catalogue(tmp_path / "c.json", [*ARTICLES, article("new", "New")]))
    assert first.content_hash == later.content_hash != other.content_hash


def test_a_new_file_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    path = write_catalogue(tmp_path / "c.json", ARTICLES[:1])
    file = KnowledgeFile(path)
    first = file.current()
    assert first is file.current()
    write_catalogue(path, ARTICLES)
    second = file.current()
    assert second is not None
    assert len(second.articles) == len(ARTICLES)
    assert file.problem is None


def test_the_last_good_catalogue_stays_while_the_file_is_broken_or_gone(tmp_path: Path) -> None:
    path = write_catalogue(tmp_path / "c.json", ARTICLES)
    file = KnowledgeFile(path)
    good = file.current()
    path.write_text("{")
    assert file.current() is good
    assert "not JSON" in (file.problem or "")
    path.unlink()
    assert file.current() is good
    assert "there is no catalogue" in (file.problem or "")
    write_catalogue(path, ARTICLES)
    assert file.problem is None


def test_a_file_that_comes_later_is_found(tmp_path: Path) -> None:
    file = KnowledgeFile(tmp_path / "c.json")
    assert file.current() is None
    assert "there is no catalogue" in (file.problem or "")
    write_catalogue(tmp_path / "c.json", ARTICLES)
    assert file.current() is not None


def test_many_threads_read_while_the_file_changes_and_none_goes_without(tmp_path: Path) -> None:
    path = write_catalogue(tmp_path / "c.json", ARTICLES)
    file = KnowledgeFile(path)
    missed = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            if file.current() is None:
                missed.append(1)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for turn in range(20):
        write_catalogue(path, ARTICLES[: 1 + turn % len(ARTICLES)])
        os.utime(path, ns=(turn, turn))
    stop.set()
    for reader in readers:
        reader.join()
    assert not missed
    current = file.current()
    assert current is not None
    assert len(current.articles) == 1 + 19 % len(ARTICLES)
