"""`deflector model`: put a sentence model into place."""

from pathlib import Path

import click

from deflector.commands.environment import Failure
from deflector.commands.search_options import default_model, var_option
from deflector.search.preparation import CannotPrepare, fetch, is_prepared, prepare

into_option = click.option(
    "--into",
    type=click.Path(path_type=Path),
    help="The folder to write. Default: the one that is searched with.",
)


@click.group()
def model() -> None:
    """Prepare the sentence model that lets search go by meaning."""


@model.command("prepare")
@var_option
@into_option
def prepare_model(var: Path, into: Path | None) -> None:
    """Download all-MiniLM-L6-v2 (English, Apache-2.0) and convert it; nothing to do when it is there."""
    folder = into or default_model(var)
    if is_prepared(folder):
        click.echo(f"The sentence model is ready in {folder}.")
        return
    try:
        prepare(folder)
    except CannotPrepare as exc:
        raise Failure(str(exc)) from None
    click.echo(f"The sentence model is ready in {folder}.")


@model.command("fetch")
@click.argument("url")
@click.option("--sha256", required=True, help="What the archive must hash to.")
@var_option
@into_option
def fetch_model(url: str, sha256: str, var: Path, into: Path | None) -> None:
    """Download a model folder from URL, a zip or tar archive; the hash says that it is the one you mean.

    Any sentence-transformers model with an ONNX graph and tokenizer.json serves, e.g. a multilingual one.
    """
    folder = into or default_model(var)
    try:
        fetch(url, sha256, folder)
    except CannotPrepare as exc:
        raise Failure(str(exc)) from None
    click.echo(f"The model is in {folder}.")
