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
        ("write to ada at example dot com please", "write to [mail address] please"),
        ("ada (at) example.com", "[mail address]"),
        ("ada [at] mail [dot] example [dot] com", "[mail address]"),
        ("ada@localhost and ada @ example.com", "[mail address] and [mail address]"),
        ("an ada@exämple.de too", "an [mail address] too"),
        ("my Kennwort lautet geheim", "my Kennwort lautet [secret]"),
        ("I typed password hunter2 again", "I typed password [secret] again"),
        ("كلمة المرور: سرية", "كلمة المرور: [secret]"),
        ("my verification code is 482 913", "my verification code is [secret]"),
        ("mi código es 482913", "mi código es [secret]"),
        ("my address is 2001:db8::1 here", "my address is [network address] here"),
        ("fe80::1ff:fe23:4567:890a", "[network address]"),
        ("mac 00:1A:2B:3C:4D:5E", "mac [network address]"),
        ("4111\u200b1111\u200b1111\u200b1111", "[card number]"),
        ("card ٤١١١ ١١١١ ١١١١ ١١١١", "card [card number]"),
        ("GB29NWBK60161331926819", "[bank account]"),
        ("token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3", "token [secret]"),
        ("social security 123-45-6789", "social security [number]"),
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
        "error code 2107 at 12:30:45",
        "I am at home at last",
        "look at example 3",
        "the match at 12:30 lagged, std::vector too",
        "password reset mail does not arrive",
        "where do I enter the verification code",
        "who's @ the top",
        "ratio 16:9:4",
        "C:\\Games\\save",
        "two-step-verification does not work",
        "¿Cómo recupero mi cuenta?",
        "كيف أسترد أموالي",
    ],
)
def test_an_ordinary_question_stays_as_it_is(typed: str) -> None:
    assert redact(typed) == typed
