"""Whatever is killed, a promised ticket is kept and both its mails arrive: the benchmark, in short."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import postgres
from tests.needs import program

pytestmark = pytest.mark.long

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "durability.py"


def run(*words: str) -> dict[str, Any]:
    program("openssl", package="openssl")  # for the certificate of the mail server
    done = subprocess.run(
        [sys.executable, str(BENCHMARK), *words], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def test_web_and_relay_are_killed_and_the_mail_server_fails_and_nothing_that_was_promised_is_lost() -> None:
    report = run("--kills", "5", "--posts", "24", "--pause", "0.4", "--again", "0.2")
    assert sum(report["kills"].values()) == 5
    assert report["promised"] == report["stored"] == 24
    assert (report["lost"], report["orphans"], report["unsent"]) == (0, 0, 0)
    assert report["mails"] == 48
    assert len(report["faults"]) == 13


def test_postgresql_is_killed_under_load_and_nothing_that_was_promised_is_lost() -> None:
    postgres.programs()
    killed = ("--postgres", "--victims", "database,connection", "--kills", "4", "--pause", "0.6")
    report = run(*killed, "--posts", "30", "--faults", "0", "--again", "0.2")
    assert report["kills"] == {"database": 2, "connection": 2}
    assert report["posts"] > 30  # some asked twice, as after an error
    assert report["promised"] == report["stored"] == 30
    assert (report["lost"], report["orphans"], report["unsent"]) == (0, 0, 0)
    assert report["mails"] == 60


def test_two_web_processes_and_two_relays_race_on_postgresql_and_nothing_happens_twice() -> None:
    postgres.programs()
    report = run(
        "--postgres", "--webs", "2", "--relays", "2", "--kills", "0", "--faults", "0", "--posts", "60"
    )
    assert report["promised"] == report["stored"] == 60
    assert report["posts"] > 60  # some asked twice, and of either process
    assert report["promised_twice"] == 0
    assert (report["mails"], report["arrived_again"]) == (120, 0)
