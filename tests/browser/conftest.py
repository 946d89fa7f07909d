"""One browser and one built site for all browser tests."""

import functools
import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[2]
TODAY = "2026-11-22"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@dataclass(frozen=True, kw_only=True)
class BuiltSite:
    """A site on disk and where a server of static files answers for it; `address` ends without a slash."""

    folder: Path
    address: str

    @property
    def catalogue(self) -> Path:
        return self.folder.parent / "catalogue.json"


class StaticFiles(SimpleHTTPRequestHandler):
    """Serves a folder as a static host does, with the site's own page for what is missing; keeps no log."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        page = Path(self.directory) / "404.html"
        if code != 404 or not page.is_file():
            return super().send_error(code, message, explain)
        content = page.read_bytes()
        self.send_response(404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        return self.wfile.write(content)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
        found = next((path for name in names if (path := shutil.which(name))), None)
        program = found or playwright.chromium.executable_path
        if not Path(program).exists():
            reason = (
                "Browser tests need Chromium. Install it with `apt-get install chromium`, "
                "or fetch Playwright's with `.venv/bin/playwright install chromium`."
            )
            if os.environ.get("CI"):
                pytest.fail(reason)
            pytest.skip(reason)
        browser = playwright.chromium.launch(executable_path=program, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def built_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BuiltSite]:
    """Build kb/ as it is on a fixed day, and serve it."""
    folder = tmp_path_factory.mktemp("build") / "site"
    config = load_config(str(ROOT / "mkdocs.yml"), site_dir=str(folder))
    config.plugins["answerfirst"].config.today = TODAY
    build(config)
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(StaticFiles, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield BuiltSite(folder=folder, address=f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    server.server_close()
    thread.join()
