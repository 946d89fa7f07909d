"""Stands for the wordings that staff decide about, so that a decision outlives the words."""

import hashlib
import hmac
from collections.abc import Iterable

from deflector.keys import derived
from deflector.measures.grouping import words_of


def marks_of(wordings: Iterable[str], *, secret: str) -> tuple[str, ...]:
    """Give a keyed hash for each wording, equal for what differs in capitals, spaces and marks only."""
    key = derived(secret, "decisions about gaps")
    said = dict.fromkeys(" ".join(words_of(text)) for text in wordings)
    return tuple(hmac.new(key, text.encode(), hashlib.sha256).hexdigest() for text in said)
