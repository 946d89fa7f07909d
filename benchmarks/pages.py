"""What a reader's browser loads: bytes of each kind of page, and of the static search on large bases.

    .venv/bin/python benchmarks/pages.py build/site --articles ../shared/articles

Bytes are as gzip -9 sends them. The search is asked in Chromium, on an index of so many articles, put
together from the sections of real ones (their vocabulary is that of the real ones, whatever the number).
"""

import argparse
import functools
import gzip
import itertools
import json
import random
import re
import shutil
import tempfile
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import sync_playwright

from generator.articles.knowledge_base import KnowledgeBase
from generator.catalogue import CatalogueEntry, Section
from generator.site.search_index import index_files

PAGES = {
    "home": "index.html",
    "category": "en/payments/index.html",
    "questions": "en/payments/questions/index.html",
    "article": "en/refunds/refund-for-a-game/index.html",
    "not found": "404.html",
}
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


def sent(data: bytes) -> int:
    return len(gzip.compress(data, 9))


def page_bytes(site: Path) -> None:
    print(f"{'page':<12}{'HTML raw':>10}{'HTML':>8}{'CSS':>8}{'scripts':>9}{'in all':>9}   (bytes)")
    for name, path in PAGES.items():
        html = (site / path).read_text("utf-8")
        found = set(re.findall(r'(?:href|src)="([^"?#]+\.(?:css|js))"', html))
        files = [
            site / one.lstrip("/") if one.startswith("/") else (site / path).parent / one for one in found
        ]
        sizes = {
            kind: sum(sent(f.read_bytes()) for f in files if f.suffix == kind) for kind in (".css", ".js")
        }
        own = sent(html.encode())
        whole = own + sum(sizes.values())
        print(f"{name:<12}{len(html.encode()):>10,}{own:>8,}{sizes['.css']:>8,}{sizes['.js']:>9,}{whole:>9,}")


def entries(kb: Path, articles: Path, count: int) -> Iterator[CatalogueEntry]:
    """Put so many articles together from the sections of real ones; titles are their first headings."""
    model = next(one for one in KnowledgeBase.load(kb).published if one.lang == "en")
    pool, titles = [], []
    for file in sorted(articles.rglob("*.md")):
        text = re.sub(
            r"\A---.*?^---$", "", file.read_text("utf-8", "replace"), flags=re.DOTALL | re.MULTILINE
        )
        titles.append(file.stem.replace("-", " "))
        pool += [(head, body) for head, body in re.findall(r"^#+ +(.+?)$(.*?)(?=^#|\Z)", text, re.S | re.M)]
    chance = random.Random(1)  # the same base each time
    for number, title in zip(range(count), itertools.cycle(titles), strict=False):
        chosen = chance.sample(pool, 5)
        sections = tuple(
            Section(anchor=f"s{at}", heading=head, text=body) for at, (head, body) in enumerate(chosen)
        )
        changed = {
            "id": f"a{number}",
            "title": f"{title} {chosen[0][0]}",
            "questions": (chosen[1][0],),
            "tags": (),
        }
        yield CatalogueEntry(article=model.model_copy(update=changed), sections=sections)


class Host(SimpleHTTPRequestHandler):
    """Serves files packed, and counts what it sends."""

    def __init__(self, *args: object, count: list[int], **more: object) -> None:
        self.count = count
        super().__init__(*args, **more)  # type: ignore[arg-type]

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            return self.send_error(404)
        data = gzip.compress(path.read_bytes(), 9)
        self.count.append(len(data))
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        return None


ASK = """async question => {
  const { finder } = await import("/find.js");
  const found = finder(new URL("/assets/search/en/", location).href);
  const start = performance.now();
  await found.ask(question);
  const first = performance.now() - start;
  const keys = [];
  for (let end = 3; end <= question.length; end++) {
    const at = performance.now();
    await found.ask(question.slice(0, end));
    keys.push(performance.now() - at);
  }
  keys.sort((a, b) => a - b);
  return { first, key: keys[keys.length >> 1] };
}"""


def search_bytes(kb: Path, articles: Path, count: int, script: Path) -> None:
    folder, sizes = Path(tempfile.mkdtemp()), []
    for name, content in index_files(entries(kb, articles, count)):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, "utf-8")
    shutil.copy(script, folder / "find.js")
    (folder / "index.html").write_text("<!doctype html><title>search</title>")
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Host, directory=str(folder), count=sizes)
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    home = f"http://127.0.0.1:{server.server_port}/index.html"
    figures = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for question in QUESTIONS:
            page = browser.new_context().new_page()
            page.goto(home)
            sizes.clear()
            once = page.evaluate(ASK.replace("end <= question.length", "false"), question)
            to_first = sum(sizes)
            typed = page.evaluate(ASK, question)
            figures.append((to_first, once["first"], typed["key"], sum(sizes)))
            page.context.close()
        browser.close()
    server.shutdown()
    shutil.rmtree(folder)
    bytes_to_first, first, key, typed_bytes = (sorted(column) for column in zip(*figures, strict=True))
    half = len(figures) // 2
    print(
        f"{count:>6,}: {bytes_to_first[half]:,} bytes to the first result (most {bytes_to_first[-1]:,}),"
        f" {typed_bytes[half]:,} for a whole question typed (most {typed_bytes[-1]:,}); "
        f"{first[half]:.0f} ms to the first result, {key[half]:.1f} ms per key"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("site", type=Path, nargs="?", default=Path("build/site"))
    parser.add_argument("--articles", type=Path, default=Path("../shared/articles"))
    parser.add_argument("--kb", type=Path, default=Path("kb"))
    parser.add_argument("--sizes", type=int, nargs="*", default=[1_000, 5_000])
    options = parser.parse_args()
    page_bytes(options.site)
    if not options.articles.is_dir():
        print(
            json.dumps({"search": f"{options.articles} is no folder of Markdown; name one with --articles"})
        )
        return
    for count in options.sizes:
        search_bytes(options.kb, options.articles, count, Path("theme/assets/answerfirst/find.js"))


if __name__ == "__main__":
    main()
