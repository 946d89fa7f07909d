"""Print what `kb check` costs: CPU seconds per 1,000 articles, with and without Git, from 500 to 5,000.

    .venv/bin/python benchmarks/check.py [FOLDER OF MARKDOWN]

The folder is imported and its articles are repeated under new ids and with new questions. Where there is no
such folder, the articles of kb/ are repeated instead.
"""

import resource
import subprocess
import sys
import tempfile
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


def commit(folder: Path) -> None:
    git = ("git", "-C", str(folder), "-c", "user.name=B", "-c", "user.email=b@x.example")
    for words in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "-m", "All")):
        subprocess.run([*git, *words], check=True)


def measure(folder: Path) -> dict[str, float]:
    """Check one knowledge base step by step; CPU seconds by step."""
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
    check_against(base, Earlier.read(Repository.around(base.folder), "HEAD", base))
    spent["against a revision"] = cpu() - start
    start = cpu()
    read_past(base, History.read(base))
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
            commit(folder)
            results[size] = measure(folder)
    steps = list(results[SIZES[0]])
    print("CPU seconds per 1,000 articles".ljust(32), *(f"{size:>8,}" for size in SIZES), "  growth")
    for step in (*steps, "all without Git", "all"):
        chosen = {"all": steps, "all without Git": steps[:2]}.get(step, [step])
        per = [1_000 * sum(results[size][one] for one in chosen) / size for size in SIZES]
        print(step.ljust(32), *(f"{one:8.2f}" for one in per), f"   ×{per[1] / per[0]:.2f}")


if __name__ == "__main__":
    main()
