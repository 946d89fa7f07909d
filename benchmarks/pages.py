"""What a reader's browser loads and waits for: our pages and search beside stock Material's.

    .venv/bin/python benchmarks/pages.py --sizes 1000 5000

Both are built from the same articles, those of benchmarks/build.py (real ones where ../shared/articles is
there). Bytes are as gzip -9 sends them. Both searches are asked the same questions in one Chromium, from
nothing to the first result and at each key: ours through find.js, Material's through its own worker. Times
are medians by the clock of a machine that may be busy: trust their ratio.
"""

import argparse
import functools
import gzip
import re
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, sync_playwright

from benchmarks.build import BIN, KB, measured, write_base

QUESTIONS = (
    "my board is not recognised",
    "how do i return an order",
    "forgot my password",
    "upload fails with an error",
    "where is my invoice",
    "can not connect to wifi",
    "libary not found",
    "how to install the driver on linux",
)
BLANK = "blank.html"


@functools.cache
def packed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), 9)


class Host(SimpleHTTPRequestHandler):
    """Serves files packed, and counts what it sends."""

    def __init__(self, *args: object, count: list[int], **more: object) -> None:
        self.count = count
        super().__init__(*args, **more)  # type: ignore[arg-type]  # handed on as the server gives them

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            return self.send_error(404)
        data = packed(path)
        self.count.append(len(data))
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        return None


@contextmanager
def served(site: Path) -> Iterator[tuple[str, list[int]]]:
    """Serve a site; yields its address and the list of what was sent."""
    sizes: list[int] = []
    (site / BLANK).write_text("<!doctype html><title>search</title>")
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Host, directory=str(site), count=sizes))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", sizes
    server.shutdown()
    server.server_close()


def print_page(name: str, site: Path, path: Path, always: int) -> None:
    """Print the bytes of a page by kind; `always` are those of a search that is fetched with every page."""
    html = (site / path).read_text("utf-8")
    found = set(re.findall(r'(?:href|src)="?([^"?#\s>]+\.(?:css|js))\b', html))
    files = [site / one.lstrip("/") if one.startswith("/") else (site / path).parent / one for one in found]
    kinds = {kind: sum(len(packed(one)) for one in files if one.suffix == kind) for kind in (".css", ".js")}
    own = len(packed(site / path))
    whole = own + sum(kinds.values()) + always
    print(
        f"{name:<22}{len(html.encode()):>10,}{own:>9,}{kinds['.css']:>9,}{kinds['.js']:>9,}"
        f"{always:>12,}{whole:>12,}"
    )


def pages_of(site: Path) -> dict[str, Path]:
    """Choose a page of each kind that the site has."""
    deep = sorted((site / "en").glob("*/*/index.html"))
    found = {
        "home": [site / "index.html"],
        "category": sorted((site / "en").glob("*/index.html")),
        "questions": [page for page in deep if page.parent.name == "questions"],
        "article": [page for page in deep if page.parent.name != "questions"],
        "not found": [site / "404.html"],
    }
    return {name: pages[0].relative_to(site) for name, pages in found.items() if pages}


OURS = """async question => {
  const { finder } = await import("/assets/answerfirst/find.js");
  const found = finder(new URL("/assets/search/en/", location).href);
  const ask = text => found.ask(text);
"""
STOCK = """async question => {
  const worker = new Worker("/WORKER");
  const told = () => new Promise(on => worker.addEventListener("message", on, { once: true }));
  let ready = null;
  const ask = async text => {
    ready ??= fetch("/search/search_index.json").then(answer => answer.json()).then(async index => {
      const up = told();
      worker.postMessage({ type: 0, data: { ...index, options: {} } });
      await up;
    });
    await ready;
    const found = told();
    worker.postMessage({ type: 2, data: text });
    await found;
  };
"""
TIMING = """
  const start = performance.now();
  await ask(question);
  const first = performance.now() - start;
  const keys = [];
  for (let end = 3; TYPED && end <= question.length; end++) {
    const at = performance.now();
    await ask(question.slice(0, end));
    keys.push(performance.now() - at);
  }
  return [first, ...keys];
}"""


@dataclass(frozen=True, kw_only=True)
class Search:
    """Medians over the questions (bytes: the most, too)."""

    to_first: int
    most_to_first: int
    typed: int
    first_ms: float
    key_ms: float

    def print(self, name: str) -> None:
        print(
            f"{name:<22}{self.to_first:>12,}{self.most_to_first:>12,}{self.typed:>12,}"
            f"{self.first_ms:>10,.0f}{self.key_ms:>10,.1f}"
        )


def searched(browser: Browser, site: Path, script: str) -> Search:
    """Ask each question in a browser that has nothing yet: once, then at each key."""
    to_first, typed, firsts, keys = [], [], [], []
    with served(site) as (address, sizes):
        for question in QUESTIONS:
            page = browser.new_context().new_page()
            page.set_default_timeout(300_000)
            page.goto(f"{address}/{BLANK}")
            sizes.clear()
            first, *_ = page.evaluate(script.replace("TYPED", "false"), question)
            to_first.append(sum(sizes))
            page.context.close()
            page = browser.new_context().new_page()
            page.goto(f"{address}/{BLANK}")
            sizes.clear()
            _, *each = page.evaluate(script.replace("TYPED", "true"), question)
            typed.append(sum(sizes))
            page.context.close()
            firsts.append(first)
            keys.append(median(each))
    return Search(
        to_first=round(median(to_first)),
        most_to_first=max(to_first),
        typed=round(median(typed)),
        first_ms=median(firsts),
        key_ms=median(keys),
    )


def compare(folder: Path, size: int, *, with_stock: bool) -> None:
    """Build so many articles twice, and print what a page and a search of each cost."""
    real = write_base(folder, size)
    print(f"\n{size:,} articles{'' if real else ' of made-up words'}, bytes packed, ms by the clock")
    measured([*KB, "build", "--out", "build"], folder)
    ours = folder / "build" / "site"
    pages = pages_of(ours)
    print(f"{'page':<22}{'HTML raw':>10}{'HTML':>9}{'CSS':>9}{'scripts':>9}{'search':>12}{'in all':>12}")
    for name, path in pages.items():
        print_page(name, ours, path, 0)
    stock = folder / "stock"
    worker: Path | None = None
    if with_stock:
        measured([str(BIN / "mkdocs"), "build", "-q", "-f", "stock.yml"], folder)
        (worker,) = stock.glob("assets/javascripts/workers/search.*.min.js")
        always = len(packed(stock / "search" / "search_index.json")) + len(packed(worker))
        print_page("stock: article", stock, pages["article"], always)
    heads = ("to first", "most", "whole", "ms first", "ms key")
    print(f"{'search':<22}" + "".join(f"{head:>{12 if at < 3 else 10}}" for at, head in enumerate(heads)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        own = searched(browser, ours, OURS + TIMING)
        own.print("ours, without desk")
        if worker:
            script = (STOCK + TIMING).replace("WORKER", str(worker.relative_to(stock)))
            theirs = searched(browser, stock, script)
            theirs.print("stock Material")
            print(
                f"{'stock / ours':<22}{theirs.to_first / own.to_first:>12.0f}{'':>24}"
                f"{theirs.first_ms / own.first_ms:>10.1f}{theirs.key_ms / own.key_ms:>10.1f}"
            )
        browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="*", default=[1_000, 5_000])
    parser.add_argument(
        "--stock", type=int, nargs="*", default=None, help="sizes at which stock is built too"
    )
    options = parser.parse_args()
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as scratch:
            compare(Path(scratch), size, with_stock=options.stock is None or size in options.stock)


if __name__ == "__main__":
    main()
