import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from click.testing import CliRunner

from generator.articles.article import CHANGE_KEYS, FRONT_MATTER_KEYS
from generator.articles.schema import CHANGE, FIELDS, article_schema
from generator.cli import main
from tests.generator.conftest import CATEGORIES, GOOD, PEOPLE, article, knowledge_base, table, write

KB = Path(__file__).parents[2] / "kb"


def values_of(text: str) -> Any:
    """Read front matter as an editor's YAML 1.2 does: days stay text."""
    loader = type("Loader", (yaml.CSafeLoader,), {})
    loader.yaml_implicit_resolvers = {
        first: [(tag, rule) for tag, rule in found if not tag.endswith("timestamp")]
        for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return yaml.load(text.split("---\n")[1], Loader=loader)


def test_every_key_of_an_article_is_explained_with_an_example() -> None:
    assert tuple(FIELDS) == FRONT_MATTER_KEYS
    assert tuple(CHANGE) == CHANGE_KEYS
    schema = article_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    for name, (_, purpose, example) in FIELDS.items():
        assert purpose.endswith(".")
        jsonschema.validate(example, schema["properties"][name])


def test_what_the_page_about_writing_says_covers_every_key() -> None:
    page = (KB.parent / "docs/writing.md").read_text(encoding="utf-8")
    missing = [name for name in (*FRONT_MATTER_KEYS, *CHANGE_KEYS) if f"`{name}`" not in page]
    assert missing == []


def test_the_articles_of_this_house_hold_to_it(tmp_path: Path) -> None:
    schema = jsonschema.Draft202012Validator(article_schema(knowledge_base(tmp_path, {})))
    schema.validate(values_of(article()))
    plain = jsonschema.Draft202012Validator(article_schema())
    for path in sorted(KB.glob("*/*/*.md")):
        plain.validate(values_of(path.read_text(encoding="utf-8")))


# Rows of the table that break a key on its own break the schema as well.
SHAPES = ("missing-key", "unknown-key", "date", "value", "slug", "number", "list", "address")


@pytest.mark.parametrize(
    "row",
    [
        row
        for row in table("rules")
        if row.get("finds")
        and row["finds"][0].split()[1].rstrip(":") in SHAPES
        and "2026-02-30" not in str(row)  # whether the calendar has a day is more than a pattern tells
    ],
    ids=lambda row: row["that"],
)
def test_what_the_check_refuses_the_schema_refuses_too(row: dict[str, Any]) -> None:
    changed = {key: value for key, value in row["change"].items() if key in GOOD or value}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(values_of(article(changed)), article_schema())


def test_the_command_writes_the_schema_and_a_hint_that_keeps_other_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {"kb/people.yml": PEOPLE, "kb/categories.yml": CATEGORIES})
    printed = json.loads(CliRunner().invoke(main, ["schema"]).stdout)
    assert printed["properties"]["category"]["enum"] == ["payments", "refunds"]
    assert printed["properties"]["reviewed_by"]["enum"] == ["maya", "jon"]
    write(tmp_path, {".vscode/settings.json": '{"editor.wordWrap": "on"}'})
    assert CliRunner().invoke(main, ["schema", "--write"]).exit_code == 0
    assert json.loads((tmp_path / ".vscode/article.schema.json").read_text()) == printed
    settings = json.loads((tmp_path / ".vscode/settings.json").read_text())
    assert settings == {
        "editor.wordWrap": "on",
        "yaml.schemas": {"./.vscode/article.schema.json": ["kb/*/*/*.md"]},
    }
    write(tmp_path, {".vscode/settings.json": "{// mine\n}"})
    result = CliRunner().invoke(main, ["schema", "--write"])
    assert "has comments and was left alone" in result.stderr
    assert (tmp_path / ".vscode/settings.json").read_text() == "{// mine\n}"
