"""`deflector suggest` and `deflector index`: the search from the terminal."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from deflector.commands.calibrating import calibrate
from deflector.commands.environment import Failure, said_in_a_sentence
from deflector.commands.evaluating import evaluate
from deflector.commands.modelling import model
from deflector.commands.search_options import opened, reader_language, search_options
from deflector.model import Suggestions, Verdict
from deflector.search.evaluation import UnreadableQuestions, read_rows
from deflector.search.explaining import explained
from deflector.search.pipeline import SearchPipeline

__all__ = ["calibrate", "evaluate", "index", "model", "suggest"]

LISTED = 10  # suggestions that --all lists
SHOWN = 3


@click.command()
@search_options
@click.option("--batch", type=click.Path(path_type=Path), help='Questions as JSON lines {"id", "text"}.')
@click.option("--all", "everything", is_flag=True, help="List the best 10 even where nothing would be shown.")
@click.option("--explain", is_flag=True, help="Say what each stage made of the question.")
@click.option("--lang", help="The reader's language. Default: the first of the catalogue.")
@click.argument("question", required=False)
@said_in_a_sentence
def suggest(
    catalogue: Path,
    engine: str,
    var: Path,
    model: str | None,
    batch: Path | None,
    everything: bool,
    explain: bool,
    lang: str | None,
    question: str | None,
) -> None:
    """Say what the contact form would answer to a QUESTION, or to a file of questions.

    \b
    deflector suggest "where is my refund"
    deflector suggest --explain "wheres my refnd"
    deflector suggest --batch questions.jsonl --all > answers.jsonl
    """
    if (question is None) == (batch is None):
        raise click.UsageError('Give one question, or a file with --batch, e.g. deflector suggest "refund"')
    rows = _rows(batch) if batch else []
    knowledge, pipeline = opened(catalogue, engine, var, model)
    lang = reader_language(lang, knowledge)
    if batch is not None:
        for row in rows:
            click.echo(json.dumps(_answer(pipeline, row, lang, everything)))
        return
    asked = question or ""
    if explain:
        for answered in pipeline.explain(asked, lang=lang):
            for line in explained(answered):
                click.echo(line)
    for line in _lines(_suggested(pipeline, asked, lang, everything)):
        click.echo(line)


@click.command()
@search_options
@said_in_a_sentence
def index(catalogue: Path, engine: str, var: Path, model: str | None) -> None:
    """Build the search index of the catalogue, unless it is there.

    `deflector serve` does this by itself; by hand it is for a deployment that wants it done before.
    """
    started = time.process_time()
    knowledge, pipeline = opened(catalogue, engine, var, model)
    if problems := pipeline.degraded():
        raise Failure(problems[0])
    seconds = time.process_time() - started
    click.echo(
        f"{len(knowledge.articles)} articles indexed under {var / 'index'}, {seconds:.1f} CPU seconds."
    )


def _rows(batch: Path) -> list[dict[str, Any]]:
    try:
        return read_rows(batch)
    except UnreadableQuestions as exc:
        raise Failure(str(exc)) from None


def _suggested(pipeline: SearchPipeline, question: str, lang: str, everything: bool) -> Suggestions:
    if everything:
        return pipeline.rank(question, lang=lang, limit=LISTED)
    return pipeline.suggest(question, lang=lang, limit=SHOWN)


def _answer(pipeline: SearchPipeline, row: dict[str, Any], lang: str, everything: bool) -> dict[str, Any]:
    started = time.perf_counter()
    found = _suggested(pipeline, row["text"], lang, everything)
    elapsed = (time.perf_counter() - started) * 1000
    return {
        "id": row["id"],
        "answerable": found.answerable,
        "confidence": round(found.confidence, 6),
        "suggestions": [
            {"article": item.article, "confidence": round(item.confidence, 6)} for item in found.items
        ],
        "ms": round(elapsed, 3),
    }


def _lines(found: Suggestions) -> Iterator[str]:
    said = {
        Verdict.ANSWERS: "answers",
        Verdict.MAYBE: "maybe: listed quietly, no extra step",
        Verdict.NOTHING: "nothing: straight to a person",
    }
    first = f"{found.items[0].confidence:.0%}" if found.items else f"{found.confidence:.0%} that any answers"
    yield f"{said[found.verdict]} ({first})"
    for item in found.items:
        heading = f" › {item.heading}" if item.heading and item.heading != item.title else ""
        overdue = ", review overdue" if item.stale else ""
        sure = f"[{item.article}, {item.confidence:.0%}{overdue}]"
        yield f"{item.rank}. {item.title}{heading} {sure} {item.url}"
