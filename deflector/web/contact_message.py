"""Turns what a client sends, form or JSON, into a checked `ContactMessage`, or says what to mend."""

import re
from collections.abc import Mapping
from typing import Any

from email_validator import EmailNotValidError, validate_email

from deflector.model import ContactMessage, EnquiryKey, Requester
from deflector.web.clean import clean_line, clean_text

LONGEST_NAME = 100
LONGEST_SUBJECT = 200
LONGEST_MESSAGE = 20_000
LONGEST_KEY = 200
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")
_PRINTABLE = re.compile(r"[\x21-\x7e]{1,200}")


class InvalidMessage(Exception):
    """What a person has to mend: field → key of the sentence in `web/strings`."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{field}: {problem}" for field, problem in problems.items()))
        self.problems = problems


def parse(
    fields: Mapping[str, Any], *, lang: str, idempotency_key: str | None, enquiry: EnquiryKey | None
) -> ContactMessage:
    """Check the fields name, email, message, subject, category, page, declined.

    Raises `InvalidMessage` with every problem at once, in the order of the fields on the page.
    """
    read = _Reader(fields)
    message = read.message()
    name = read.line("name", longest=LONGEST_NAME, required=True)
    email = read.email()
    category = read.category()
    subject = read.line("subject", longest=LONGEST_SUBJECT)
    declined = read.declined()
    if idempotency_key is not None and not _PRINTABLE.fullmatch(idempotency_key):
        read.problems["idempotency_key"] = "problem_idempotency_key"
    if read.problems:
        raise InvalidMessage(read.problems)
    return ContactMessage(
        requester=Requester(name=name, email=email, lang=lang),
        message=message,
        subject=subject or None,
        category=category,
        page=read.line("page", longest=500, cut=True) or None,
        declined=declined,
        enquiry=enquiry,
        idempotency_key=idempotency_key,
    )


class _Reader:
    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = fields
        self.problems: dict[str, str] = {}

    def _text(self, field: str) -> str:
        value = self._fields.get(field)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.problems[field] = "problem_not_text"
            return ""
        return value

    def line(self, field: str, *, longest: int, required: bool = False, cut: bool = False) -> str:
        value = clean_line(self._text(field))
        if cut:
            return value[:longest]
        if required and not value:
            self.problems.setdefault(field, f"problem_{field}_missing")
        elif len(value) > longest:
            self.problems[field] = f"problem_{field}_long"
        return value

    def message(self) -> str:
        value = clean_text(self._text("message")).strip()
        if not value:
            self.problems.setdefault("message", "problem_message_missing")
        elif len(value) > LONGEST_MESSAGE:
            self.problems["message"] = "problem_message_long"
        return value

    def email(self) -> str:
        value = self._text("email").strip(" \t\u00a0")  # a paste often brings a blank
        if not value:
            self.problems.setdefault("email", "problem_email_missing")
            return ""
        try:
            # Reserved names such as .test are what people try things out with; mail to them bounces in peace.
            checked = validate_email(value, check_deliverability=False, test_environment=True)
        except (EmailNotValidError, UnicodeError):
            self.problems["email"] = "problem_email_invalid"
            return ""
        return checked.normalized

    def category(self) -> str | None:
        value = clean_line(self._text("category"))
        if value and not _SLUG.fullmatch(value):
            self.problems["category"] = "problem_category"
        return value or None

    def declined(self) -> bool:
        value = self._fields.get("declined")
        if value is None or isinstance(value, bool):
            return bool(value)
        if isinstance(value, str) and value in ("", "0", "1"):  # what an HTML form can say
            return value == "1"
        self.problems["declined"] = "problem_declined"
        return False


def sender_key(key_id: object, token: object) -> EnquiryKey | None:
    """Read an enquiry's key from what a client sent; anything that cannot be one is no key."""
    if not isinstance(key_id, str) or not re.fullmatch(r"[A-Za-z0-9_-]{1,32}", key_id):
        return None
    if isinstance(token, str) and re.fullmatch(r"[A-Za-z0-9_-]{1,64}", token):
        return EnquiryKey(id=key_id, token=token)
    # A token that cannot be one does not fit, which is not the same as none.
    return EnquiryKey(id=key_id, token=None if token in (None, "") else "-")
