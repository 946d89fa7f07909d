"""`deflector suggest`: the search from the terminal."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from deflector.knowledge import Knowledge, KnowledgeFile, UnreadableCatalogue
from deflector.model import Suggestions
from deflector.search.engines import ENGINES
from deflector.search.pipeline import SearchPipeline, open_search

LISTED = 10  # suggestions that --all lists
SHOWN = 3

catalogue_option = click.option(
    "--catalogue",
    type=click.Path(path_type=Path),
    envvar="DEFLECTOR_CATALOGUE",
    default=Path("build/catalogue.json"),
    show_default=True,
    show_envvar=True,
    help="The catalogue that `kb build` wrote.",
)
engine_option = click.option(
    "--engine",
    type=click.Choice(sorted(ENGINES)),
    envvar="DEFLECTOR_SEARCH",
    default="tantivy",
    show_default=True,
    show_envvar=True,
    help="The full-text engine.",
)
var_option = click.option(
    "--var",
    type=click.Path(path_type=Path),
    envvar="DEFLECTOR_VAR",
    default=Path("var"),
    show_default=True,
    show_envvar=True,
    help="The folder that indexes are kept in.",
)
model_option = click.option(
    "--model",
    type=click.Path(path_type=Path),
    envvar="DEFLECTOR_MODEL",
    default=None,
    show_envvar=True,
    help="The folder of the sentence model. Without one, search goes by words alone.",
)


@click.command()
@catalogue_option
@engine_option
@var_option
@model_option
@click.option("--batch", type=click.Path(path_type=Path), help='Questions as JSON lines {"id", "text"}.')
@click.option("--all", "everything", is_flag=True, help="List the best 10 even where nothing would be shown.")
@click.option("--lang", default=None, help="The reader's language. Default: the first of the catalogue.")
@click.argument("question", required=False)
def suggest(
    catalogue: Path,
    engine: str,
    var: Path,
    model: Path | None,
    batch: Path | None,
    everything: bool,
    lang: str | None,
    question: str | None,
) -> None:
    """Say what the contact form would answer to a QUESTION, or to a file of questions."""
    if (question is None) == (batch is None):
        raise click.UsageError(
            'Give one question, or a file of questions with --batch: deflector suggest "refund"'
        )
    try:
        knowledge = Knowledge.load(catalogue)
    except UnreadableCatalogue as exc:
        raise click.ClickException(str(exc)) from None
    pipeline = open_search(knowledge=KnowledgeFile(catalogue), engine=engine, var=var, model=model)
    lang = lang or (knowledge.languages[0] if knowledge.languages else "en")
    limit = LISTED if everything else SHOWN
    if batch is None:
        for line in _lines(pipeline.suggest(question or "", lang=lang, limit=limit), everything):
            click.echo(line)
        return
    for row in _questions(batch):
        click.echo(json.dumps(_answer(pipeline, row, lang, limit, everything), ensure_ascii=True))


def _questions(path: Path) -> Iterator[dict[str, Any]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as exc:
        raise click.ClickException(
            f"{path}: cannot be read ({exc.strerror}). Name a file of questions."
        ) from None
    except UnicodeDecodeError:
        raise click.ClickException(f"{path}: is not UTF-8 text. Save the questions as UTF-8.") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            fits = isinstance(row, dict) and isinstance(row.get("text"), str) and "id" in row
        except (ValueError, RecursionError):
            fits = False
        if not fits:
            raise click.ClickException(f'{path}:{number}: write one {{"id": …, "text": "…"}} a line.')
        yield row


def _answer(
    pipeline: SearchPipeline, row: dict[str, Any], lang: str, limit: int, everything: bool
) -> dict[str, Any]:
    started = time.perf_counter()
    found = pipeline.suggest(row["text"], lang=lang, limit=limit)
    elapsed = (time.perf_counter() - started) * 1000
    return {
        "id": row["id"],
        "answerable": found.answerable,
        "confidence": round(found.confidence, 6),
        "suggestions": [
            {"article": item.article, "confidence": round(item.confidence, 6)}
            for item in (found.items if everything or found.verdict != "nothing" else ())
        ],
        "ms": round(elapsed, 3),
    }


def _lines(found: Suggestions, everything: bool) -> Iterator[str]:
    yield f"{found.verdict} ({found.confidence:.0%})"
    if found.verdict == "nothing" and not everything:
        return
    for item in found.items:
        heading = f" › {item.heading}" if item.heading and item.heading != item.title else ""
        yield f"{item.rank}. {item.title}{heading}  [{item.article}, {item.confidence:.0%}]  {item.url}"
