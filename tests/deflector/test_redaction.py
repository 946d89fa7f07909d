"""What is stored of a question holds no address, number or secret."""

import pytest

from deflector.redaction import redact


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("my address is ada.lovelace+x@mail.example.com, help", "my address is [mail address], help"),
        ("card 4111 1111 1111 1111 was declined", "card [card number] was declined"),
        ("card 4111-1111-1111-1111", "card [card number]"),
        ("call me on +34 (600) 123-456", "call me on [number]"),
        ("order 20261122004711", "order [number]"),
        ("iban ES91 2100 0418 4502 0005 1332 please", "iban [bank account] please"),
        ("my password is hunter2 and it fails", "my password is [secret] and it fails"),
        ("PIN: 1234", "PIN: [secret]"),
        ("mi contraseña es gato", "mi contraseña es [secret]"),
        ("see https://evil.test/win?x=1 now", "see [link] now"),
        ("from 192.168.10.20", "from [network address]"),
        ("gift code ABCD-1234-EFGH-5678 fails", "gift code [secret] fails"),
    ],
)
def test_personal_data_and_secrets_are_taken_out(typed: str, kept: str) -> None:
    assert redact(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "error PD-2107 after the update",
        "I was charged 7.99 twice in 2026",
        "how do I reset my password",
        "forgot password",
        "refund within 14 days",
        "Windows 11 24H2",
        "two-step-verification does not work",
        "¿Cómo recupero mi cuenta?",
        "كيف أسترد أموالي",
    ],
)
def test_an_ordinary_question_stays_as_it_is(typed: str) -> None:
    assert redact(typed) == typed
