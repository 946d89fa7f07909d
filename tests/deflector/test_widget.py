"""Help on other pages: the script, its words, and who may call from where."""

import gzip
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from deflector.support.support_desk import SupportDesk, Widget

SHOP = "https://shop.example.com"


@pytest.fixture
def shop(make_app: Callable[..., Flask], support: SupportDesk) -> FlaskClient:
    """A client of a desk whose widget stands in a shop."""
    listed = support.model_copy(update={"widget": Widget(origins=(SHOP,))})
    return make_app(support=listed).test_client()


def test_the_script_is_small_and_may_be_loaded_by_any_page(client: FlaskClient) -> None:
    answer = client.get("/widget.js")

    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert len(gzip.compress(answer.data)) < 15_000


@pytest.mark.parametrize(
    ("asked", "lang", "word"), [("en", "en", "Help"), ("es", "es", "Ayuda"), ("fi", "en", "Help")]
)
def test_the_button_speaks_the_pages_language(client: FlaskClient, asked: str, lang: str, word: str) -> None:
    answer: Any = client.get(f"/widget.json?lang={asked}").json

    assert (answer["lang"], answer["dir"], answer["words"]["widget_help"]) == (lang, "ltr", word)


@pytest.mark.parametrize(
    ("origin", "may"),
    [
        (SHOP, True),
        ("http://127.0.0.1:8000", True),  # the site of the catalogue
        ("https://evil.example", False),
        ("https://shop.example.com.evil.example", False),
        ("null", False),
    ],
)
def test_only_listed_pages_may_call(shop: FlaskClient, origin: str, may: bool) -> None:
    asked = shop.options("/api/tickets", headers={"Origin": origin, "Access-Control-Request-Method": "POST"})
    answered = shop.get("/api/suggest?q=refund", headers={"Origin": origin})

    for answer in (asked, answered):
        assert answer.headers.get("Access-Control-Allow-Origin") == (origin if may else None)
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert "Origin" in answer.headers["Vary"]
    assert ("Idempotency-Key" in asked.headers.get("Access-Control-Allow-Headers", "")) is may


def test_pages_of_ours_are_not_shared(shop: FlaskClient) -> None:
    assert "Access-Control-Allow-Origin" not in shop.get("/contact", headers={"Origin": SHOP}).headers


@pytest.mark.parametrize("origin", ["*", "shop.example.com", "https://shop.example.com/path", "null"])
def test_an_origin_that_is_none_is_refused_at_start(origin: str) -> None:
    with pytest.raises(ValueError, match="no origin"):
        SupportDesk.model_validate({"widget": {"origins": [origin]}})
