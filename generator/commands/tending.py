"""The commands around a knowledge base: schema, owners."""

import json
from pathlib import Path
from typing import Final

import click

from generator.articles.locating import Place
from generator.articles.schema import article_schema
from generator.catalogue import write_text
from generator.commands.options import kb_option, load
from generator.commands.output import as_json
from generator.reviewing.code_owners import code_owners, merged, nameless

SCHEMA: Final = Path(".vscode/article.schema.json")
OWNERS: Final = Path(".github/CODEOWNERS")
_SETTINGS: Final = Path(".vscode/settings.json")


@click.command("schema", short_help="Print the front matter's JSON Schema.")
@click.option("--write", "is_written", is_flag=True, help=f"Into {SCHEMA}, with a hint for VS Code.")
@kb_option
def schema_command(is_written: bool, place: Place) -> None:
    """Print the front matter's JSON Schema, with your categories and people to choose from.

    \b
    kb schema                             print it
    kb schema --write                     for VS Code and other editors with a YAML language server

    Exits with 0, or with 1 where a file cannot be written.
    """
    schema = as_json(article_schema(load(place)))
    if not is_written:
        click.echo(schema)
        return
    try:
        hint = _with_hint(_SETTINGS, f"{place.folder.as_posix()}/*/*/*.md")
        write_text(SCHEMA, schema + "\n")
        if hint is not None:
            write_text(_SETTINGS, hint)
    except OSError as exc:
        raise click.ClickException(f"{exc.filename}: cannot be written ({exc.strerror}).") from None
    click.echo(f"Wrote {SCHEMA}.")
    if hint is None:
        entry = _entry(f"{place.folder.as_posix()}/*/*/*.md")
        click.echo(f"{_SETTINGS} has comments and was left alone. Add to it: {entry}", err=True)


def _entry(pattern: str) -> str:
    return json.dumps({"yaml.schemas": {f"./{SCHEMA.as_posix()}": [pattern]}})


def _with_hint(file: Path, pattern: str) -> str | None:
    """Add the hint to the editor's settings; None where they are more than plain JSON."""
    try:
        settings = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        settings.setdefault("yaml.schemas", {})[f"./{SCHEMA.as_posix()}"] = [pattern]
    except (ValueError, AttributeError, TypeError):
        return None
    return as_json(settings) + "\n"


@click.command("owners", short_help="Print CODEOWNERS, made of the articles' owners.")
@click.option(
    "--write", "is_written", is_flag=True, help=f"Into {OWNERS}, keeping what stands outside of ours."
)
@kb_option
def owners_command(is_written: bool, place: Place) -> None:
    """Print who is asked to look at a pull request: GitHub's CODEOWNERS, made of each article's owner.

    \b
    kb owners                             print it
    kb owners --write                     into .github/CODEOWNERS

    An owner is named by `github` of people.yml (@name or @org/team), else by the email address. Exits with 0,
    or with 1 where the file cannot be written.
    """
    base = load(place)
    for key in nameless(base):
        click.echo(f"{key} has neither github nor email in people.yml, and is left out.", err=True)
    text = code_owners(base)
    if not is_written:
        click.echo(text, nl=False)
        return
    try:
        there = OWNERS.read_text(encoding="utf-8") if OWNERS.exists() else ""
        write_text(OWNERS, merged(there, text))
    except OSError as exc:
        raise click.ClickException(f"{OWNERS}: cannot be written ({exc.strerror}).") from None
    click.echo(f"Wrote {OWNERS}.")


COMMANDS = (schema_command, owners_command)
