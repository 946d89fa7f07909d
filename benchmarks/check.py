"""Print what `kb check` costs: CPU seconds per 1,000 articles, with and without Git, from 500 to 5,000.

    .venv/bin/python benchmarks/check.py [FOLDER OF MARKDOWN]

The folder is imported and its articles are repeated under new ids and with new questions; each gets a
history of several commits, and the last version of all is compared with the one before. Where there is no
such folder, the articles of kb/ are repeated instead.
"""

import io
import re
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import date
from pathlib import Path

from generator.articles.knowledge_base import KnowledgeBase
from generator.audit import check
from generator.history.against import Earlier, check_against
from generator.history.git import Repository
from generator.history.past import read_past
from generator.history.versions import History
from generator.importing.folders import import_folder
from generator.rules.language import plain_language

ROOT = Path(__file__).parents[1]
TODAY = date(2026, 11, 22)
SIZES = (500, 5_000)
VERSIONS = 5
"""So many versions each article has in Git."""
A_COMMIT = 20
"""So many articles change in one commit."""


def cpu() -> float:
    """Sum the CPU seconds of this process and of the programs that it has run."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def repeated(source: Path, target: Path, count: int) -> None:
    """Write `count` articles: those of a knowledge base over and over, each copy in words of its own."""
    files = sorted(source.rglob("*/*/*.md"))
    for number in range(count):
        file = files[number % len(files)]
        text, copy = file.read_text(encoding="utf-8"), number // len(files)
        if copy:
            text = text.replace("\nid: ", f"\nid: c{copy}-", 1).replace("\ntitle: ", f"\ntitle: C{copy} ", 1)
            text = text.replace("\n  - ", f"\n  - C{copy} ", 1) if "\nquestions:\n" in text else text
        place = target / file.relative_to(source).parent / (f"c{copy}-{file.name}" if copy else file.name)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")


def edited(text: str, version: int) -> str:
    """Write the next version of an article: a number, an entry of `changes`, a sentence more."""
    day = f"2026-{version:02}-03"
    entry = f"{{version: {version}, date: {day}, by: import, significance: minor, note: Change {version}}}"
    text = re.sub(r"(?m)^version: \d+$", f"version: {version}", text, count=1)
    text = re.sub(r"(?m)^changes:\n", f"changes:\n  - {entry}\n", text, count=1)
    return f"{text.rstrip()}\n\nThis was added in version {version}.\n"


def commit(folder: Path) -> str:
    """Commit every article VERSIONS times, some articles a commit; the answer is where the last round began.

    The files become those of the last commit. Git's fast-import does in seconds what would take `git commit`
    many minutes.
    """
    git = ("git", "-C", str(folder))
    subprocess.run([*git, "init", "--quiet", "--initial-branch=main"], check=True)
    files = sorted((folder / "kb").rglob("*"))
    texts = {file: file.read_text(encoding="utf-8") for file in files if file.is_file()}
    articles = [file for file in texts if file.suffix == ".md"]
    groups = [list(texts)]
    for _ in range(1, VERSIONS):
        groups += [articles[at : at + A_COMMIT] for at in range(0, len(articles), A_COMMIT)]
    seen = Counter[Path]()
    stream = io.BytesIO()
    for number, group in enumerate(groups):
        who = f"Maya <maya@x.example> {1_767_225_600 + number * 3_600} +0000"
        stream.write(f"commit refs/heads/main\ncommitter {who}\ndata 1\nC\n".encode())
        for file in group:
            seen[file] += 1
            if seen[file] > 1:
                texts[file] = edited(texts[file], seen[file])
            data = texts[file].encode()
            name = file.relative_to(folder).as_posix()
            stream.write(f"M 100644 inline {name}\ndata {len(data)}\n".encode() + data + b"\n")
    subprocess.run([*git, "fast-import", "--quiet"], input=stream.getvalue(), check=True)
    subprocess.run([*git, "reset", "--quiet", "--hard"], check=True)
    return f"HEAD~{(len(groups) - 1) // (VERSIONS - 1)}"


def measure(folder: Path, before: str) -> dict[str, float]:
    """Check one knowledge base step by step; CPU seconds by step. `before` is a revision to compare with."""
    spent = {}
    start = cpu()
    base = KnowledgeBase.load(folder / "kb")
    check(base, today=TODAY)
    spent["check"] = cpu() - start
    start = cpu()
    for _ in plain_language(base):
        pass
    spent["plain language"] = cpu() - start
    start = cpu()
    check_against(base, Earlier.read(Repository.around(base.folder), before, base))
    spent["against a revision"] = cpu() - start
    start = cpu()
    past = read_past(base, History.read(base))
    assert all(len(versions) == VERSIONS for versions in past.values()), "Git has not been read"
    assert len(past) == len(base.published)
    spent["history"] = cpu() - start
    return spent


def main() -> None:
    given = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "articles"
    with tempfile.TemporaryDirectory() as name:
        imported = Path(name) / "imported"
        if given.is_dir():
            import_folder(given, imported / "en", today=TODAY)
        else:
            imported = ROOT / "kb"
            print(f"{given} is absent; the articles of kb/ are repeated instead.")
        results = {}
        for size in SIZES:
            folder = Path(name) / str(size)
            repeated(imported, folder / "kb", size)
            results[size] = measure(folder, commit(folder))
    steps = list(results[SIZES[0]])
    print(f"Each article has {VERSIONS} versions in Git, {A_COMMIT} articles changed a commit.")
    print("CPU seconds per 1,000 articles".ljust(32), *(f"{size:>8,}" for size in SIZES), "  growth")
    for step in (*steps, "all without Git", "all"):
        chosen = {"all": steps, "all without Git": steps[:2]}.get(step, [step])
        per = [1_000 * sum(results[size][one] for one in chosen) / size for size in SIZES]
        print(step.ljust(32), *(f"{one:8.2f}" for one in per), f"   ×{per[1] / per[0]:.2f}")


if __name__ == "__main__":
    main()
