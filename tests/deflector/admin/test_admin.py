"""The dashboard: who gets in, what a role may do, and that its numbers are the report's."""

import csv
import io
import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from deflector.roles import StaffRole
from deflector.staff import NotAllowed, StaffDoor
from deflector.store.staff import NameTaken
from tests.deflector.admin.conftest import PASSWORD
from tests.deflector.conftest import ANSWERED, UNANSWERED, Clock

CSRF = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


def sign_in(client: FlaskClient, name: str = "maya", password: str = PASSWORD, **more: str) -> int:
    return client.post("/admin/sign-in", data={"name": name, "password": password, **more}).status_code


def csrf(client: FlaskClient) -> str:
    found = CSRF.search(client.get("/admin").text)
    assert found is not None
    return found[1]


def ask(client: FlaskClient, question: str, *, write: bool = False) -> None:
    key = client.post("/api/enquiries", json={"lang": "en"}).get_json()
    client.get(
        "/api/suggest",
        query_string={"q": question, "lang": "en", "enquiry": key["enquiry"]},
        headers={"X-Enquiry-Token": key["token"]},
    )
    if write:
        body = {
            "name": "Ada",
            "email": "ada@example.com",
            "message": question,
            "declined": True,
            "lang": "en",
        }
        assert client.post("/api/tickets", json={**body, **key}).status_code == 201


@pytest.mark.parametrize(
    "path", ["", "/gaps", "/articles", "/enquiries", "/stale", "/outcomes.csv", "/gaps.csv"]
)
def test_nobody_sees_a_figure_without_signing_in(client: FlaskClient, path: str) -> None:
    answer = client.get(f"/admin{path}")

    assert answer.status_code == 303
    assert answer.location.startswith("/admin/sign-in?next=")


def test_who_signs_in_comes_where_they_wanted_to_go_and_nowhere_else(client: FlaskClient) -> None:
    def leads(wanted: str) -> str:
        data = {"name": "maya", "password": PASSWORD, "next": wanted}
        return client.post("/admin/sign-in", data=data).location

    assert leads("/admin/gaps?days=7") == "/admin/gaps?days=7"
    for elsewhere in ("https://evil.test/", "//evil.test", "/admin\\@evil.test", "/administer", ""):
        assert leads(elsewhere) == "/admin"


def test_the_cookie_is_for_admin_only_and_out_of_reach_of_scripts(client: FlaskClient) -> None:
    answer = client.post("/admin/sign-in", data={"name": "maya", "password": PASSWORD})

    cookie = answer.headers["Set-Cookie"]
    assert "Path=/admin" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Set-Cookie" not in client.get("/contact").headers


def test_a_wrong_password_and_an_unknown_name_are_answered_alike(client: FlaskClient) -> None:
    wrong = client.post("/admin/sign-in", data={"name": "maya", "password": "wrong"})
    unknown = client.post("/admin/sign-in", data={"name": "nobody", "password": PASSWORD})

    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text == unknown.text


def test_after_five_failures_even_the_right_password_waits_a_quarter_of_an_hour(
    client: FlaskClient, clock: Clock
) -> None:
    for _ in range(5):
        assert sign_in(client, password="wrong") == 401
    assert sign_in(client) == 429
    assert sign_in(client, "jon") == 303  # another name is not held up
    clock.advance(minutes=16)
    assert sign_in(client) == 303


def test_a_session_ends_after_a_working_day(client: FlaskClient, clock: Clock) -> None:
    sign_in(client)
    assert client.get("/admin").status_code == 200
    clock.moment += timedelta(hours=12, minutes=1)
    assert client.get("/admin").status_code == 303


def test_signing_out_ends_the_session_also_for_a_copy_of_the_cookie(client: FlaskClient, app: Flask) -> None:
    sign_in(client)
    cookie = client.get_cookie("af-admin", path="/admin")
    assert cookie is not None
    assert client.post("/admin/sign-out", data={"csrf": csrf(client)}).status_code == 303

    thief = app.test_client()
    thief.set_cookie("af-admin", cookie.value, path="/admin")
    assert thief.get("/admin").status_code == 303


def test_a_new_password_signs_everybody_out(client: FlaskClient, door: StaffDoor) -> None:
    sign_in(client)
    assert door.change_password("maya", "another horse battery")
    assert client.get("/admin").status_code == 303
    assert sign_in(client) == 401


@pytest.mark.parametrize(
    ("data", "headers"),
    [
        ({}, {}),
        ({"csrf": "0" * 64}, {}),
        ({"csrf": "right"}, {"Origin": "https://evil.test"}),
    ],
)
def test_a_form_from_elsewhere_is_refused(
    client: FlaskClient, data: dict[str, str], headers: dict[str, str]
) -> None:
    sign_in(client)
    if data.get("csrf") == "right":
        data = {"csrf": csrf(client)}

    assert client.post("/admin/sign-out", data=data, headers=headers).status_code == 403
    assert client.get("/admin").status_code == 200


@pytest.mark.parametrize(("name", "password"), [("M!", PASSWORD), ("", PASSWORD), ("ada", "short")])
def test_a_name_or_password_that_cannot_be_taken_is_a_sentence(
    door: StaffDoor, name: str, password: str
) -> None:
    with pytest.raises(NotAllowed, match=r"\.$|do\.$"):
        door.add(name, password, StaffRole.VIEWER)
    with pytest.raises(NameTaken):
        door.add("maya", PASSWORD, StaffRole.VIEWER)


def test_the_first_page_shows_what_happened_and_what_to_write(client: FlaskClient) -> None:
    ask(client, ANSWERED)
    ask(client, UNANSWERED, write=True)
    sign_in(client)

    page = client.get("/admin").text

    assert "2 enquiries" in page
    assert "0 of 1" in page  # too few for a rate: a count
    assert "too few for a rate" in page
    assert UNANSWERED in page
    assert "1 asked, 1 wrote to us" in page


def test_an_empty_desk_says_so_instead_of_noughts(client: FlaskClient) -> None:
    sign_in(client)

    page = client.get("/admin").text

    assert "Nobody has asked anything in this period yet" in page
    assert "0%" not in page


def test_a_number_leads_to_the_enquiries_behind_it_without_a_name(client: FlaskClient) -> None:
    ask(client, ANSWERED, write=True)
    ask(client, UNANSWERED)
    sign_in(client)

    page = client.get("/admin/enquiries?outcome=ticket").text

    assert ANSWERED in page
    assert UNANSWERED not in page
    assert "ada@example.com" not in page


def test_a_lead_decides_about_a_gap_and_a_viewer_may_not(client: FlaskClient) -> None:
    ask(client, UNANSWERED)
    form = {"mark": "0" * 64, "lang": "en", "to_do": "product_bug"}
    sign_in(client, "jon")
    assert "Decide" not in client.get("/admin/gaps").text
    assert client.post("/admin/gaps/decision", data={**form, "csrf": csrf(client)}).status_code == 403
    client.post("/admin/sign-out", data={"csrf": csrf(client)})
    sign_in(client)
    form |= dict([re.findall(r'name="(mark)" value="(\w+)"', client.get("/admin/gaps").text)[0]])

    answer = client.post("/admin/gaps/decision", data={**form, "csrf": csrf(client), "back": "/admin/gaps"})

    assert answer.location == "/admin/gaps"
    page = client.get("/admin/gaps").text
    assert "decided by maya" in page
    assert "<strong>Mend the product" in page
    for wrong in ({"to_do": "nonsense"}, {"mark": UNANSWERED}):
        bad = {**form, **wrong, "csrf": csrf(client)}
        assert client.post("/admin/gaps/decision", data=bad).status_code == 422


def test_the_chart_its_table_and_its_csv_have_the_same_numbers(client: FlaskClient) -> None:
    ask(client, ANSWERED)
    ask(client, ANSWERED, write=True)
    sign_in(client)

    page = client.get("/admin?days=7").text
    table = list(csv.DictReader(io.StringIO(client.get("/admin/outcomes.csv?days=7").text)))

    assert len(table) == 7
    assert table[-1] == {"day": "2026-11-18", "confirmed": "0", "likely": "0", "unknown": "1", "ticket": "1"}
    assert re.findall(r'<th scope="row">(\d+ Nov 2026)', page) == [f"{day} Nov 2026" for day in range(12, 19)]
    assert "Left without a word 1" in page


def test_filters_that_mean_nothing_fall_back_and_break_nothing(client: FlaskClient) -> None:
    ask(client, ANSWERED)
    sign_in(client)

    for query in (
        "days=-1&lang=%00&category=<script>",
        "days=28&lang=xx",
        "days=999999999999",
        "outcome=nonsense",
    ):
        for path in ("", "/gaps", "/articles", "/enquiries", "/outcomes.csv"):
            assert client.get(f"/admin{path}?{query}").status_code == 200
    assert "<script>" not in client.get("/admin?category=<script>").text.replace("<script src", "")
    assert client.get("/admin/nothing.csv").status_code == 404


def test_nothing_of_it_is_kept_by_a_cache_or_framed(client: FlaskClient) -> None:
    sign_in(client)
    answer = client.get("/admin")

    assert answer.headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "style=" not in answer.text
    assert "onclick" not in answer.text


def test_a_program_reads_the_figures_with_a_token_of_its_own_and_not_without(
    client: FlaskClient, door: StaffDoor
) -> None:
    ask(client, ANSWERED, write=True)
    first, token = door.new_read_token("bi"), door.new_read_token("bi")

    assert client.get("/api/figures").status_code == 401
    for wrong in ("nonsense", first, ""):
        answer = client.get("/api/figures", headers={"Authorization": f"Bearer {wrong}"})
        assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    answer = client.get("/api/figures?days=7", headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 200
    assert answer.get_json()["outcomes"] == {"confirmed": 0, "likely": 0, "unknown": 0, "ticket": 1}
    assert answer.get_json()["gaps"][0]["question"] == ANSWERED
