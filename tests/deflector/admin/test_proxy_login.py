"""A proxy may say who is at the door of the dashboard, from its own address and from nowhere else."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from deflector.cli import main
from deflector.roles import StaffRole
from deflector.settings import Settings, WrongSetting
from deflector.staff import StaffDoor
from tests.deflector.admin.conftest import CHEAP
from tests.deflector.conftest import AppFactory, services_of

PROXY, ELSEWHERE = "10.0.3.7", "10.0.4.7"
BEHIND = {"DEFLECTOR_LOGIN_HEADER": "X-Remote-User", "DEFLECTOR_LOGIN_HEADER_FROM": "127.0.0.1, 10.0.3.0/24"}
Look = Callable[..., TestResponse]


@pytest.fixture
def behind(settings: Settings) -> Settings:
    read = Settings.from_environment(BEHIND)
    return replace(settings, login_header=read.login_header, login_networks=read.login_networks)


def looker(make_app: AppFactory, settings: Settings) -> Look:
    """Open the dashboard of a desk with two members of staff, from an address, with headers."""
    app = make_app(settings)
    held = services_of(app)
    door = StaffDoor(store=held.store, now=held.now, hasher=CHEAP)
    door.add("maya", None, StaffRole.LEAD)
    door.add("jon@example.com", None, StaffRole.VIEWER)

    def look(
        name: str | list[str] | None, path: str = "/admin", *, peer: str = PROXY, **headers: str
    ) -> TestResponse:
        names = [name] if isinstance(name, str) else name or []
        sent = [("X-Remote-User", one) for one in names] + list(headers.items())
        client: FlaskClient = app.test_client()
        return client.get(path, headers=sent, environ_base={"REMOTE_ADDR": peer})

    return look


def test_whom_the_proxy_names_is_in_with_the_role_that_they_have_here(
    make_app: AppFactory, behind: Settings
) -> None:
    look = looker(make_app, behind)

    lead, viewer = look("maya"), look("Jon@Example.com ")

    assert (lead.status_code, viewer.status_code) == (200, 200)
    assert "maya, lead" in lead.text
    assert "jon@example.com, viewer" in viewer.text
    assert "Sign out" not in lead.text  # there is nothing of ours to end
    assert "Set-Cookie" not in lead.headers


@pytest.mark.parametrize("peer", [ELSEWHERE, "203.0.113.9", "::1", "", "nonsense"])
def test_from_elsewhere_the_header_counts_for_nothing_and_the_attempt_is_logged(
    make_app: AppFactory, behind: Settings, caplog: pytest.LogCaptureFixture, peer: str
) -> None:
    answer = looker(make_app, behind)("maya", peer=peer)

    assert answer.status_code == 303
    assert "/admin/sign-in" in answer.location
    [told] = [record.getMessage() for record in caplog.records if "login header" in record.getMessage()]
    assert "ignored" in told
    assert "maya" not in told
    assert not peer or peer not in told


def test_who_claims_to_speak_for_the_proxy_is_still_elsewhere(make_app: AppFactory, behind: Settings) -> None:
    """Behind proxies the address of the client is taken from a header; who may vouch is not."""
    look = looker(make_app, replace(behind, trusted_proxies=1))

    assert look("maya", peer=ELSEWHERE, **{"X-Forwarded-For": PROXY}).status_code == 303
    assert look("maya", peer=PROXY, **{"X-Forwarded-For": "203.0.113.9"}).status_code == 200
    assert look("maya", peer="::ffff:10.0.3.7").status_code == 200


@pytest.mark.parametrize("name", ["nobody", "", "maya,jon", "maya\tlead", "../maya", ["maya", "jon"]])
def test_a_name_that_has_no_account_stays_outside(
    make_app: AppFactory, behind: Settings, name: str | list[str]
) -> None:
    look = looker(make_app, behind)

    assert look(name).status_code == 303
    assert "no account here" in look("nobody", "/admin/sign-in").text


@pytest.mark.parametrize("missing", [{"login_header": None}, {"login_networks": ()}])
def test_without_both_settings_it_is_off(
    make_app: AppFactory, behind: Settings, missing: dict[str, object]
) -> None:
    assert looker(make_app, replace(behind, **missing))("maya").status_code == 303  # type: ignore[arg-type]


def test_another_header_says_nothing(make_app: AppFactory, behind: Settings) -> None:
    look = looker(make_app, behind)

    assert look(None, **{"Remote-User": "maya", "X-Remote-Name": "maya"}).status_code == 303


def test_a_form_behind_the_proxy_needs_the_token_of_a_page_of_ours(
    make_app: AppFactory, behind: Settings
) -> None:
    app = make_app(behind)
    held = services_of(app)
    StaffDoor(store=held.store, now=held.now, hasher=CHEAP).add("maya", None, StaffRole.LEAD)
    client = app.test_client()
    sent = {"headers": {"X-Remote-User": "maya"}, "environ_base": {"REMOTE_ADDR": PROXY}}
    page = client.get("/admin", **sent).text  # type: ignore[arg-type]
    token = re.findall(r'name="csrf" value="(\w+)"', page)[0]
    form = {"mark": "0" * 64, "lang": "en", "to_do": "write"}

    def decide(**more: str) -> int:
        answer = client.post("/admin/gaps/decision", data=form | more, **sent)  # type: ignore[arg-type]
        return answer.status_code

    assert (decide(), decide(csrf="0" * 64), decide(csrf=token)) == (403, 403, 303)


@pytest.mark.parametrize(
    "wrong",
    [
        {"DEFLECTOR_LOGIN_HEADER": "X Remote User"},
        {"DEFLECTOR_LOGIN_HEADER": "Host"},
        {"DEFLECTOR_LOGIN_HEADER_FROM": "everywhere"},
        {"DEFLECTOR_LOGIN_HEADER_FROM": "10.0.3.1/24"},
        {"DEFLECTOR_LOGIN_HEADER_FROM": "127.0.0.1, 0.0.0.0/0"},
        {"DEFLECTOR_LOGIN_HEADER_FROM": "::/0"},
    ],
)
def test_a_setting_that_would_trust_the_wrong_ones_stops_the_start(wrong: dict[str, str]) -> None:
    with pytest.raises(WrongSetting, match=next(iter(wrong))):
        Settings.from_environment(BEHIND | wrong)


def test_an_account_without_a_password_is_for_the_proxy_only(
    settings: Settings, make_app: AppFactory
) -> None:
    client = make_app(settings).test_client()
    environment = {"DEFLECTOR_VAR": str(settings.var)}
    done = CliRunner().invoke(main, ["user", "add", "maya", "--no-password"], env=environment)

    assert done.exit_code == 0, done.output
    for password in ("", "maya", "None"):
        answer = client.post("/admin/sign-in", data={"name": "maya", "password": password})
        assert answer.status_code == 401
