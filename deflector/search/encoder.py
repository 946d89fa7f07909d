"""The sentence model: text → a vector, close vectors for texts that mean the same.

The port `Encoder` and its ONNX implementation. A model folder is what sentence-transformers exports: an
ONNX graph, `tokenizer.json`, and optionally `1_Pooling/config.json`, `sentence_bert_config.json` and
`config_sentence_transformers.json`. What `deflector model prepare` writes has the same form.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from deflector.search.analysis import fold
from deflector.search.spelling import Dictionary

Vectors = NDArray[np.float32]

LONGEST = 128  # tokens of a text; what the default model was trained on
MANIFEST = "answerfirst.json"  # what we know of a model besides; {"languages": […]}
BEGINNINGS = ("▁", "Ġ")  # how SentencePiece and byte-pair tokenizers mark the begin of a word
GRAPHS = ("model.onnx", "onnx/model_quantized.onnx", "onnx/model_int8.onnx", "onnx/model.onnx")


class UnusableModel(Exception):
    """The model folder cannot be used; the message is a sentence that says where, what, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Encoded:
    """A text as the model sees it, in vectors of length 1.

    vector: the whole text, (dimension,). tokens: its words and parts of words in their context, without
    punctuation, (tokens, dimension); no rows from a model whose vector is not the mean of its tokens'.
    """

    vector: Vectors
    tokens: Vectors


class Encoder(Protocol):
    """Encodes texts of the languages it knows into unit vectors. Safe to use from many threads."""

    @property
    def id(self) -> str:
        """Name the model by its content, so that vectors of another model are never mixed in."""

    @property
    def dimension(self) -> int:
        """The length of its vectors."""

    def knows(self, lang: str) -> bool:
        """Say whether the model was trained on this language."""

    def passages(self, texts: Iterable[str]) -> Iterator[Encoded]:
        """Encode parts of articles, one after the other as they are taken."""

    def question(self, text: str) -> Encoded:
        """Encode a question."""

    @property
    def dictionary(self) -> Dictionary:
        """The whole words that the model was trained on, the most used first."""


class OnnxEncoder:
    """A sentence model on onnxruntime, one thread a question."""

    def __init__(self, folder: Path) -> None:
        """Open a model folder; raise UnusableModel with a sentence when it is not whole."""
        self._folder = folder
        self._graph = next((folder / name for name in GRAPHS if (folder / name).is_file()), None)
        if self._graph is None or not (folder / "tokenizer.json").is_file():
            raise UnusableModel(
                f"{folder}: this is no model folder: it needs model.onnx and tokenizer.json. "
                "Prepare one with `deflector model prepare`."
            )
        try:
            self._open(self._graph)
        except Exception as exc:
            raise UnusableModel(
                f"{folder}: the sentence model cannot be opened ({_first_line(exc)}). "
                "Prepare it again with `deflector model prepare`."
            ) from None

    def _open(self, graph: Path) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(graph),
            options,
            providers=["CPUExecutionProvider"],
            # onnxruntime's fused SkipLayerNormalization takes eight times as long as the two it replaces.
            disabled_optimizers=["SkipLayerNormFusion"],
        )
        self._inputs = {given.name for given in self._session.get_inputs()}
        pooling = self._json("1_Pooling/config.json")
        self._by_first_token = bool(pooling.get("pooling_mode_cls_token"))
        prompts = self._json("config_sentence_transformers.json").get("prompts") or {}
        self._question_prompt = str(prompts.get("query") or "")
        self._passage_prompt = str(prompts.get("document") or prompts.get("passage") or "")
        longest = int(self._json("sentence_bert_config.json").get("max_seq_length") or LONGEST)
        self._tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(min(longest, LONGEST))
        languages = self._json(MANIFEST).get("languages")
        self._languages = frozenset(languages) if isinstance(languages, list) else None
        self._dimension = int(self.question("one").vector.shape[0])
        if (declared := pooling.get("word_embedding_dimension")) not in (None, self._dimension):
            raise ValueError(f"its vectors have {self._dimension} numbers, its configuration says {declared}")

    @cached_property
    def id(self) -> str:
        """Name the model by a hash of its graph, tokenizer and configuration."""
        digest = hashlib.sha256()
        for file in (self._graph, *sorted(self._folder.rglob("*.json"))):
            digest.update((file or self._folder).read_bytes())
        return digest.hexdigest()[:16]

    @property
    def dimension(self) -> int:
        """The length of its vectors."""
        return self._dimension

    def knows(self, lang: str) -> bool:
        """Say whether the model was trained on this language; a folder that does not say knows them all."""
        return self._languages is None or lang.lower().split("-")[0] in self._languages

    def passages(self, texts: Iterable[str]) -> Iterator[Encoded]:
        """Encode parts of articles, one at a time: quantised sums depend on what shares a batch."""
        return (self._encode(self._passage_prompt + text) for text in texts)

    def question(self, text: str) -> Encoded:
        """Encode a question."""
        return self._encode(self._question_prompt + text)

    @cached_property
    def dictionary(self) -> Dictionary:
        """Take the tokenizer's whole words, which are numbered by use and marked where a word goes on."""
        by_use = sorted(self._tokenizer.get_vocab().items(), key=lambda token: token[1])
        tokens = [token for token, _ in by_use]
        if begun := [token[1:] for token in tokens if token[:1] in BEGINNINGS]:
            tokens = begun
        return Dictionary(list(dict.fromkeys(fold(token) for token in tokens if token.isalpha())))

    def _encode(self, text: str) -> Encoded:
        read = self._tokenizer.encode(text)
        ids = np.array([read.ids], dtype=np.int64)
        given = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.zeros_like(ids),
            "position_ids": np.arange(ids.shape[1])[None],
        }
        out = self._session.run(None, {name: given[name] for name in self._inputs})[0]
        if out.ndim == 3 and not self._by_first_token:
            telling = [
                at
                for at, (token, special) in enumerate(zip(read.tokens, read.special_tokens_mask, strict=True))
                if not special and any(map(str.isalnum, token))
            ]
            return Encoded(vector=_unit(out[0].mean(axis=0)), tokens=_unit(out[0, telling]))
        vector = out[0, 0] if out.ndim == 3 else out[0]
        return Encoded(vector=_unit(vector), tokens=np.empty((0, len(vector)), dtype=np.float32))

    def _json(self, name: str) -> dict[str, Any]:
        try:
            data = json.loads((self._folder / name).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return data if isinstance(data, dict) else {}


def _unit(vectors: Vectors) -> Vectors:
    """Give vectors, the last axis of an array, the length 1."""
    lengths = np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)
    return np.asarray(vectors / lengths, dtype=np.float32)


def _first_line(exc: Exception) -> str:
    return str(exc).strip().splitlines()[0][:160] if str(exc).strip() else type(exc).__name__
