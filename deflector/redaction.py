"""Takes personal data and secrets out of a question before it is stored.

A question is kept to learn what people ask. Whose card or address it was is nobody's business, so what
looks like one is replaced by a word in brackets. The rules favour taking out too much.
"""

import re
from collections.abc import Callable

_Rule = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]


def _passes_luhn(digits: str) -> bool:
    """Check a card number's last digit (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, figure in enumerate(reversed(digits)):
        value = int(figure) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _card_or_number(match: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", match[0])
    return "[card number]" if 13 <= len(digits) <= 19 and _passes_luhn(digits) else "[number]"


_RULES: tuple[_Rule, ...] = (
    (re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+\.[^\s@<>\"'.,;:!?]+"), "[mail address]"),
    (re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE), "[link]"),
    (re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,4})?\b"), "[bank account]"),
    # "my password is hunter2", "pin: 1234", "token=abc"
    (
        re.compile(
            r"\b(password|passwort|passphrase|contraseña|clave|pin|cvv|cvc|token|secret|api key)\b"
            r"(\s*(?:is|was|are|es|era|[:=])\s*)(\S+)",
            re.IGNORECASE,
        ),
        r"\1\2[secret]",
    ),
    (re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])"), "[network address]"),
    # Cards, phones, customer and order numbers: seven figures or more, grouped in any way.
    (re.compile(r"(?<!\w)\+?\(?\d(?:[\s().\-/]{0,2}\d){6,}(?!\w)"), _card_or_number),
    (re.compile(r"\b(?=[A-Za-z0-9_\-]*\d)(?=[A-Za-z0-9_\-]*[A-Za-z])[A-Za-z0-9_\-]{16,}\b"), "[secret]"),
)


def redact(text: str) -> str:
    """Replace addresses, links, card and phone numbers, bank accounts and secrets by what they are."""
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text
