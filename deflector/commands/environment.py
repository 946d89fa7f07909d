"""What commands share: settings from the environment, and failures as sentences instead of tracebacks."""

import logging
import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from deflector.app import utc_now
from deflector.desk.backstage import open_transport
from deflector.mail.transports import Transport
from deflector.settings import Settings, WrongSetting
from deflector.store import migration
from deflector.store.dialect import DatabaseTrouble
from deflector.store.store import Store
from deflector.support.support_desk import SupportDesk

P = ParamSpec("P")
R = TypeVar("R")


class Failure(click.ClickException):
    """A failure said in a sentence; exit status 1."""

    exit_code = 1


def said_in_a_sentence(command: Callable[P, R]) -> Callable[P, R]:
    """Turn the errors that an operator can mend into `Failure`."""

    @wraps(command)
    def careful(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except WrongSetting as exc:
            raise Failure(str(exc)) from None
        except DatabaseTrouble as exc:
            reason = str(getattr(exc, "orig", exc)).strip().splitlines()[0]
            raise Failure(f"The database cannot be used: {reason}. Check DEFLECTOR_DATABASE_URL.") from None

    return careful


def read_settings() -> Settings:
    """Read the process's environment, the one place that does."""
    return Settings.from_environment(os.environ)


def read_support(settings: Settings) -> SupportDesk:
    return SupportDesk.load(settings.support)


def read_transport(settings: Settings, support: SupportDesk) -> Transport:
    """Open the ways out for mail and for the webhook, whose secret stands in the environment."""
    return open_transport(settings, support, environment=os.environ, now=utc_now)


def open_store(settings: Settings) -> Store:
    """Open the database. On a laptop it is brought up to date; elsewhere a person decides when."""
    store = Store.open(settings.database_url)
    if settings.is_laptop:
        migration.upgrade(store.engine)
    elif trouble := store.trouble():
        raise Failure(trouble)
    return store


def log_to_stderr(level: int = logging.INFO) -> None:
    """Write events to standard error, a line each."""
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)


def existing_folder(path: Path | None) -> Path | None:
    if path is not None and not path.is_dir():
        raise Failure(f"{path}: there is no such folder. Build the site first: kb build")
    return path
