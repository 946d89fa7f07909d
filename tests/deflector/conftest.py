"""A small help desk: a catalogue of four articles, a real database, real search, real mail texts."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import create_engine, text

from deflector.app import create_app
from deflector.knowledge import KnowledgeFile
from deflector.model import OutboxEntry
from deflector.search.pipeline import open_search
from deflector.settings import Settings
from deflector.store import migration
from deflector.store.store import Store
from deflector.support.support_desk import SupportDesk
from deflector.web.services import Services
from tests import postgres

SUPPORT = """
name: Tiny Help
languages: [en, es]
mail: {from: Tiny Help <help@tiny.example>}
hours:
  time_zone: Europe/Madrid
  open: {mon: 09:00-17:00, tue: 09:00-17:00, wed: 09:00-17:00, thu: 09:00-17:00, fri: 09:00-17:00}
queues:
  general: {to: support@tiny.example}
  money: {to: money@tiny.example, categories: [payments]}
"""


def article(id: str, title: str, text: str, *, lang: str = "en", **more: Any) -> dict[str, Any]:  # noqa: A002
    return {
        "id": id,
        "lang": lang,
        "version": 3,
        "title": title,
        "summary": title,
        "questions": [],
        "category": "payments",
        "tags": [],
        "url": f"/{lang}/payments/{id}/",
        "review_due": "2027-03-01",
        "stale": False,
        "sections": [{"anchor": "how", "heading": title, "text": text}],
        **more,
    }


CATALOGUE: dict[str, Any] = {
    "schema_version": 1,
    "site_url": "http://127.0.0.1:8000/",
    "revision": "abc",
    "generated_at": "2026-11-20T10:00:00Z",
    "categories": {"payments": {"title": {"en": "Payments", "es": "Pagos"}}},
    "articles": [
        article(
            "refund-for-a-game",
            "Get a refund for a game",
            "Open Account > Orders, choose the game and press Ask for a refund. The money arrives in 3 days.",
            questions=["How do I get my money back?", "I bought the wrong game"],
        ),
        article(
            "forgot-password",
            "Reset a forgotten password",
            "Open the sign-in page and press Forgot password. A link arrives by mail, good for 30 minutes.",
            questions=["I forgot my password"],
            category="account",
        ),
        article(
            "lag",
            "Reduce lag and high ping",
            "Use a cable instead of wireless, close downloads and choose the nearest server.",
            questions=["Why is my game lagging?"],
            category="connection",
            review_due="2026-01-01",
            stale=True,
        ),
        article(
            "refund-for-a-game",
            "Pide el reembolso de un juego",
            "Abre Cuenta > Pedidos, elige el juego y pulsa Pedir reembolso. El dinero llega en 3 días.",
            lang="es",
            questions=["¿Cómo recupero mi dinero?"],
        ),
    ],
}

databases = count(1)
WEDNESDAY = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)  # 11:00 in Madrid
ANSWERED = "How do I get my money back?"
UNANSWERED = "Zebra quartz 417 melts my umbrella"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **by: float) -> None:
        self.moment += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock(WEDNESDAY)


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    path = tmp_path / "catalogue.json"
    path.write_text(json.dumps(CATALOGUE), encoding="utf-8")
    return path


@pytest.fixture
def support(tmp_path: Path) -> SupportDesk:
    path = tmp_path / "support.yml"
    path.write_text(SUPPORT, encoding="utf-8")
    return SupportDesk.load(path)


def settings_in(folder: Path, catalogue: Path) -> Settings:
    return Settings.from_environment(
        {
            "DEFLECTOR_VAR": str(folder / "var"),
            "DEFLECTOR_CATALOGUE": str(catalogue),
            "DEFLECTOR_MODEL": "off",
            "DEFLECTOR_PROTECTION": "off",
        }
    )


@pytest.fixture
def settings(tmp_path: Path, catalogue: Path) -> Settings:
    return settings_in(tmp_path, catalogue)


@dataclass(frozen=True, kw_only=True)
class Ready:
    """What every service makes when it starts, made once: a migrated database, the index of CATALOGUE."""

    database: Path
    index: Path
    templates: FileSystemBytecodeCache

    def give(self, settings: Settings) -> None:
        """Copy into an empty `var` what belongs there, and bring any other database up to date."""
        index = settings.var / "index"
        if not index.exists():
            shutil.copytree(self.index, index)
        file = settings.var / "deflector.db"
        if settings.database_url == f"sqlite:///{file}" and not file.exists():
            shutil.copyfile(self.database, file)
            return
        store = Store.open(settings.database_url)
        migration.upgrade(store.engine)
        store.close()

    def open(self, settings: Settings, support: SupportDesk, **kwargs: Any) -> Flask:
        """Make the service; its templates are compiled by the first service that shows them.

        It waits for its search longer than a service should: tests share their machine.
        """
        self.give(settings)
        app = create_app(settings, support, patience=60, **kwargs)
        app.jinja_env.bytecode_cache = self.templates
        return app


@pytest.fixture(scope="session")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Ready:
    folder = tmp_path_factory.mktemp("ready")
    path = folder / "deflector.db"
    store = Store.open(f"sqlite:///{path}")
    migration.upgrade(store.engine)
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    catalogue = folder / "catalogue.json"
    catalogue.write_text(json.dumps(CATALOGUE), encoding="utf-8")
    open_search(knowledge=KnowledgeFile(catalogue), var=folder)
    templates = folder / "templates"
    templates.mkdir()
    return Ready(database=path, index=folder / "index", templates=FileSystemBytecodeCache(str(templates)))


AppFactory = Callable[..., Flask]


@pytest.fixture
def make_app(settings: Settings, support: SupportDesk, clock: Clock, ready: Ready) -> Iterator[AppFactory]:
    made: list[Flask] = []

    def make(settings: Settings = settings, support: SupportDesk = support, **kwargs: Any) -> Flask:
        app = ready.open(settings, support, now=clock, **kwargs)
        made.append(app)
        return app

    yield make
    for app in made:
        services_of(app).store.close()


@pytest.fixture
def app(make_app: AppFactory) -> Flask:
    return make_app()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory, ready: Ready) -> Iterator[Flask]:
    """Keep one service for all tests of a module that do not mind what others sent to it."""
    folder = tmp_path_factory.mktemp("standing")
    (folder / "catalogue.json").write_text(json.dumps(CATALOGUE), encoding="utf-8")
    (folder / "support.yml").write_text(SUPPORT, encoding="utf-8")
    settings = settings_in(folder, folder / "catalogue.json")
    app = ready.open(settings, SupportDesk.load(folder / "support.yml"), now=Clock(WEDNESDAY))
    yield app
    services_of(app).store.close()


@pytest.fixture
def outbox(app: Flask) -> Callable[[], list[OutboxEntry]]:
    """List what the outbox holds, oldest first."""
    return lambda: list(services_of(app).store.outbox.entries())


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with postgres.server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store.db"
    server = request.getfixturevalue("postgres_url")
    name = f"test_{next(databases)}"
    admin = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    return f"{server}/{name}"


def services_of(app: Flask) -> Services:
    found: Services = app.extensions["answerfirst"]
    return found
