"""Signed links: each is for one purpose, about one thing, until one moment; and nobody else can make one."""

from datetime import UTC, datetime, timedelta

import pytest

from deflector.tickets.links import Expired, Link, Links, NotALink

NOW = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=7)


@pytest.fixture
def links() -> Links:
    return Links(secret="a secret of thirty-two characters", base_url="https://help.example/")


def test_a_link_says_what_it_was_made_for(links: Links) -> None:
    address = links.address("ticket", "HC-7Q4K2M", until=LATER)

    base, _, token = address.rpartition("/")
    assert base == "https://help.example/t"
    assert links.read(token, now=NOW) == Link(purpose="ticket", subject="HC-7Q4K2M", until=LATER)


def test_a_link_ends_at_its_moment_and_not_before(links: Links) -> None:
    token = links.token("ticket", "HC-7Q4K2M", until=LATER)

    assert links.read(token, now=LATER - timedelta(seconds=1)).subject == "HC-7Q4K2M"
    with pytest.raises(Expired) as expired:
        links.read(token, now=LATER)
    assert expired.value.link.purpose == "ticket"


@pytest.mark.parametrize("place", range(0, 80, 3))
def test_a_link_with_one_letter_changed_is_none(links: Links, place: int) -> None:
    token = links.token("ticket", "HC-7Q4K2M", until=LATER)
    changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]

    with pytest.raises(NotALink):
        links.read(changed, now=NOW)


@pytest.mark.parametrize("token", ["", ".", "..", "a.b", "é.ü", "WyJ0aWNrZXQiXQ", "x" * 10_000])
def test_what_is_no_token_is_no_link(links: Links, token: str) -> None:
    with pytest.raises(NotALink):
        links.read(token, now=NOW)


def test_another_installations_links_are_none_here(links: Links) -> None:
    other = Links(secret="another secret of thirty-two chars", base_url="https://help.example/")

    with pytest.raises(NotALink):
        links.read(other.token("ticket", "HC-7Q4K2M", until=LATER), now=NOW)
