"""A page of somebody's product under a strict policy, with our help button on it."""

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class ShopPage(BaseHTTPRequestHandler):
    """Answers every address with the same page; `desk` holds the help desk's address once there is one."""

    def __init__(self, *args: object, desk: list[str]) -> None:
        self.desk = desk
        super().__init__(*args)  # type: ignore[arg-type]

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        (desk,) = self.desk
        lang = "ar" if self.path.startswith("/ar/") else "en"
        page = (
            f'<!doctype html><html lang="{lang}"><title>Shop</title><main><h1>Shop</h1><a href="#x">Cart</a>'
            f'</main><script src="{desk}/widget.js" data-lang="{lang}" defer></script></html>'
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        policy = f"default-src 'none'; script-src {desk}; connect-src {desk}"
        self.send_header("Content-Security-Policy", policy)
        self.end_headers()
        self.wfile.write(page)


@contextmanager
def open_shop() -> Iterator[tuple[str, list[str]]]:
    """Serve the page; yields its address and the list that takes the help desk's."""
    desk: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(ShopPage, desk=desk))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", desk
    server.shutdown()
    server.server_close()
    thread.join()
