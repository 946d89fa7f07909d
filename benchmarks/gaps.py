"""How well questions without an answer are put together: B-cubed F1 against their true topics.

    .venv/bin/python benchmarks/gaps.py [--data ../shared/eval] [--mixed 0.3]

Reads the questions that no article answers and whose true article is known (`heldout_doc`), mixed with
questions that are answered (`--mixed` of their number), each of which counts as its own article's topic.
Prints the development part (on which the threshold was chosen) and the test part apart.
"""

import argparse
import json
import random
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from deflector.measures.grouping import ByLikeness, BySameWords, Grouping

SETS = ("stackfaq", "banking77-oos", "feedbackqa-uk")
MOST = 600


def rows(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def questions(folder: Path, split: str, mixed: float) -> list[tuple[str, str]]:
    """Draw questions with their topics, always the same ones."""
    rng = random.Random(1)
    unanswered = [
        (row["text"], row["heldout_doc"])
        for row in rows(folder / "noanswer.jsonl")
        if row["split"] == split and row.get("heldout_doc")
    ]
    topics = dict(
        line.split("\t")[:2] for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]
    )
    answered = [
        (row["text"], topics[row["id"]])
        for row in rows(folder / "queries.jsonl")
        if row["split"] == split and row["id"] in topics
    ]
    rng.shuffle(unanswered)
    unanswered = unanswered[:MOST]
    return unanswered + rng.sample(answered, min(len(answered), int(mixed * len(unanswered))))


def b_cubed(groups: Sequence[Sequence[int]], topics: Sequence[str]) -> tuple[float, float, float]:
    """Score groups (Bagga and Baldwin 1998): precision, recall and their harmonic mean."""
    size = Counter(topics)
    precision = recall = 0.0
    for group in groups:
        inside = Counter(topics[at] for at in group)
        for topic, times in inside.items():
            precision += times * times / len(group)
            recall += times * times / size[topic]
    precision, recall = precision / len(topics), recall / len(topics)
    return precision, recall, 2 * precision * recall / (precision + recall)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared/eval")
    parser.add_argument("--mixed", type=float, default=0.3)
    parser.add_argument("--threshold", type=float, action="append", help="Try these distances instead.")
    given = parser.parse_args()
    if not given.data.is_dir():
        raise SystemExit(f"{given.data}: the questions do not lie there. Name their folder with --data.")
    kinds: list[Grouping] = [BySameWords()]
    kinds += [ByLikeness(joined_below=one) for one in given.threshold] if given.threshold else [ByLikeness()]
    head = ("set", "part", "questions", "topics", "grouping", "F1", "P", "R", "CPU s")
    print("{:16} {:5} {:>9} {:>6}  {:12} {:>5} {:>5} {:>5} {:>6}".format(*head))
    for name in SETS:
        for split in ("dev", "test"):
            asked = questions(given.data / name, split, given.mixed)
            texts, topics = [text for text, _ in asked], [topic for _, topic in asked]
            for kind in kinds:
                started = time.process_time()
                groups = kind.groups(texts, "en")
                elapsed = time.process_time() - started
                precision, recall, f1 = b_cubed(groups, topics)
                label = f"{kind.name} {kind.joined_below:.2f}" if isinstance(kind, ByLikeness) else kind.name
                print(
                    f"{name:16} {split:5} {len(texts):9} {len(set(topics)):6}  {label:12} "
                    f"{f1:5.2f} {precision:5.2f} {recall:5.2f} {elapsed:6.2f}"
                )


if __name__ == "__main__":
    main()
