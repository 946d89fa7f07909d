"""Late interaction: each word of a question is compared with each word of a passage, both in their contexts.

The vector of a passage says what it is about as a whole; two passages about one thing lie side by side there.
Whether a passage speaks of each thing that is asked shows only word by word: MaxSim (Khattab and Zaharia,
ColBERT, 2020). A model whose vector is the mean of its tokens' serves without being trained for it, since
the tokens lie in the same space.

Kept small: of a token's vector the few directions in which the commonest words differ most (principal
components), a byte each.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from deflector.search.encoder import Encoder, Vectors

Bytes = NDArray[np.int8]

ASKED: Final = 32  # tokens of a question that are compared, as in ColBERT; about 25 words
BREADTH: Final = 64  # directions of a token's vector that are kept; 128 find no more
TEXTS: Final = 60  # of common words that the directions are found from
WORDS: Final = 25  # in each of these
SHORTEST: Final = 3  # letters of such a word


def directions(encoder: Encoder) -> Vectors:
    """Find the directions in which the words of a model differ most: (dimension, BREADTH) or narrower.

    They depend on the model alone, so that indexes of one model can be compared and added to. There are
    none for a model that gives no vectors of its tokens.
    """
    common = [word for word in encoder.dictionary.words if len(word) >= SHORTEST][: TEXTS * WORDS]
    texts = [" ".join(common[number::TEXTS]) for number in range(TEXTS)]
    rows = np.concatenate([encoded.tokens for encoded in encoder.passages(texts)])
    if not len(rows):
        return np.empty((encoder.dimension, 0), dtype=np.float32)
    _, found = np.linalg.eigh(rows.T @ rows)  # the one that tells most is the last
    return np.ascontiguousarray(found[:, ::-1][:, :BREADTH], dtype=np.float32)


def narrowed(tokens: Vectors, kept: Vectors) -> Vectors:
    """Keep the directions of tokens: (tokens, BREADTH), rows of length 1."""
    found = tokens @ kept
    found /= np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12)
    return np.asarray(found, dtype=np.float32)


def in_bytes(tokens: Vectors) -> Bytes:
    """Round what lies between −1 and 1 to a byte."""
    return np.round(tokens * 127).astype(np.int8)


def maxsim(asked: Vectors, passage: Bytes) -> float:
    """Say how near the nearest word of a passage is to each word of a question, on average; a cosine.

    `asked` is (words, BREADTH), `passage` what `in_bytes` gave. 0 where either has no words.
    """
    if not len(asked) or not passage.size:
        return 0.0
    return float((passage @ asked.T).max(axis=0).mean()) / 127
