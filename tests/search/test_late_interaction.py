"""Word by word: what a passage's vector as a whole does not tell."""

from pathlib import Path

import numpy as np
import pytest

from deflector.search.encoder import Encoded, Encoder
from deflector.search.late_interaction import ASKED as LONGEST_ASKED
from deflector.search.late_interaction import BREADTH, directions, in_bytes, maxsim, narrowed
from deflector.search.meaning import Meaning
from deflector.search.pipeline import SearchPipeline
from deflector.search.spelling import Dictionary
from deflector.search.vectors import Stored, VectorStore

ASKED = "Can I take my bike on the train?"
TELLS = "Bicycles are allowed on trains outside of rush hour."
ASKED_OF_MANY = "the download of my game takes too long"
BESIDE = "Trains to the coast leave every hour from platform two."


@pytest.fixture(scope="module")
def kept(encoder: Encoder) -> np.ndarray:
    return directions(encoder)


def word_by_word(encoder: Encoder, kept: np.ndarray, asked: str, passage: str) -> float:
    (encoded,) = encoder.passages([passage])
    return maxsim(narrowed(encoder.question(asked).tokens, kept), in_bytes(narrowed(encoded.tokens, kept)))


def test_a_passage_that_speaks_of_each_thing_asked_is_nearer_than_one_beside_it(
    encoder: Encoder, kept: np.ndarray
) -> None:
    assert word_by_word(encoder, kept, ASKED, TELLS) > word_by_word(encoder, kept, ASKED, BESIDE)


def test_a_text_is_as_near_to_itself_as_can_be_whatever_else_the_passage_says(
    encoder: Encoder, kept: np.ndarray
) -> None:
    assert word_by_word(encoder, kept, ASKED, ASKED) == pytest.approx(1.0, abs=0.01)
    assert word_by_word(encoder, kept, ASKED, f"{ASKED} {BESIDE}") > 0.7


@pytest.mark.parametrize(("asked", "passage"), [("", TELLS), (ASKED, ""), ("", ""), ("?!", "…")])
def test_where_nothing_is_said_nothing_is_near(
    encoder: Encoder, kept: np.ndarray, asked: str, passage: str
) -> None:
    assert word_by_word(encoder, kept, asked, passage) == 0.0


def test_the_directions_are_a_models_own_and_the_same_every_time(encoder: Encoder, kept: np.ndarray) -> None:
    assert kept.shape == (encoder.dimension, BREADTH)
    assert kept.T @ kept == pytest.approx(np.eye(BREADTH), abs=1e-4)
    assert np.array_equal(kept, directions(encoder))


def test_what_an_earlier_index_holds_is_taken_as_if_encoded_anew(encoder: Encoder, tmp_path: Path) -> None:
    (first, second, anew) = (tmp_path / name for name in ("first", "second", "anew"))
    for folder in (first, second, anew):
        folder.mkdir()
    VectorStore([], encoder).save(first, [BESIDE, TELLS], articles=[0, 1], sections=[0, 0])
    VectorStore([first], encoder).save(second, [TELLS, ASKED], articles=[0, 1], sections=[0, 0])
    VectorStore([], encoder).save(anew, [TELLS, ASKED], articles=[0, 1], sections=[0, 0])
    taken, whole = Stored.open(second, encoder), Stored.open(anew, encoder)
    assert np.array_equal(taken.vectors, whole.vectors)
    assert np.array_equal(taken.tokens, whole.tokens)
    assert np.array_equal(taken.starts, whole.starts)


def test_an_article_is_as_near_as_its_nearest_passage_word_by_word(
    encoder: Encoder, kept: np.ndarray, tmp_path: Path
) -> None:
    texts, articles = [BESIDE, "Tickets cost more on Fridays.", TELLS], [0, 1, 1]
    VectorStore([], encoder).save(tmp_path, texts, articles=articles, sections=[0, 0, 0])
    meaning = Meaning.open(tmp_path, encoder)
    near = meaning.near(encoder.question(ASKED))
    for number, best in enumerate((BESIDE, TELLS)):
        expected = word_by_word(encoder, kept, ASKED, best)
        assert meaning.word_by_word(number, near) == pytest.approx(expected, abs=1e-5)
    assert meaning.word_by_word(7, near) == 0.0, "an article without passages"


def test_the_articles_that_lead_are_ranked_by_it_too(by_meaning: SearchPipeline, encoder: Encoder) -> None:
    (answered,) = by_meaning.explain(ASKED_OF_MANY, lang="en")
    assert answered.index.meaning is not None
    near = answered.index.meaning.near(encoder.question(answered.reading.corrected))
    for found, _ in answered.found:
        own = answered.index.meaning.word_by_word(found.place.article_at, near)
        assert found.signs.maxsim == pytest.approx(max(0.0, own), abs=1e-5)
    assert any(found.signs.maxsim > 0.3 for found, _ in answered.found)


class WithoutTokens:
    """A model that gives a vector of a text and none of its words."""

    id = "without tokens"
    dimension = 4
    dictionary = Dictionary(["refund", "password"])

    def knows(self, _lang: str) -> bool:
        return True

    def passages(self, texts: list[str]) -> list[Encoded]:
        return [self.question(text) for text in texts]

    def question(self, _text: str) -> Encoded:
        return Encoded(vector=np.full(4, 0.5, dtype=np.float32), tokens=np.empty((0, 4), dtype=np.float32))


def test_a_model_without_vectors_of_words_is_used_for_whole_texts(tmp_path: Path) -> None:
    encoder = WithoutTokens()
    VectorStore([], encoder).save(tmp_path, [TELLS, BESIDE], articles=[0, 1], sections=[0, 0])  # type: ignore[arg-type]
    stored = Stored.open(tmp_path, encoder)  # type: ignore[arg-type]
    assert stored.vectors.shape == (2, 4)
    asked = narrowed(encoder.question(ASKED).tokens, stored.directions)
    assert maxsim(asked, stored.tokens_of(0)) == 0.0


def test_tokens_that_were_cut_off_are_not_taken(encoder: Encoder, tmp_path: Path) -> None:
    VectorStore([], encoder).save(tmp_path, [TELLS, BESIDE], articles=[0, 1], sections=[0, 0])
    np.save(tmp_path / "tokens.npy", np.load(tmp_path / "tokens.npy")[:-1])
    with pytest.raises(ValueError, match="cut off"):
        Stored.open(tmp_path, encoder)


def test_a_long_question_is_compared_by_its_beginning(encoder: Encoder, tmp_path: Path) -> None:
    VectorStore([], encoder).save(tmp_path, [TELLS], articles=[0], sections=[0])
    meaning = Meaning.open(tmp_path, encoder)
    beginning = encoder.question(f"{ASKED} " * 60)
    assert len(beginning.tokens) > LONGEST_ASKED == len(meaning.near(beginning).tokens)
