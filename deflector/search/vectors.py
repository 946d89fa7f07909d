"""The vectors of one language on disk: of passages, and of the tokens in them.

    vectors.npy            (passages, dimension)
    tokens.npy             (tokens of all passages, BREADTH), a byte each
    tokens.starts.npy      (passages + 1,) where each passage's tokens begin
    directions.npy         (dimension, BREADTH): what of a token's vector is kept
    lines.npy              (lines, dimension): lines that were looked at and are no passages
    passages.json          the model, each passage's text (hashed), article and section, each line's text

A text that the same model encoded for an earlier index is not encoded again.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from deflector.search.encoder import Encoder, Vectors
from deflector.search.late_interaction import Bytes, directions, in_bytes, narrowed


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stored:
    """What one index folder holds, mapped; `articles` and `sections` say where each passage stands."""

    vectors: Vectors
    tokens: Bytes
    starts: NDArray[np.int32]
    directions: Vectors
    lines: Mapping[str, Vectors]
    texts: Sequence[str]
    articles: NDArray[np.int32]
    sections: NDArray[np.int32]

    @classmethod
    def open(cls, folder: Path, encoder: Encoder) -> Self:
        """Map a folder; raise ValueError where it was cut off or belongs to another model."""
        content = json.loads((folder / "passages.json").read_text(encoding="utf-8"))
        found = cls(
            vectors=np.asarray(np.load(folder / "vectors.npy", mmap_mode="r")),
            tokens=np.asarray(np.load(folder / "tokens.npy", mmap_mode="r")),
            starts=np.load(folder / "tokens.starts.npy"),
            directions=np.load(folder / "directions.npy"),
            lines=dict(zip(content["lines"], np.load(folder / "lines.npy", mmap_mode="r"), strict=True)),
            texts=content["texts"],
            articles=np.array(content["articles"], dtype=np.int32),
            sections=np.array(content["sections"], dtype=np.int32),
        )
        passages = len(found.texts)
        if content["model"] != encoder.id or found.vectors.shape != (passages, encoder.dimension):
            raise ValueError("the vectors are another model's")
        if found.starts.shape != (passages + 1,) or int(found.starts[-1]) != len(found.tokens):
            raise ValueError("the vectors of tokens were cut off")
        return found

    def tokens_of(self, passage: int) -> Bytes:
        """Give the vectors of a passage's tokens."""
        return self.tokens[self.starts[passage] : self.starts[passage + 1]]


class VectorStore:
    """Encodes texts with one model, but those that were encoded for an earlier index."""

    def __init__(self, folders: Iterable[Path], encoder: Encoder) -> None:
        self.encoder = encoder
        self._earlier: list[Stored] = []
        self._places: dict[str, tuple[Stored, int]] = {}
        self._lines: dict[str, Vectors] = {}
        for folder in folders:
            try:
                stored = Stored.open(folder, encoder)
            except (OSError, ValueError, KeyError, TypeError):
                continue
            self._earlier.append(stored)
            for place, text in enumerate(stored.texts):
                self._places.setdefault(text, (stored, place))

    def vectors(self, lines: Sequence[str]) -> Vectors:
        """Give the vectors of lines that are looked at, (lines, dimension); `save` keeps them, too."""
        for line in lines:
            name = _digest(line)
            if name not in self._lines:
                self._lines[name] = self._vector(line, name)
        return np.array([self._lines[_digest(line)] for line in lines], dtype=np.float32)

    def save(
        self, folder: Path, texts: Sequence[str], *, articles: Sequence[int], sections: Sequence[int]
    ) -> None:
        """Write the passages of an index into a folder, each with the place of its article and section."""
        vectors = np.empty((len(texts), self.encoder.dimension), dtype=np.float32)
        tokens = [np.empty((0, self._directions.shape[1]), dtype=np.int8)]
        for place, text in enumerate(texts):
            vectors[place], found = self._encoded(text)
            tokens.append(found)
        np.save(folder / "vectors.npy", vectors)
        np.save(folder / "tokens.npy", np.concatenate(tokens))
        np.save(folder / "tokens.starts.npy", np.cumsum(list(map(len, tokens))).astype(np.int32))
        np.save(folder / "directions.npy", self._directions)
        np.save(folder / "lines.npy", np.array(list(self._lines.values()), dtype=np.float32))
        content = {
            "model": self.encoder.id,
            "lines": list(self._lines),
            "texts": [_digest(text) for text in texts],
            "articles": list(articles),
            "sections": list(sections),
        }
        (folder / "passages.json").write_text(json.dumps(content), encoding="utf-8")

    @cached_property
    def _directions(self) -> Vectors:
        return self._earlier[0].directions if self._earlier else directions(self.encoder)

    def _vector(self, line: str, name: str) -> Vectors:
        if name in self._places:
            return self._encoded(line)[0]
        for earlier in self._earlier:
            if name in earlier.lines:
                return earlier.lines[name]
        (fresh,) = self.encoder.passages([line])
        return fresh.vector

    def _encoded(self, text: str) -> tuple[Vectors, Bytes]:
        if (earlier := self._places.get(_digest(text))) is not None:
            stored, place = earlier
            return stored.vectors[place], stored.tokens_of(place)
        (fresh,) = self.encoder.passages([text])
        return fresh.vector, in_bytes(narrowed(fresh.tokens, self._directions))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]
