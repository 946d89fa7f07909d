"""Build, serve and reload while somebody writes."""

import socket
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mkdocs.livereload import LiveReloadServer

from generator.builds.build import configuration, preview_site
from generator.builds.incremental import Desk
from generator.builds.logs import collected_warnings
from generator.builds.panel import panel
from generator.builds.workplace import BuildFailed
from generator.cache.memory import Held
from generator.findings import Finding

Say = Callable[[str], None]
Show = Callable[[tuple[Finding, ...], int], None]


class Watch:
    """A server that shows the site of a mkdocs.yml as it is written.

    `work` is an empty folder, for as long as it serves. `say` takes a sentence, `show` the findings of each
    build and the number of articles.
    """

    def __init__(
        self,
        config_file: Path,
        *,
        work: Path,
        host: str,
        port: int,
        today: Callable[[], date],
        say: Say,
        show: Show,
    ) -> None:
        self._config_file, self._today, self._say, self._show = config_file, today, say, show
        self._held: Held = {}
        port = _reserved(host, port)
        self._site = work / "site"
        with collected_warnings() as warnings:
            config = configuration(config_file, self._site, warnings)
        mount = urlsplit(config.site_url or "/").path
        self.server = _Server(
            on_listening=self._say_where,
            builder=self.build,
            host=host,
            port=port,
            root=str(self._site),
            mount_path=mount,
        )
        self.server.error_handler = self._error_page
        folders = [config.docs_dir, *(folder for folder in config.theme.dirs[:1] if Path(folder).is_dir())]
        for path in (*folders, str(config_file)):
            self.server.watch(path)

    def build(self) -> None:
        """Build once and say what was found; a fault leaves the pages of the last build in the browser."""
        try:
            warnings = preview_site(
                self._config_file,
                self._site,
                url=self.server.url,
                today=self._today(),
                hear=self._hear,
                held=self._held,
            )
            self.server.problems = ()
        except BuildFailed as exc:
            self.server.problems = exc.problems
            self._say(str(exc))
            return
        for warning in warnings:
            self._say(warning)

    def _hear(self, desk: Desk) -> None:
        self.server.findings = desk.report.written
        self._show(desk.report.written, len(desk.base.articles))

    def serve(self) -> None:
        """Build, then serve until interrupted; raise OSError where the port is taken."""
        try:
            self.build()
            # MkDocs gives this one method no types.
            self.server.serve()  # type: ignore[no-untyped-call]
        except KeyboardInterrupt:
            self._say("Stopped.")
        finally:
            self.server.shutdown()

    def _say_where(self) -> None:
        self._say(f"Serving on {self.server.url} and watching for changes. Stop with Ctrl+C.")

    def _error_page(self, code: int) -> bytes | None:
        page = self._site / f"{code}.html"
        return self.server.with_panel(page.read_bytes()) if page.is_file() else None


class _Server(LiveReloadServer):
    """Serves the pages, each with what is wrong in it, and reloads them when something was built."""

    findings: tuple[Finding, ...] = ()
    problems: tuple[str, ...] = ()

    def __init__(self, *, on_listening: Callable[[], None], **options: Any) -> None:
        super().__init__(**options)
        self._on_listening = on_listening

    def server_activate(self) -> None:
        """Begin to listen, and only then tell anybody where."""
        super().server_activate()
        self._on_listening()

    def with_panel(self, content: bytes) -> bytes:
        """Put what is wrong, and the script that reloads, into a page."""
        return self._inject_js_into_html(content, self._visible_epoch)

    def _serve_request(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes] | None:
        _asked_for.set(environ.get("PATH_INFO", ""))
        return super()._serve_request(environ, start_response)

    def _inject_js_into_html(self, content: bytes, epoch: int) -> bytes:
        """Add the panel where MkDocs adds its script; it offers no other place."""
        address = _asked_for.get().removeprefix(self.mount_path.rstrip("/"))
        shown = panel(self.findings, self.problems, address).encode()
        end = content.rfind(b"</body>")
        end = len(content) if end < 0 else end
        # MkDocs gives this one method no types.
        whole = super()._inject_js_into_html(content[:end] + shown + content[end:], epoch)  # type: ignore[no-untyped-call]
        return bytes(whole)


_asked_for: ContextVar[str] = ContextVar("asked_for", default="")
"""The address that the thread at hand answers."""


def _reserved(host: str, port: int) -> int:
    """Find out before the first build whether a port is free, choosing one for 0; raise OSError if not."""
    with socket.create_server((host, port)) as probe:
        return int(probe.getsockname()[1])
