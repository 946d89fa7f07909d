"""The one thing of a stranger's that our mail repeats: a first name that is only a name."""

import re
import unicodedata

LONGEST = 30
MOST_WORDS = 4
_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")


def first_name(name: str) -> str:
    """Take the first word of a name of one to four words of letters, hyphens and apostrophes, or nothing.

    Anything that could be read as an address, a number or an offer makes the whole name unusable. So do
    look-alike letters (bold, circled, full-width), which are letters to a program only.
    """
    composed = unicodedata.normalize("NFC", name).strip(" ")
    words = composed.split(" ")
    if len(words) > MOST_WORDS or unicodedata.normalize("NFKC", composed) != composed:
        return ""
    if not all(len(word) <= LONGEST and _WORD.fullmatch(word) for word in words):
        return ""
    return words[0] if all(c.isalpha() or c in "-'’" for c in composed.replace(" ", "")) else ""
