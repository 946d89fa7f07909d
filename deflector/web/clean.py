"""Cleans text at the edge, so that everything behind it holds Unicode that can be stored and sent.

PostgreSQL refuses NUL, UTF-8 refuses lone surrogates, and control characters turn logs and mail headers
into something else. What a person can see stays as they wrote it.
"""

import re

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
# C0 and C1 controls but tab and line feed; nobody types them, and terminals and mail act on them.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_LINE_END = re.compile("\r\n?|[\u0085\u2028\u2029]")


def clean_text(value: str) -> str:
    """Return storable text with "\\n" line ends; lone surrogates become U+FFFD, controls go."""
    return _CONTROL.sub("", _LINE_END.sub("\n", _LONE_SURROGATE.sub("\ufffd", value)))


def clean_line(value: str) -> str:
    """Return one line of storable text, white space folded and trimmed."""
    return " ".join(clean_text(value).split())
