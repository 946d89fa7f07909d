"""`deflector questions`: what was solved, frozen as tests for the articles."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click
import yaml

from deflector.app import utc_now
from deflector.commands.environment import (
    Failure,
    open_store,
    read_settings,
    read_support,
    said_in_a_sentence,
)
from deflector.commands.report import since_option, zoned
from deflector.measures.questions import SolvedQuestion, solved_questions

HEAD = """\
# Questions that people said were solved, and the article that solved them. `kb check --questions` fails where
# one of them no longer leads to its article. Written by `deflector questions export`; lines may be removed.
"""


@click.group()
def questions() -> None:
    """Look after the questions that people asked."""


@questions.command()
@since_option
@click.option(
    "--into",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("kb/questions.yml"),
    show_default=True,
    help="The file to write; - for standard output.",
)
@click.option("--people", default=1, show_default=True, help="Only what at least so many people had solved.")
@said_in_a_sentence
def export(since: datetime | None, into: Path, people: int) -> None:
    """Freeze solved questions, so that a change to the articles cannot lose them unseen.

    \b
    deflector questions export
    kb check --questions kb/questions.yml

    Questions are stored without personal data as far as rules can tell; read the file before you publish it.
    What is in the file already stays; new questions are added.
    """
    settings = read_settings()
    in_zone = zoned(read_support(settings).hours.time_zone)
    store = open_store(settings)
    with store.reading() as tx:
        histories = tx.enquiries.histories(since=in_zone(since), until=None, as_of=utc_now())
        found = solved_questions(histories, people=people)
    fit = [one for one in found if "[" not in one.question]
    if str(into) == "-":
        click.echo(_text(_rows(fit)), nl=False)
        return
    kept = _read(into)
    known = {(row.get("question"), row.get("lang")) for row in kept}
    new = [row for row in _rows(fit) if (row["question"], row["lang"]) not in known]
    try:
        into.write_text(_text([*kept, *new]), encoding="utf-8")
    except OSError as exc:
        raise Failure(f"{into}: cannot be written ({exc.strerror}). Name another file.") from None
    click.echo(f"{into}: questions added: {len(new)}, there before: {len(kept)}.")


def _rows(found: Sequence[SolvedQuestion]) -> list[dict[str, object]]:
    return [
        {"question": one.question, "lang": one.lang, "article": one.article, "version": one.version}
        for one in found
    ]


def _text(rows: Sequence[dict[str, object]]) -> str:
    return HEAD + yaml.safe_dump(list(rows), allow_unicode=True, sort_keys=False, width=110)


def _read(path: Path) -> list[dict[str, object]]:
    try:
        rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as exc:
        raise Failure(f"{path}: cannot be read ({type(exc).__name__}). Mend it, or move it away.") from None
    if rows is None:
        return []
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Failure(f"{path}: is not a list of questions. Mend it, or move it away.")
    return rows
