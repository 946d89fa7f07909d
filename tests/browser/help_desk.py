"""A whole help centre in this process: the built site, the real application, a real SMTP server."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import yaml
from werkzeug.serving import WSGIRequestHandler, make_server

from deflector.app import create_app
from deflector.settings import Settings
from deflector.store.migration import upgrade
from deflector.store.store import Store
from deflector.support.support_desk import SupportDesk
from tests.browser.conftest import ROOT


class Silent(WSGIRequestHandler):
    """Serves without writing a line for each request."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 (werkzeug's name)
        """Say nothing."""


def letting_go(app: Callable[..., Iterable[bytes]]) -> Callable[..., Iterator[bytes]]:
    """Close what an answer holds also when a browser goes away in the middle of it, as WSGI servers must.

    Werkzeug 3.1's does not: it looks whether more was sent first, and leaves when that fails.
    """

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        with closing(cast("Any", app(environ, start_response))) as parts:
            yield from parts

    return serve


@dataclass(frozen=True, kw_only=True)
class HelpDesk:
    """A running help desk; `address` ends without a slash."""

    address: str
    settings: Settings
    support: SupportDesk
    store: Store


def support_desk(languages: Sequence[str], origins: Sequence[str] = ()) -> SupportDesk:
    """Read the desk of support.yml, for these languages."""
    described = yaml.safe_load((ROOT / "support.yml").read_text(encoding="utf-8"))
    widget = {"origins": list(origins)}
    return SupportDesk.model_validate(described | {"languages": list(languages), "widget": widget})


@contextmanager
def help_desk(
    *,
    catalogue: Path,
    folder: Path,
    now: Callable[[], datetime],
    site: Path | None = None,
    languages: Sequence[str] = ("en", "es"),
    smtp_url: str | None = None,
    origins: Sequence[str] = (),
    protection: bool = False,
) -> Iterator[HelpDesk]:
    """Run the application in a thread until the block ends; everything that it writes lies in `folder`."""
    environment = {
        "DEFLECTOR_CATALOGUE": str(catalogue),
        "DEFLECTOR_VAR": str(folder),
        "DEFLECTOR_MODEL": "off",
        "DEFLECTOR_PROTECTION": "on" if protection else "off",
    }
    if smtp_url:
        environment["DEFLECTOR_SMTP_URL"] = smtp_url
    settings = Settings.from_environment(environment)
    support = support_desk(languages, origins)
    folder.mkdir(parents=True, exist_ok=True)
    store = Store.open(settings.database_url)
    upgrade(store.engine)
    app = create_app(settings, support, site=site, now=now, patience=60)  # tests share their machine
    server = make_server("127.0.0.1", 0, letting_go(app), threaded=True, request_handler=Silent)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield HelpDesk(
            address=f"http://127.0.0.1:{server.server_port}", settings=settings, support=support, store=store
        )
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        store.close()
