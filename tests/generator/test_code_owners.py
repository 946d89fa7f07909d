from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.cli import main
from tests.generator.conftest import CATEGORIES, PATH, article, write

PEOPLE = """\
maya: {name: Maya, role: person, github: "@maya"}
jon: {name: Jon, role: person}
payments: {name: Payments, role: team, email: payments@playdeck.example}
"""


def test_folders_have_the_owner_of_most_and_exceptions_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    files = {f"kb/{PATH}": article(), "kb/people.yml": PEOPLE, "kb/categories.yml": CATEGORIES}
    for id_, owner in (("b", "payments"), ("c", "maya"), ("d", "jon")):
        files[f"kb/en/refunds/{id_}.md"] = article(
            {"id": id_, "title": id_, "questions": "[]", "owner": owner}
        )
    write(tmp_path, files)
    result = CliRunner().invoke(main, ["owners"])
    assert result.stdout.splitlines()[1:-1] == [
        "/kb/en/refunds/ payments@playdeck.example",
        "/kb/en/refunds/c.md @maya",
    ]
    assert result.stderr == "jon has neither github nor email in people.yml, and is left out.\n"


def test_what_others_wrote_into_the_file_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {f"kb/{PATH}": article(), "kb/people.yml": PEOPLE})
    write(tmp_path, {".github/CODEOWNERS": "* @everybody\n"})
    file = tmp_path / ".github/CODEOWNERS"
    assert CliRunner().invoke(main, ["owners", "--write"]).exit_code == 0
    first = file.read_text()
    assert first.startswith("* @everybody\n\n# Made by `kb owners`")
    file.write_text(first + "/docs/ @maya\n")
    CliRunner().invoke(main, ["owners", "--write"])
    assert file.read_text() == first + "/docs/ @maya\n"
