"""The contract of a word index: every engine keeps it."""

from pathlib import Path

import pytest

from deflector.search.engines import ENGINES
from deflector.search.words import Meant, Way, WordEngine, WordIndex

SECTIONS = [
    {"title": "refund game", "body": "open account request refund money go back card"},
    {"title": "forgotten password", "body": "select link choose new password"},
    {"title": "slow download", "heading": "cable", "body": "use cable instead wireless", "tags": "speed"},
    {"title": "gift", "body": "money money money"},
    {"title": "返品 品に", "body": "お金"},
]


@pytest.fixture(params=sorted(ENGINES))
def engine(request: pytest.FixtureRequest) -> WordEngine:
    return ENGINES[request.param]()


@pytest.fixture
def index(engine: WordEngine, tmp_path: Path) -> WordIndex:
    engine.build(tmp_path, iter(SECTIONS))
    return engine.open(tmp_path)


def say(*ways: str, weight: float = 1.0) -> Meant:
    """Ask for a word that can be said in several ways."""
    return Meant(ways=tuple(Way(terms=tuple(way.split()), weight=weight) for way in ways))


def found(index: WordIndex, *question: Meant, limit: int = 10) -> list[int]:
    return [hit.section for hit in index.search(question, limit)]


def test_a_section_with_more_of_the_question_is_better(index: WordIndex) -> None:
    assert found(index, say("refund"), say("money"))[0] == 0


def test_every_field_is_searched(index: WordIndex) -> None:
    for word, section in (("forgotten", 1), ("cable", 2), ("speed", 2), ("お金", 4), ("返品", 4)):
        assert found(index, say(word)) == [section]


def test_a_word_said_in_several_ways_counts_once_at_its_best(index: WordIndex) -> None:
    one = index.search((say("password"),), 10)
    either = index.search((say("password", "forgotten"),), 10)
    assert [hit.section for hit in either] == [1]
    assert either[0].score == pytest.approx(one[0].score, rel=0.2)


def test_a_phrase_adds_up_its_words(index: WordIndex) -> None:
    phrase = index.search((say("refund money"),), 10)
    word = index.search((say("refund"),), 10)
    assert phrase[0].section == 0
    assert phrase[0].score > word[0].score


def test_weight_scales_what_a_way_counts(index: WordIndex) -> None:
    full = index.search((say("refund"),), 10)[0].score
    half = index.search((say("refund", weight=0.5),), 10)[0].score
    assert half == pytest.approx(full / 2, rel=1e-3)


def test_hits_come_best_first_and_no_more_than_asked(index: WordIndex) -> None:
    hits = index.search((say("money"), say("password"), say("cable")), 2)
    assert len(hits) == 2
    assert hits[0].score >= hits[1].score


def test_unknown_words_nothing_and_no_room_give_nothing(index: WordIndex) -> None:
    assert found(index, say("zeppelin")) == []
    assert found(index) == []
    assert found(index, say("money"), limit=0) == []


@pytest.mark.parametrize(
    "term", ["*", "?*", '"', "AND", "title:refund", "(", "\\", "a" * 40, "refund*", "[a TO z]"]
)
def test_query_syntax_is_only_text(index: WordIndex, term: str) -> None:
    assert found(index, say(term)) == []
    assert found(index, say(term), say("password")) == [1]


def test_a_search_answers_the_same_after_it_was_opened_again(engine: WordEngine, tmp_path: Path) -> None:
    engine.build(tmp_path, iter(SECTIONS))
    question = (say("money"), say("refund"))
    assert engine.open(tmp_path).search(question, 5) == engine.open(tmp_path).search(question, 5)


def test_an_index_of_nothing_finds_nothing(engine: WordEngine, tmp_path: Path) -> None:
    engine.build(tmp_path, iter(()))
    assert found(engine.open(tmp_path), say("refund")) == []


def test_a_folder_that_is_no_index_is_refused(engine: WordEngine, tmp_path: Path) -> None:
    (tmp_path / "meta.json").write_text("{")
    with pytest.raises(Exception, match=r"."):
        engine.open(tmp_path)
