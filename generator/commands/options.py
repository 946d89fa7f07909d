"""What the commands share: options, the knowledge base they are about, the terminal."""

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from generator.articles.knowledge_base import KnowledgeBase
from generator.articles.locating import Place, as_typed, configured

if TYPE_CHECKING:
    from rich.console import Console

CONFIG: Final = Path("mkdocs.yml")
_WIDTH_OF_FILES: Final = 160

Command = TypeVar("Command", bound=Callable[..., Any])


def today_option(command: Command) -> Command:
    """Let a person say which day counts as today."""
    return click.option(
        "--today",
        metavar="DATE",
        type=click.DateTime(["%Y-%m-%d"]),
        callback=lambda _context, _option, value: value.date() if value else this_day(),
        help="The day that counts as today, e.g. 2026-11-22.",
    )(command)


def kb_option(command: Command) -> Command:
    """Let a person name the knowledge base; else mkdocs.yml says where it lies, else it is kb/."""
    return click.option(
        "--kb",
        "place",
        metavar="DIR",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        callback=lambda _context, _option, value: _place(value),
        help="The folder of the articles. [default: docs_dir of mkdocs.yml, or kb]",
    )(command)


def format_option(*forms: str) -> Callable[[Command], Command]:
    """Let a person choose how to print; the first form is the default."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(forms),
        default=forms[0],
        show_default=True,
        help="How to print.",
    )


def config_option(command: Command) -> Command:
    """Let a person name the site's configuration."""
    return click.option(
        "--config",
        "config_file",
        metavar="FILE",
        type=click.Path(dir_okay=False, path_type=Path),
        default=CONFIG,
        show_default=True,
        help="The configuration of the site.",
    )(command)


def load(place: Place) -> KnowledgeBase:
    """Read the knowledge base of a place; end the command with a sentence where there is none."""
    if not place.folder.is_dir():
        message = f"There is no folder {place.folder}. Go to where it lies, or name another one with --kb."
        raise click.ClickException(message)
    return KnowledgeBase.load(
        place.folder, default_language=place.default_language, four_eyes=place.four_eyes
    )


def this_day() -> date:
    """Ask the clock for the day, where the person is."""
    return datetime.now(UTC).astimezone().date()


def console() -> "Console":
    """Print tables as wide as the terminal; wide enough to read where the output goes to a file."""
    from rich.console import Console  # takes long to load, and few commands print tables

    return Console(width=None if sys.stdout.isatty() else _WIDTH_OF_FILES, highlight=False)


def _place(folder: Path | None) -> Place:
    if folder is not None:
        return replace(configured(CONFIG), folder=as_typed(folder))
    return configured(CONFIG)
