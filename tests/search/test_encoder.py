"""The contract of an encoder, and the folders that are no model."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from deflector.search.encoder import MANIFEST, Encoder, OnnxEncoder, UnusableModel


def test_vectors_have_length_one_and_the_declared_dimension(encoder: Encoder) -> None:
    for encoded in encoder.passages(["How do I get a refund?", "Reset a password", ""]):
        assert encoded.vector.shape == (encoder.dimension,)
        assert np.linalg.norm(encoded.vector) == pytest.approx(1.0, abs=1e-4)
        assert encoded.tokens.shape[1] == encoder.dimension
        assert np.linalg.norm(encoded.tokens, axis=1) == pytest.approx(1.0, abs=1e-4)


def test_each_word_has_a_vector_and_punctuation_has_none(encoder: Encoder) -> None:
    assert len(encoder.question("Money, please!").tokens) == 2
    assert len(encoder.question("?! …").tokens) == len(encoder.question("").tokens) == 0


def test_a_word_has_the_vector_of_its_context(encoder: Encoder) -> None:
    texts = ("the bank of the river", "sit by the river bank", "the bank took a fee")
    found = [encoder.question(text).tokens[text.split().index("bank")] for text in texts]
    assert float(found[0] @ found[1]) > float(found[0] @ found[2])


def test_texts_that_mean_the_same_are_nearer(encoder: Encoder) -> None:
    question = encoder.question("How can I remove my profile for good?")
    same, other = encoder.passages(["Delete your account permanently", "Speed up slow downloads"])
    assert float(same.vector @ question.vector) > 0.4 > float(other.vector @ question.vector)


def test_a_text_is_encoded_alike_alone_and_among_others(encoder: Encoder) -> None:
    text = "My card was charged twice"
    (alone,) = encoder.passages([text])
    _, among = encoder.passages(["a much longer neighbour that would share a batch " * 5, text])
    assert np.array_equal(alone.vector, among.vector)
    assert np.array_equal(alone.tokens, among.tokens)
    assert np.array_equal(alone.vector, encoder.question(text).vector)


def test_nothing_that_can_be_typed_breaks_it(encoder: Encoder) -> None:
    for text in ("", " ", "🙂" * 500, "ا" * 2_000, "\ufeff", "word " * 20_000, "\u200f\u202e"):
        encoded = encoder.question(text)
        assert np.isfinite(encoded.vector).all()
        assert np.isfinite(encoded.tokens).all()


def test_it_knows_its_language_and_its_words(encoder: Encoder) -> None:
    assert encoder.knows("en")
    assert encoder.knows("en-GB")
    assert not encoder.knows("es")
    assert "password" in encoder.dictionary
    assert "pasword" not in encoder.dictionary


def test_a_model_folder_that_does_not_name_languages_knows_them_all(model: Path, tmp_path: Path) -> None:
    folder = _copy(model, tmp_path)
    (folder / MANIFEST).unlink()
    assert OnnxEncoder(folder).knows("es")


def test_another_model_has_another_name(model: Path, tmp_path: Path, encoder: OnnxEncoder) -> None:
    folder = _copy(model, tmp_path)
    assert OnnxEncoder(folder).id == encoder.id
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 64}')
    assert OnnxEncoder(folder).id != encoder.id


def test_a_folder_without_a_model_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnusableModel, match="this is no model folder"):
        OnnxEncoder(tmp_path)


def test_a_cut_off_model_is_refused_in_a_sentence(model: Path, tmp_path: Path) -> None:
    folder = _copy(model, tmp_path)
    (folder / "model.onnx").write_bytes((model / "model.onnx").read_bytes()[:100_000])
    with pytest.raises(UnusableModel, match="cannot be opened"):
        OnnxEncoder(folder)


def test_a_wrong_dimension_is_refused_in_a_sentence(model: Path, tmp_path: Path) -> None:
    folder = _copy(model, tmp_path)
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"word_embedding_dimension": 768}))
    with pytest.raises(UnusableModel, match="its vectors have 384 numbers, its configuration says 768"):
        OnnxEncoder(folder)


def _copy(model: Path, into: Path) -> Path:
    return Path(shutil.copytree(model, into / "model"))
