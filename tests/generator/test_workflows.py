"""The workflows of pull requests: what they call is there and takes these options."""

import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from generator.cli import main

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def steps(file: Path) -> list[dict[str, Any]]:
    # GitHub reads YAML 1.2, where `on` is a text.
    jobs = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)["jobs"]
    return [step for job in jobs.values() for step in job["steps"]]


def called() -> list[Any]:
    """List every call of `kb` and `deflector` in a workflow."""
    return [
        pytest.param(words, id=f"{file.stem}: {words}")
        for file in WORKFLOWS
        for step in steps(file)
        for words in re.findall(r"\.venv/bin/(kb [^|>&\n]*)", step.get("run", ""))
    ]


def test_workflows_call_the_check_the_build_and_the_reminder() -> None:
    assert {param.values[0].split()[1] for param in called()} == {"check", "build", "remind"}


@pytest.mark.parametrize("words", called())
def test_a_command_of_a_workflow_takes_its_options(words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    _, name, *options = shlex.split(words)
    command = main.get_command(click.Context(main), name)
    assert command is not None
    command.make_context(name, options)  # raises UsageError for what it does not know


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_what_outsiders_can_name_reaches_no_shell_as_code(file: Path) -> None:
    assert [step["run"] for step in steps(file) if "${{" in step.get("run", "")] == []


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_a_job_that_reads_versions_has_the_whole_history_and_no_credentials(file: Path) -> None:
    for step in steps(file):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"] == {"fetch-depth": "0", "persist-credentials": "false"}
