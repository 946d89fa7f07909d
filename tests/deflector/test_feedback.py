"""A reader's word on an article, given without JavaScript."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from deflector.model import Event
from tests.deflector.conftest import Clock, services_of

ABOUT = {"article": "lag", "version": "3", "lang": "en"}


@pytest.fixture
def words(app: Flask, clock: Clock) -> Callable[[], list[Event]]:
    """List what readers said, oldest first."""

    def listed() -> list[Event]:
        with services_of(app).store.reading() as tx:
            return list(tx.enquiries.loose(since=None, until=None, as_of=clock()))

    return listed


def test_a_yes_is_counted_and_thanked_for(client: FlaskClient, words: Callable[[], list[Event]]) -> None:
    page = client.post("/feedback", data=ABOUT | {"helpful": "yes"})

    assert "Thank you" in page.text
    assert '<a class="af-button af-button--primary" href="/en/payments/lag/">' in page.text
    (given,) = words()
    assert given.about is not None
    assert (given.about.article, given.about.version, given.data["helpful"]) == ("lag", 3, True)


def test_a_no_is_asked_for_its_reason_and_counted_once(
    client: FlaskClient, words: Callable[[], list[Event]]
) -> None:
    asking = client.post("/feedback", data=ABOUT | {"helpful": "no"})
    assert words() == []
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', asking.text))

    client.post("/feedback", data=fields | {"helpful": "no", "reason": "unclear", "comment": "Which cable?"})
    (given,) = words()
    assert given.data == {"helpful": False, "reason": "unclear", "comment": "Which cable?"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"article": "no-such-article"},
        {"version": "three"},
        {"version": "9999999"},
        {"helpful": "perhaps"},
        {"lang": "es"},
    ],
)
def test_what_cannot_be_meant_is_not_counted(
    client: FlaskClient, words: Callable[[], list[Event]], wrong: dict[str, str]
) -> None:
    assert client.post("/feedback", data=ABOUT | {"helpful": "yes"} | wrong).status_code == 404
    assert words() == []


def test_a_reason_that_nobody_offered_is_dropped(
    client: FlaskClient, words: Callable[[], list[Event]]
) -> None:
    client.post("/feedback", data=ABOUT | {"helpful": "no", "asked": "1", "reason": "<script>"})

    assert words()[0].data["reason"] is None
