"""What the commands around the search share: where things lie, by option or from the environment."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from deflector.commands.environment import Failure
from deflector.knowledge import Knowledge, KnowledgeFile, UnreadableCatalogue
from deflector.search.engines import ENGINES
from deflector.search.pipeline import SearchPipeline, ignore, open_search
from deflector.search.preparation import NAME

C = TypeVar("C", bound=Callable[..., Any])

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
    help="The folder that indexes and models are kept in.",
)
model_option = click.option(
    "--model",
    envvar="DEFLECTOR_MODEL",
    default=None,
    show_envvar=True,
    help=f"The folder of the sentence model, or off.  [default: VAR/models/{NAME}]",
)


def search_options(command: C) -> C:
    """Give a command the options that say what to search with."""
    for option in (model_option, var_option, engine_option, catalogue_option):
        command = option(command)
    return command


def default_model(var: Path) -> Path:
    """Say where `deflector model prepare` puts the model, and the search looks for it."""
    return var / "models" / NAME


def opened(catalogue: Path, engine: str, var: Path, model: str | None) -> tuple[Knowledge, SearchPipeline]:
    """Open the search over a readable catalogue; what else is missing is said on standard error."""
    try:
        knowledge = Knowledge.load(catalogue)
    except UnreadableCatalogue as exc:
        raise Failure(str(exc)) from None
    folder = default_model(var) if not model else None if model.lower() in ("off", "none") else Path(model)
    pipeline = open_search(
        knowledge=KnowledgeFile(catalogue), engine=engine, var=var, model=folder, tell=ignore
    )
    for problem in pipeline.degraded():
        click.echo(problem, err=True)
    return knowledge, pipeline


def reader_language(lang: str | None, knowledge: Knowledge) -> str:
    """Take the language that was asked for, or the catalogue's first."""
    return lang or next(iter(knowledge.languages), "en")
