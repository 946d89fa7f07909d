"""What browsers may do on the site's pages, as written for static hosts and for nginx."""

from collections.abc import Callable
from pathlib import Path

import pytest

from generator.policy import content_security_policy, policy_files
from tests.site.conftest import Desk


def test_a_build_writes_the_policy_for_static_hosts_and_for_nginx(
    desk: Desk, build_site: Callable[..., Path]
) -> None:
    desk.write("en/refunds/refund")
    site = build_site()

    assert (site / "_headers").read_text().startswith("/*\n  Content-Security-Policy: default-src 'none'; ")
    nginx = (site / "nginx-headers.conf").read_text()
    assert nginx.startswith('add_header Content-Security-Policy "default-src')
    assert all(line.endswith('" always;') for line in nginx.splitlines())


@pytest.mark.parametrize(
    ("deflector", "allowed"),
    [
        ("", "form-action 'self';"),
        ("/help", "form-action 'self';"),
        ("https://desk.example.com", "form-action 'self' https://desk.example.com;"),
        ("https://desk.example.com/help", "connect-src 'self' https://desk.example.com;"),
    ],
)
def test_forms_and_questions_may_only_go_to_the_site_and_the_deflector(deflector: str, allowed: str) -> None:
    assert allowed in content_security_policy(deflector)


def test_nothing_that_stands_in_a_page_may_run() -> None:
    for text in policy_files("https://desk.example.com").values():
        assert "unsafe" not in text
        assert "script-src 'self';" in text
