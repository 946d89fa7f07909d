"""Who says "This solved it" and writes after all counts as a ticket, wherever it can be known."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from deflector.measures.figures import Figures, figures
from deflector.measures.grouping import BySameWords
from deflector.measures.period import Period, from_sums
from deflector.measures.rollup import catch_up
from deflector.model import Outcome
from tests.deflector.conftest import ANSWERED, Clock, services_of

ABOUT = {"article": "refund-for-a-game", "version": 3}
WHO = {"name": "Ada", "email": "ada@example.com", "message": ANSWERED, "lang": "en"}
Key = dict[str, str]


def begin(client: FlaskClient) -> Key:
    """Open the form in a tab and ask."""
    key: Key = client.post("/api/enquiries", json={"lang": "en"}).get_json()
    query = {"q": ANSWERED, "lang": "en", "enquiry": key["enquiry"]}
    client.get("/api/suggest", query_string=query, headers={"X-Enquiry-Token": key["token"]})
    return key


def say_solved(client: FlaskClient, key: Key) -> None:
    headers = {"X-Enquiry-Token": key["token"]}
    body = {"type": "solved", **ABOUT}
    assert (
        client.post(f"/api/enquiries/{key['enquiry']}/events", json=body, headers=headers).status_code == 204
    )


def write(client: FlaskClient, key: Key) -> None:
    assert client.post("/api/tickets", json={**WHO, **key, "declined": True}).status_code == 201


def counted(app: Flask) -> Figures:
    held = services_of(app)
    catch_up(held.store, held.support.hours.time_zone)
    with held.store.reading() as tx:
        tally = from_sums(tx, Period(), zone=held.support.hours.time_zone, as_of=held.now())
    return figures(tally, knowledge=None, as_of=held.now(), grouping=BySameWords())


@pytest.mark.parametrize(
    ("later", "ended", "clawed_back"),
    [
        ({"minutes": 5}, Outcome.TICKET, 1),
        ({"hours": 9}, Outcome.TICKET, 1),
        ({"days": 6, "hours": 23}, Outcome.TICKET, 1),
        ({"days": 7, "hours": 1}, Outcome.CONFIRMED, 0),
    ],
)
def test_in_the_page_that_is_still_open_it_is_known_for_a_week(
    app: Flask, client: FlaskClient, clock: Clock, later: dict[str, float], ended: Outcome, clawed_back: int
) -> None:
    key = begin(client)
    say_solved(client, key)
    assert counted(app).outcomes[Outcome.CONFIRMED] == 1
    clock.advance(**later)
    write(client, key)

    found = counted(app)

    assert found.outcomes[ended] == found.shown == 1
    assert found.clawed_back == clawed_back
    assert found.tickets == 1


def test_without_a_script_the_page_that_thanks_sends_the_message_on(app: Flask, client: FlaskClient) -> None:
    def hidden(page: str) -> Key:
        return dict(re.findall(r'type="hidden" name="(enquiry|token|key)" value="([^"]+)"', page))

    form = {name: value for name, value in WHO.items() if name != "lang"}
    offered = client.post("/contact?lang=en", data=form)
    assert "This solved it" in offered.text
    solved = client.post("/contact/solved?lang=en", data={**form, **hidden(offered.text), **ABOUT})
    assert counted(app).outcomes[Outcome.CONFIRMED] == 1
    sent = client.post("/contact?lang=en", data={**form, **hidden(solved.text), "declined": "1"})
    assert sent.status_code == 303

    found = counted(app)

    assert (found.outcomes[Outcome.TICKET], found.clawed_back, found.enquiries) == (1, 1, 1)


def test_another_tab_is_another_enquiry_and_the_ticket_counts_there(app: Flask, client: FlaskClient) -> None:
    """Nothing ties them together, no cookie and no address: docs/measuring.md says what that does."""
    first, second = begin(client), begin(client)
    say_solved(client, first)
    write(client, second)

    found = counted(app)

    assert found.enquiries == found.shown == 2
    assert (found.outcomes[Outcome.CONFIRMED], found.outcomes[Outcome.TICKET]) == (1, 1)
    assert found.clawed_back == 0


def test_both_tabs_are_clawed_back_by_the_one_that_wrote_only_for_itself(
    app: Flask, client: FlaskClient
) -> None:
    first, second = begin(client), begin(client)
    say_solved(client, first)
    say_solved(client, second)
    write(client, second)

    found = counted(app)

    assert (found.outcomes[Outcome.CONFIRMED], found.clawed_back, found.tickets) == (1, 1, 1)
