"""Measure how long builds take: CPU seconds and peak memory, children included, beside stock Material.

    .venv/bin/python benchmarks/build.py                      100 and 1,000 articles
    .venv/bin/python benchmarks/build.py --sizes 100 1000 5000 --stock 100 1000

The articles are 414 real ones where ../shared/articles lies beside the project (Arduino's help centre, CC
BY-SA 4.0), taken over by `kb import` and repeated with other ids and titles; where it does not, they are made
up, and the table says so. CPU time is what the system charges to the process and its children; a busy machine
charges more for the same work, so the last line says how long a fixed loop took before and after.
"""

import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[1]
REAL = ROOT.parent / "shared" / "articles" / "arduino-help"
BIN = Path(sys.executable).parent
KB = [sys.executable, "-c", "from generator.cli import main; main(prog_name='kb')"]
EXTENSIONS = """\
markdown_extensions:
  - admonition
  - attr_list
  - tables
  - toc: {permalink: true}
  - pymdownx.details
  - pymdownx.highlight: {use_pygments: false}
  - pymdownx.superfences
  - pymdownx.tabbed: {alternate_style: true}
"""
OURS = f"""\
site_name: Measured
site_url: http://127.0.0.1:8000/
docs_dir: kb
theme: {{name: material, custom_dir: {ROOT / "theme"}, font: false}}
plugins: [answerfirst]
{EXTENSIONS}"""
STOCK = f"""\
site_name: Measured
site_url: http://127.0.0.1:8000/
docs_dir: kb
site_dir: stock
theme: {{name: material, font: false, features: [navigation.prune, navigation.tabs]}}
plugins: [search]
{EXTENSIONS}"""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What one run took: seconds of processors, MiB at the peak, seconds by the clock."""

    cpu: float
    peak: float
    wall: float


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure builds.")
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1000])
    parser.add_argument(
        "--stock", type=int, nargs="*", default=None, help="sizes at which stock is built too"
    )
    options = parser.parse_args()
    stock = options.sizes if options.stock is None else options.stock
    before = fixed_work()
    print("| articles | build | CPU s | peak MiB | s |\n|---:|---|---:|---:|---:|", flush=True)
    with tempfile.TemporaryDirectory(prefix="answerfirst-bench-") as name:
        for size in options.sizes:
            folder = Path(name, str(size))
            is_real = write_base(folder, size)
            for build, cost in runs(folder, with_stock=size in stock):
                print(
                    f"| {size:,} | {build} | {cost.cpu:.2f} | {cost.peak:.0f} | {cost.wall:.1f} |", flush=True
                )
            shutil.rmtree(folder)
    print(f"\nArticles: {'real, repeated' if is_real else 'made up; ../shared/articles is not here'}.")
    print(
        f"{os.cpu_count()} cores. A fixed loop took {before:.2f} CPU s before and {fixed_work():.2f} after."
    )


def runs(folder: Path, *, with_stock: bool) -> Iterator[tuple[str, Cost]]:
    if with_stock:
        yield (
            "stock Material (prune, search)",
            measured([str(BIN / "mkdocs"), "build", "-q", "-f", "stock.yml"], folder),
        )
        shutil.rmtree(folder / "stock")
    build = [*KB, "build"]
    yield "kb build, nothing remembered", measured(build, folder)
    edited = sorted((folder / "kb").rglob("*.md"))[size_of(folder) // 2]
    edit(edited, "One more sentence in one article.")
    yield "kb build, one article edited", measured(build, folder)
    edit(edited, "And another one.")
    yield "kb build, edited again", measured(build, folder)
    title(edited)
    yield "kb build, one title edited", measured(build, folder)
    yield "kb build, nothing changed", measured(build, folder)
    yield "kb watch, one article edited", watched(folder, edited)


def size_of(folder: Path) -> int:
    return sum(1 for _ in (folder / "kb").rglob("*.md"))


def watched(folder: Path, edited: Path) -> Cost:
    """Edit an article twice while `kb watch` runs; return what it took until its page showed the second edit.

    The time includes how long MkDocs waits before it looks at the files again, and the looking.
    """
    with (folder / "output.txt").open("wb") as output:
        process = subprocess.Popen(
            [*KB, "watch", "--port", "0"],
            cwd=folder,
            stdout=output,
            stderr=output,
            env=environment() | {"TMPDIR": str(folder)},
        )
    said = folder / "output.txt"
    try:
        until(lambda: "Serving on " in said.read_text(encoding="utf-8"))
        url = said.read_text(encoding="utf-8").partition("Serving on ")[2].split()[0].rstrip("/")
        page = f"{url}/{edited.relative_to(folder / 'kb').with_suffix('').as_posix()}/"
        for sentence in ("Written while it is watched.", "And written once more."):
            cpu, begin = cpu_of(process.pid), time.perf_counter()
            edit(edited, sentence)
            until(partial(shows, page, sentence))
            taken, wall = cpu_of(process.pid) - cpu, time.perf_counter() - begin
        return Cost(cpu=taken, peak=peak_of(process.pid), wall=wall)
    finally:
        process.terminate()
        process.wait()


def until(is_so: Callable[[], bool], seconds: float = 1800) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            sys.exit("kb watch did not show what was written.")
        time.sleep(0.1)


def shows(page: str, sentence: str) -> bool:
    with urlopen(page, timeout=600) as answer:
        return sentence in answer.read().decode()


def cpu_of(pid: int) -> float:
    """Read from Linux how many seconds of processors a process and its children have taken."""
    values = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, values[11:15])) / os.sysconf("SC_CLK_TCK")


def peak_of(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def title(path: Path) -> None:
    """Give an article another title, which other pages show."""
    text = path.read_text(encoding="utf-8")
    path.write_text(
        re.sub(r"^title: .*$", "title: Another title than before", text, count=1, flags=re.MULTILINE),
        encoding="utf-8",
    )


def edit(path: Path, sentence: str) -> None:
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{sentence}\n", encoding="utf-8")


def measured(command: list[str], folder: Path) -> Cost:
    """Run a command and wait for it; the peak is that of the largest process, as the system counts it."""
    begin = time.perf_counter()
    with (folder / "output.txt").open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output, env=environment())
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit((folder / "output.txt").read_text(encoding="utf-8")[-2000:])
    cpu = usage.ru_utime + usage.ru_stime
    return Cost(cpu=cpu, peak=usage.ru_maxrss / 1024, wall=time.perf_counter() - begin)


def environment() -> dict[str, str]:
    return {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT)}


def fixed_work() -> float:
    """Do the same work each time, to tell a busy machine from a slow build."""
    begin, total = time.process_time(), 0
    for number in range(3_000_000):
        total += number * number
    return time.process_time() - begin


def write_base(folder: Path, size: int) -> bool:
    """Write a knowledge base of so many articles; return whether they are real ones."""
    source = folder / "source"
    source.mkdir(parents=True)
    (folder / "mkdocs.yml").write_text(OURS, encoding="utf-8")
    (folder / "stock.yml").write_text(STOCK, encoding="utf-8")
    if not REAL.is_dir():
        made_up(source, min(size, 400))
    measured([*KB, "import", str(REAL if REAL.is_dir() else source), "--into", "one/en"], folder)
    shutil.rmtree(source)
    originals = sorted((folder / "one").rglob("*.md"))
    words = sorted(
        {word for path in originals for word in re.findall(r"\b[a-z]{5,12}\b", path.read_text("utf-8"))}
    )
    chance = random.Random(1)
    for number in range(size):
        path = originals[number % len(originals)]
        repeat(
            path, folder / "kb" / path.relative_to(folder / "one"), number // len(originals), words, chance
        )
    shutil.rmtree(folder / "one")
    return REAL.is_dir()


def repeat(path: Path, copy: Path, round_: int, words: list[str], chance: random.Random) -> None:
    """Copy an article; from the second time on under another id and title, with some words of others."""
    text = path.read_text(encoding="utf-8")
    if round_:
        copy = copy.with_stem(f"{copy.stem}-{round_}")
        mine = " ".join(chance.sample(words, 6))
        text = re.sub(r"^id: .*$", f"id: {copy.stem}", text, count=1, flags=re.MULTILINE)
        text = re.sub(r"^title: .*$", f"title: {mine.capitalize()}", text, count=1, flags=re.MULTILINE)
        text = re.sub(r"^aliases: .*$", "aliases: []", text, count=1, flags=re.MULTILINE)
        text = f"{text.rstrip()}\n\n{mine.capitalize()}.\n"
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_text(text, encoding="utf-8")


def made_up(folder: Path, size: int) -> None:
    """Write articles of made-up words: a paragraph, steps, a table, and links to others."""
    chance = random.Random(1)
    syllables = [
        "ba",
        "con",
        "del",
        "er",
        "fin",
        "gor",
        "ham",
        "il",
        "jun",
        "kes",
        "lor",
        "mit",
        "nor",
        "pal",
    ]
    words = ["".join(chance.choices(syllables, k=chance.randint(2, 4))) for _ in range(4000)]

    def sentence(length: int = 12) -> str:
        return " ".join(chance.choices(words, k=length)).capitalize() + "."

    for number in range(size):
        parts = [f"---\ntitle: {sentence(6)[:-1]}\n---\n", sentence(30)]
        for _ in range(6):
            parts.append(f"## {sentence(4)[:-1]}\n\n" + " ".join(sentence() for _ in range(6)))
            parts.append("\n".join(f"{step}. {sentence(9)}" for step in range(1, 5)))
        parts.append(f"See [{sentence(3)[:-1]}](article-{chance.randrange(size)}.md).")
        parts.append(
            "| A | B |\n|---|---|\n" + "\n".join(f"| {sentence(3)} | {sentence(3)} |" for _ in range(4))
        )
        (folder / f"topic-{number % 8}").mkdir(exist_ok=True)
        (folder / f"topic-{number % 8}" / f"article-{number}.md").write_text(
            "\n\n".join(parts), encoding="utf-8"
        )


if __name__ == "__main__":
    main()
