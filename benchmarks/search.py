"""Measure the search: quality on public sets, what each stage gives, speed and memory by size.

    .venv/bin/python benchmarks/search.py [quality] [ablation] [speed] [--sets ../shared/eval] [--sizes 500 5000]

Sets are not part of the repository; without them there is nothing to measure, and it says so. Times are CPU
milliseconds of the asking thread. The results stand in docs/search.md.
"""

import argparse
import gc
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import ModuleType

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.search_sets import SETS, QuestionSet, broken_off, help_centre, kinds, load, mistyped
from benchmarks.stock_whoosh import StockWhoosh
from deflector.commands.evaluating import StageClock, replies
from deflector.knowledge import KnowledgeFile
from deflector.search import analysis, fusion, judgement, meaning, reading, spelling
from deflector.search.courtesies import Courtesies
from deflector.search.evaluation import AskedQuestion, Figures, Reply, auroc, measure
from deflector.search.pipeline import SearchPipeline, open_search

ROOT = Path(__file__).parent.parent
MODEL = ROOT / "var" / "models" / "all-MiniLM-L6-v2"
SIZES = (500, 5_000, 50_000)
WITH_VECTORS_UP_TO = 5_000
STOCK_UP_TO = 5_000


def main() -> None:
    """Run the parts that are named, or all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", help="quality, ablation, speed; all when none is named")
    parser.add_argument("--sets", type=Path, default=ROOT.parent / "shared" / "eval")
    parser.add_argument("--split", default="test")
    parser.add_argument("--sample", type=int, default=0, help="questions of a set at most; 0 is all")
    parser.add_argument("--stages", nargs="*", help="rows of the ablation, all when none is named")
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES, help="articles, for speed")
    given = parser.parse_args()
    if not given.sets.is_dir():
        sys.exit(f"{given.sets}: there are no question sets. Name their folder with --sets.")
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        if "quality" in given.parts or not given.parts:
            quality(given.sets, given.split, given.sample, work)
        if "ablation" in given.parts or not given.parts:
            ablation(given.sets, given.sample or 300, work, given.stages)
        if "speed" in given.parts or not given.parts:
            speed(given.sets, work, given.sizes)


def opened(
    catalogue: Path, work: Path, *, model: Path | None = MODEL, engine: str = "tantivy"
) -> SearchPipeline:
    """Open the search, or stop when the model is missing."""
    pipeline = open_search(knowledge=KnowledgeFile(catalogue), engine=engine, var=work / "var", model=model)
    if model and pipeline.degraded():
        sys.exit(pipeline.degraded()[0])
    return pipeline


def sampled(found: QuestionSet, sample: int) -> QuestionSet:
    """Take so many questions of each kind, the same ones every time."""
    if not sample:
        return found
    dice = random.Random(1)
    kept = []
    for answerable in (True, False):
        group = [question for question in found.questions if bool(question.answers) == answerable]
        kept += dice.sample(group, min(sample, len(group)))
    return QuestionSet(name=found.name, catalogue=found.catalogue, questions=kept)


def changed(questions: list[AskedQuestion], change: Callable[[str], str]) -> list[AskedQuestion]:
    """Give the questions with another text."""
    return [AskedQuestion(id=q.id, text=change(q.text), answers=q.answers) for q in questions]


def slips() -> Callable[[str], str]:
    """Mistype questions, the same way every time."""
    dice = random.Random(1)
    return lambda text: mistyped(text, dice)


def success(pipeline: SearchPipeline, asked: list[AskedQuestion], *, settled: bool = True) -> float:
    """Give success@3."""
    found = replies(pipeline, asked, "en", StageClock(), settled=settled)
    return sum(reply.success(3) for reply in found) / len(found)


def quality(sets: Path, split: str, sample: int, work: Path) -> None:
    """Print success@3 and AUROC of each set, beside words alone and stock Whoosh."""
    print(f"\n## Quality ({split} parts)\n")
    print("| set | questions | success@1 | success@3 | typo in two words | 75 % typed | MRR@10 | nDCG@10 | AUROC |"
          " false at 90 % true | off by | asked about of those found first, right | words alone: success@3, AUROC,"
          " asked about, right | Whoosh recipe: success@3 |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|")
    for name in SETS:
        for plain in (False, True) if name == "feedbackqa-uk" else (False,):
            found = sampled(load(sets, name, split, work, plain=plain), sample)
            pipeline = opened(found.catalogue, work)
            told = replies(pipeline, found.questions, "en", StageClock())
            figures = measure(told)
            typo = success(pipeline, changed(found.answerable, slips()))
            cut = success(pipeline, changed(found.answerable, broken_off), settled=False)
            by_words = opened(found.catalogue, work, model=None)
            alone = measure(replies(by_words, found.questions, "en", StageClock()))
            stock = StockWhoosh(found.catalogue, work / f"stock-{found.catalogue.stem}")
            hits = [any(a in q.answers for a in stock.search(q.text)[:3]) for q in found.answerable]
            print(
                f"| {found.name} | {figures.answerable} + {figures.unanswerable} | {figures.success[1]:.3f} "
                f"| **{figures.success[3]:.3f}** | {typo:.3f} | {cut:.3f} | {figures.mrr:.3f} | {figures.ndcg:.3f} "
                f"| **{figures.auroc:.3f}**{by_kind(sets, name, told)} | {figures.false_at_90:.3f} "
                f"| {figures.off_by:.3f} | **{asked_about(figures)}** "
                f"| {alone.success[3]:.3f}, {alone.auroc:.3f}, {asked_about(alone)} "
                f"| {sum(hits) / len(hits):.3f} |",
                flush=True,
            )


def asked_about(figures: Figures) -> str:
    """Say how many of the right ones are put before sending, and how often what is put there is right."""
    right = "–" if figures.shown_right is None else f"{figures.shown_right:.2f}"
    return f"{figures.shown:.2f}, {right}"


def by_kind(sets: Path, name: str, told: list[Reply]) -> str:
    """Give the AUROC against each kind of question without an answer, where there are kinds."""
    kind = kinds(sets, name)
    right = [reply.anything for reply in told if reply.question.answers]
    parts = []
    for one in sorted(set(kind.values())):
        wrong = [r.anything for r in told if not r.question.answers and kind.get(r.question.id) == one]
        parts.append(f"{one} {auroc(right, wrong):.3f}")
    return f" ({', '.join(parts)})" if parts else ""


@contextmanager
def altered(module: ModuleType, **values: object) -> Iterator[None]:
    """Give constants of a stage other values for a while."""
    before = {name: getattr(module, name) for name in values}
    try:
        for name, value in values.items():
            setattr(module, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(module, name, value)


STAGES: tuple[tuple[str, ModuleType, dict[str, object]], ...] = (
    ("everything", fusion, {}),
    ("without spelling", spelling, {"SHORTEST": 99}),
    ("without leaving out courtesies", reading, {"courtesies": lambda _: Courtesies("")}),
    ("without irregular verbs", analysis, {"BASE_FORMS": {}}),
    ("without finishing the last word", reading, {"COMPLETIONS": 0}),
    ("without BM25", fusion, {"WORDS_COUNT": 0.0, "BY_WORDS": 0}),
    ("without share", fusion, {"SHARE_COUNTS": 0.0}),
    ("without likeness of names", fusion, {"LIKENESS_COUNTS": 0.0}),
    ("without word by word", fusion, {"MAXSIM_COUNTS": 0.0}),
    ("without phrasing", fusion, {"PHRASING_COUNTS": 0.0}),
    ("nearest passage only", meaning, {"NEAREST": (1.0,)}),
    ("without lists of wordings", meaning, {"SAME": 2.0}),
    ("without the lead", judgement, {"WITH_MEANING": judgement.Rule(start=-8.9, near=13.2, likeness=0.3)}),
)
REBUILT = ("without lists of wordings", "without irregular verbs")  # these change what is indexed


def ablation(sets: Path, sample: int, work: Path, stages: Sequence[str] | None = None) -> None:
    """Print what is lost when each stage is off.

    success@3 whole / mistyped / 75 % typed, AUROC, share of the right ones that are asked about; CPU ms.
    """
    print(f"\n## What each stage gives (dev parts, {sample} questions of each kind)\n")
    print("| | " + " | ".join(SETS) + " | CPU ms |")
    print("|---|" + "---|" * (len(SETS) + 1))
    found = [sampled(load(sets, name, "dev", work), sample) for name in SETS]
    for label, module, values in STAGES:
        if stages and label not in stages:
            continue
        place = work / label.replace(" ", "-") if label in REBUILT else work
        analysis.analyser.cache_clear()
        with altered(module, **values):
            ablated(label, [(one, opened(one.catalogue, place)) for one in found])
    analysis.analyser.cache_clear()
    if stages:
        return
    ablated("without meaning", [(one, opened(one.catalogue, work, model=None)) for one in found])
    ablated(
        "without meaning, Whoosh instead of tantivy",
        [(one, opened(one.catalogue, work, model=None, engine="whoosh")) for one in found],
    )


def ablated(label: str, found: list[tuple[QuestionSet, SearchPipeline]]) -> None:
    cells = []
    spent, asked = 0.0, 0
    for one, pipeline in found:
        started = time.thread_time()
        told = replies(pipeline, one.questions, "en", StageClock())
        spent, asked = spent + time.thread_time() - started, asked + len(one.questions)
        figures = measure(told)
        typo = success(pipeline, changed(one.answerable, slips()))
        cut = success(pipeline, changed(one.answerable, broken_off), settled=False)
        cells.append(
            f"{figures.success[3]:.3f} / {typo:.3f} / {cut:.3f}, {figures.auroc:.3f}, {figures.shown:.2f}"
        )
    print(f"| {label} | " + " | ".join(cells) + f" | {spent / asked * 1000:.1f} |", flush=True)


HOSTILE = (
    "a" * 100_000, "refund " * 15_000, "a b " * 25_000, ". " * 50_000, "a. " * 30_000, "\n" * 10_000, "返品" * 50_000,
    "Wort-" * 20_000, "é" * 100_000, "please " * 15_000, "?* " * 30_000, "\ud800" * 1_000, "\0" * 100_000,
)  # fmt: skip


def speed(sets: Path, work: Path, sizes: Sequence[int]) -> None:
    """Print CPU times by size: build, typing, settled, spelling; beside stock Whoosh; and memory."""
    print("\n## Speed (CPU ms a question, p50 / p95)\n")
    print("| articles | build, CPU s | ten changed, CPU s | word stages, typing | all stages, settled | read (with spelling), mistyped |"
          " Whoosh recipe | times faster (word stages), p50 / p95 | 100,000 characters of nonsense, worst |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|---|")
    asked = [q.text for name in SETS for q in load(sets, name, "test", work).answerable[:40]]
    for size in sizes:
        catalogue = write(work / f"{size}.json", list(help_centre(sets, size, random.Random(size))))
        model = MODEL if size <= WITH_VECTORS_UP_TO else None
        build = cpu(partial(opened, catalogue, work, model=model))
        again = write(work / f"{size}-changed.json", touched(catalogue))
        changed_build = cpu(partial(opened, again, work, model=model))
        pipeline = opened(catalogue, work, model=model)
        by_words = opened(catalogue, work, model=None)
        typing = timed(
            by_words, [text[: int(len(text) * share)] for text in asked for share in (0.4, 0.7, 1)], False
        )
        settled = timed(pipeline, asked, True)
        read = timed(by_words, list(map(slips(), asked)), True, stage="read")
        stock = stock_times(catalogue, work / f"stock-{size}", asked) if size <= STOCK_UP_TO else []
        ratio = " / ".join(f"{at(stock, p) / at(typing, p):.0f}" for p in (0.5, 0.95)) if stock else "–"
        print(
            f"| {size:,} | {build:.1f}{'' if model else ' (no vectors)'} | {changed_build:.1f} | {spread(typing)} "
            f"| {spread(settled) if model else '–'} | {spread(read)} | {spread(stock) if stock else '–'} | {ratio} "
            f"| {max(timed(pipeline, list(HOSTILE), True)):.1f} |",
            flush=True,
        )
        if size == WITH_VECTORS_UP_TO:
            memory(catalogue, work)


def write(path: Path, articles: list[dict[str, object]]) -> Path:
    path.write_text(json.dumps({"schema_version": 1, "articles": articles}))
    return path


def touched(catalogue: Path) -> list[dict[str, object]]:
    """Change the titles of ten articles."""
    articles: list[dict[str, object]] = json.loads(catalogue.read_text())["articles"]
    return [{**a, "title": f"{a['title']} changed"} if n < 10 else a for n, a in enumerate(articles)]


def timed(pipeline: SearchPipeline, asked: list[str], settled: bool, stage: str = "") -> list[float]:
    """Time questions that were not asked before, all stages together or one."""
    clock = StageClock()
    for text in asked[:20]:
        pipeline.explain(f"warm {text}", lang="en")
    times = []
    for text in asked:
        clock.start()
        started = time.thread_time()
        pipeline.explain(text, lang="en", settled=settled, done=clock)
        times.append((time.thread_time() - started) * 1000)
    return clock.stages[stage] if stage else times


def stock_times(catalogue: Path, folder: Path, asked: list[str]) -> list[float]:
    stock = StockWhoosh(catalogue, folder)
    times = []
    for text in asked[::2]:
        for share in (0.4, 0.7, 1):
            started = time.thread_time()
            stock.search(text[: int(len(text) * share)])
            times.append((time.thread_time() - started) * 1000)
    return times


def memory(catalogue: Path, work: Path) -> None:
    """Measure the memory that the search adds, in a process of its own, on an index that is there."""
    code = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1]); "
        "from benchmarks.search import resident; print(resident(Path(sys.argv[2]), Path(sys.argv[3])))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(ROOT), str(catalogue), str(work)],
        capture_output=True,
        text=True,
        check=True,
    )
    print(
        f"\nMemory that the search with the model adds at 5,000 articles: {done.stdout.strip()} MB\n",
        flush=True,
    )


def resident(catalogue: Path, work: Path) -> int:
    """Give the megabytes that opening the search and asking adds to a process that has the catalogue."""
    file = KnowledgeFile(catalogue)
    knowledge = file.current()
    gc.collect()
    before = rss()
    pipeline = open_search(knowledge=file, var=work / "var", model=MODEL)
    for article in (knowledge.articles if knowledge else ())[:300]:
        pipeline.suggest(article.title, lang="en")
    return rss() - before


def rss() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def cpu(work: Callable[[], object]) -> float:
    """Time a piece of work in CPU seconds of the process."""
    started = time.process_time()
    work()
    return time.process_time() - started


def at(times: list[float], share: float) -> float:
    """Give the time that so large a share of all stays below."""
    return sorted(times)[int(len(times) * share)]


def spread(times: list[float]) -> str:
    return f"{at(times, 0.5):.2f} / {at(times, 0.95):.2f}"


if __name__ == "__main__":
    main()
