"""Measure what learned wordings give and cost: half of a set's questions are taught, the others asked.

    .venv/bin/python benchmarks/learning.py [quality] [cost] [--sets F] [--split test] [--sample 300]

Taught and asked questions come from one source, so that what they give is an upper bound for a site whose
people all word things their own way. Sets are not part of the repository; without them there is nothing to
measure, and it says so. Times are CPU milliseconds of the asking thread. Results stand in docs/measuring.md.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.search import MODEL
from benchmarks.search_sets import help_centre, load
from deflector.commands.evaluating import StageClock, replies
from deflector.knowledge import Knowledge, KnowledgeFile
from deflector.search.evaluation import AskedQuestion, auroc
from deflector.search.learned import LearnedQuestion
from deflector.search.pipeline import SearchPipeline, open_search

SETS = ("stackfaq", "banking77-oos", "feedbackqa-uk")
BE_RIGHT = 0.8
WORDINGS = 1_000  # as many as a service keeps
ARTICLES = 1_000


class Taught:
    """Keeps wordings in memory."""

    def __init__(self) -> None:
        self.known: Sequence[LearnedQuestion] = ()

    def wordings(self, _knowledge: Knowledge) -> Sequence[LearnedQuestion]:
        return self.known


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", help="quality, cost; both when none is named")
    parser.add_argument("--sets", type=Path, default=Path(__file__).parents[2] / "shared" / "eval")
    parser.add_argument("--split", default="test")
    parser.add_argument("--sample", type=int, default=300, help="taught questions at most, and asked ones")
    given = parser.parse_args()
    if not given.sets.is_dir():
        sys.exit(f"{given.sets}: there are no question sets. Name their folder with --sets.")
    with tempfile.TemporaryDirectory() as folder:
        if "quality" in given.parts or not given.parts:
            quality(given.sets, given.split, given.sample, Path(folder))
        if "cost" in given.parts or not given.parts:
            cost(given.sets, Path(folder))


def quality(sets: Path, split: str, sample: int, work: Path) -> None:
    """Compare the same questions before and after the others were taught."""
    print(f"\n| set ({split} part) | search | taught | success@1 | success@3 | AUROC |"
          " answered, of them right | strangers answered |\n|---|---|---|---|---|---|---|---|")  # fmt: skip
    for name in SETS:
        found = load(sets, name, split, work)
        dice = random.Random(3)
        known = [question for question in found.questions if question.answers]
        strangers = [question for question in found.questions if not question.answers]
        dice.shuffle(known)
        half = min(sample, len(known) // 2)
        asked, strangers = known[half : 2 * half], dice.sample(strangers, min(half, len(strangers)))
        for model in (MODEL, None):
            taught = Taught()
            pipeline = open_search(
                knowledge=KnowledgeFile(found.catalogue), var=work / "var", model=model, learned=taught
            )
            for wordings in ((), tuple(map(_taught, known[:half]))):
                taught.known = wordings
                pipeline.refresh()
                _print_row(f"{name} | {'meaning' if model else 'words'} | {len(wordings)}",
                           pipeline, asked, strangers)  # fmt: skip


def _taught(question: AskedQuestion) -> LearnedQuestion:
    best = max(question.answers, key=lambda article: question.answers[article])
    return LearnedQuestion(article=best, lang="en", version=1, text=question.text)


def _print_row(
    label: str, pipeline: SearchPipeline, asked: list[AskedQuestion], strangers: list[AskedQuestion]
) -> None:
    found = replies(pipeline, asked, "en", StageClock())
    others = replies(pipeline, strangers, "en", StageClock())
    sure = [reply for reply in found if reply.first >= BE_RIGHT]
    at = [sum(reply.success(k) for reply in found) / len(found) for k in (1, 3)]
    area = auroc([reply.anything for reply in found], [reply.anything for reply in others])
    print(
        f"| {label} | {at[0]:.3f} | {at[1]:.3f} | {area:.3f} | "
        f"{len(sure)} of {len(found)}, {sum(reply.is_right for reply in sure)} | "
        f"{sum(reply.first >= BE_RIGHT for reply in others)} of {len(others)} |",
        flush=True,
    )


def cost(sets: Path, work: Path) -> None:
    """Say what a full memory costs a question, and what taking it up costs, at many articles."""
    articles = list(help_centre(sets, ARTICLES, random.Random(5)))
    catalogue = work / "many.json"
    catalogue.write_text(json.dumps({"schema_version": 1, "articles": articles}))
    asked = [question.text for question in load(sets, "banking77-oos", "test", work).answerable]
    taught = Taught()
    pipeline = open_search(knowledge=KnowledgeFile(catalogue), var=work / "var", model=MODEL, learned=taught)
    dice = random.Random(5)
    print(f"\n{ARTICLES} articles, CPU ms a settled question:")
    for count, word in ((0, "please"), (WORDINGS, "thanks"), (0, "today")):
        texts = (asked * (1 + count // len(asked)))[:count]
        taught.known = tuple(
            LearnedQuestion(article=dice.choice(articles)["id"], lang="en", version=1, text=text)
            for text in texts
        )
        started = time.process_time()
        pipeline.refresh()
        taken = time.process_time() - started
        times = []
        for question in asked[-200:]:
            before = time.thread_time()
            pipeline.suggest(f"{question} {word}", lang="en")
            times.append((time.thread_time() - before) * 1000)
        times.sort()
        print(f"  {count:5} wordings: p50 {times[100]:.1f}, p95 {times[190]:.1f}; taken up in {taken:.1f} s")


if __name__ == "__main__":
    main()
