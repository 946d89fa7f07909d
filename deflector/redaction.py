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


_NAMES_OF_SECRETS = (
    r"password|passwort|kennwort|passphrase|passcode|pwd|contraseña|clave|pin|cvv|cvc|token|secret|api key"
    r"|كلمة المرور|كلمة السر|الرقم السري"
)
_NAMES_OF_CODES = (
    r"(?:verification|security|confirmation|one-time|sign-in|login|2fa|sms) code|my code|otp"
    r"|código de (?:verificación|seguridad|acceso)|mi código|رمز التحقق"
)
_IS = r"\s*(?:is|was|are|es|era|ist|lautet|هو|هي|[:=])\s*"

_RULES: tuple[_Rule, ...] = (
    # Characters without width between figures hide a number from the rules below, not from people.
    (re.compile(r"(?<=\d)[\u00ad\u200b-\u200d\u2060\ufeff]+(?=\d)"), ""),
    (re.compile(r"[^\s@<>\"']{1,64} ?@ ?[^\s@<>\"']{1,253}\.[^\s@<>\"'.,;:!?]+"), "[mail address]"),
    (re.compile(r"[^\s@<>\"'(]{1,64}@[A-Za-z0-9][\w-]*"), "[mail address]"),
    # ada (at) example.com, ada at example dot com
    (
        re.compile(
            r"[\w.+-]{1,64}\s{0,3}[\[({]\s*at\s*[\])}]\s*[\w-]+(?:(?:\.|\s*[\[({]\s*dot\s*[\])}]\s*)[\w-]+)+"
            r"|[\w.+-]{1,64} at [\w-]+(?: dot [\w-]+)+",
            re.IGNORECASE,
        ),
        "[mail address]",
    ),
    (re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE), "[link]"),
    (re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,4})?\b"), "[bank account]"),
    # "my password is hunter2", "pin: 1234", "token=abc"; without a verb only what looks like one
    (re.compile(rf"\b({_NAMES_OF_SECRETS})\b({_IS})(\S+)", re.IGNORECASE), r"\1\2[secret]"),
    (re.compile(rf"\b({_NAMES_OF_SECRETS}) (?=\S*\d)(?=\S*[^\W\d])\S{{5,}}", re.IGNORECASE), r"\1 [secret]"),
    (
        re.compile(rf"\b({_NAMES_OF_CODES})\b((?:{_IS}|\s+))\d[\d -]{{2,9}}\d\b", re.IGNORECASE),
        r"\1\2[secret]",
    ),
    (re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])"), "[network address]"),
    # IPv6 (RFC 4291, 2.2) and hardware addresses: a time of day has fewer colons and no letters.
    (
        re.compile(r"(?<![\w:])(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{0,4}(?![\w:])", re.IGNORECASE),
        "[network address]",
    ),
    (
        re.compile(r"(?<![\w:])[0-9a-f]{1,4}:[0-9a-f]{0,4}::?[0-9a-f:]*[a-f][0-9a-f:]*", re.IGNORECASE),
        "[network address]",
    ),
    # Cards, phones, customer and order numbers: seven figures or more, grouped in any way.
    (re.compile(r"(?<!\w)\+?\(?\d(?:[\s().\-/]{0,2}\d){6,}(?!\w)"), _card_or_number),
    (
        re.compile(r"\b(?=[A-Za-z0-9_\-]{0,199}\d)(?=[A-Za-z0-9_\-]{0,199}[A-Za-z])[A-Za-z0-9_\-]{16,}\b"),
        "[secret]",
    ),
)


def redact(text: str) -> str:
    """Replace addresses, links, card and phone numbers, bank accounts and secrets by what they are."""
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text
