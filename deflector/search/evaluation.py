"""Measure suggestions against questions whose answers are known, and against questions that have none.

success@k: an article that answers is among the first k. MRR@10, nDCG@10 (gain 2^grade − 1): Järvelin and
Kekäläinen (2002). AUROC: how often a question with an answer seems more answerable than one without
(ties count half). False at 90 % true: how many of the questions without an answer would be shown something
where nine tenths of those with one are.
"""

import csv
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from deflector.search.calibration import Bin, Checked, off_by, reliability

DEPTH = 10
BE_RIGHT = 0.8  # what the setting is unless a desk changes it


class UnreadableQuestions(Exception):
    """A file of questions or answers cannot be used; the message says where and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedQuestion:
    """A question of a test set. `answers` grades the articles that answer; empty where none does."""

    id: str
    text: str
    answers: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the search said: articles best first, each with its confidence, and whether anything answers."""

    question: AskedQuestion
    articles: tuple[str, ...]
    confidences: tuple[float, ...]
    anything: float = 0.0  # the probability that any article answers

    @property
    def first(self) -> float:
        """The confidence of the first article."""
        return self.confidences[0] if self.confidences else 0.0

    @property
    def is_right(self) -> bool:
        """Whether the first article answers."""
        return bool(self.articles) and self.articles[0] in self.question.answers

    def success(self, k: int) -> bool:
        """Whether one of the first k answers."""
        return any(article in self.question.answers for article in self.articles[:k])


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was measured. AUROC and what follows it is None without questions that have no answer.

    shown: of the questions whose first article is right, the share that is sure enough to be asked about.
    shown_right: of all questions that are, the share whose first article is right; None where none is.
    """

    answerable: int
    unanswerable: int
    success: Mapping[int, float]
    mrr: float
    ndcg: float
    auroc: float | None
    false_at_90: float | None
    off_by: float | None
    reliability: tuple[Bin, ...]
    shown: float = 0.0
    shown_right: float | None = None


def measure(replies: Sequence[Reply]) -> Figures:
    """Work out the figures of a run; at least one question must have an answer."""
    positive = [reply for reply in replies if reply.question.answers]
    negative = [reply for reply in replies if not reply.question.answers]
    checked = [Checked(confidence=reply.first, right=reply.is_right) for reply in replies]
    right, wrong = [r.anything for r in positive], [r.anything for r in negative]
    shown = [reply for reply in replies if reply.first >= BE_RIGHT]
    rightly = [reply for reply in positive if reply.is_right]
    return Figures(
        answerable=len(positive),
        unanswerable=len(negative),
        success={k: _mean(reply.success(k) for reply in positive) for k in (1, 3, 5)},
        mrr=_mean(_reciprocal_rank(reply) for reply in positive),
        ndcg=_mean(_ndcg(reply) for reply in positive),
        auroc=auroc(right, wrong) if right and wrong else None,
        false_at_90=false_share(right, wrong) if right and wrong else None,
        off_by=off_by(checked, 10) if right and wrong else None,
        reliability=tuple(reliability(checked)) if right and wrong else (),
        shown=_mean(reply.first >= BE_RIGHT for reply in rightly) if rightly else 0.0,
        shown_right=_mean(reply.is_right for reply in shown) if shown else None,
    )


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Give the area under the ROC curve by ranks (Mann and Whitney, 1947)."""
    order = np.sort(np.array(negative))
    below = np.searchsorted(order, positive, side="left")
    not_above = np.searchsorted(order, positive, side="right")
    return float((below + not_above).mean() / 2 / len(order))


def false_share(positive: Sequence[float], negative: Sequence[float], true: float = 0.9) -> float:
    """Give the share of negatives at or above the threshold that this share of positives reaches."""
    threshold = sorted(positive, reverse=True)[math.ceil(true * len(positive)) - 1]
    return _mean(confidence >= threshold for confidence in negative)


def read_questions(
    questions: Path, qrels: Path | None, noanswer: Path | None, split: str | None
) -> list[AskedQuestion]:
    """Read a test set; raise UnreadableQuestions with a sentence."""
    grades = _read_qrels(qrels) if qrels else {}
    found = [
        AskedQuestion(id=row["id"], text=row["text"], answers=grades[row["id"]])
        for row in read_rows(questions)
        if row["id"] in grades and _is_in(row, split)
    ]
    if not found:
        raise UnreadableQuestions(
            f"{questions}: no question has an answer in {qrels}. The ids of both files must be the same."
        )
    unanswered = [row for row in read_rows(noanswer) if _is_in(row, split)] if noanswer else []
    return [*found, *(AskedQuestion(id=row["id"], text=row["text"], answers={}) for row in unanswered)]


def read_rows(path: Path) -> list[dict[str, str]]:
    """Read JSON lines {"id", "text", "split"?}; raise UnreadableQuestions with a sentence."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as exc:
        raise UnreadableQuestions(
            f"{path}: cannot be read ({exc.strerror}). Name a file of questions."
        ) from None
    except UnicodeDecodeError:
        raise UnreadableQuestions(f"{path}: is not UTF-8 text. Save the questions as UTF-8.") from None
    rows = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            fits = isinstance(row, dict) and isinstance(row.get("text"), str) and "id" in row
        except (ValueError, RecursionError):
            fits = False
        if not fits:
            raise UnreadableQuestions(f'{path}:{number}: write one {{"id": …, "text": "…"}} a line.')
        rows.append(row)
    return rows


def _read_qrels(path: Path) -> dict[str, dict[str, int]]:
    """Read question, article and grade, parted by tabs; a first line without a number is a heading."""
    grades: dict[str, dict[str, int]] = {}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            for number, row in enumerate(csv.reader(file, delimiter="\t"), 1):
                if not row or (number == 1 and not row[-1].strip().lstrip("-").isdigit()):
                    continue
                if len(row) < 3 or not row[-1].strip().lstrip("-").isdigit():
                    raise UnreadableQuestions(
                        f"{path}:{number}: write question, article and grade, parted by tabs."
                    )
                if (grade := int(row[-1])) > 0:
                    grades.setdefault(row[0], {})[row[-2]] = grade
    except OSError as exc:
        raise UnreadableQuestions(
            f"{path}: cannot be read ({exc.strerror}). Name a file of answers."
        ) from None
    except UnicodeDecodeError:
        raise UnreadableQuestions(f"{path}: is not UTF-8 text. Save the answers as UTF-8.") from None
    return grades


def _is_in(row: Mapping[str, str], split: str | None) -> bool:
    return split is None or row.get("split") == split


def _reciprocal_rank(reply: Reply) -> float:
    for rank, article in enumerate(reply.articles[:DEPTH], 1):
        if article in reply.question.answers:
            return 1 / rank
    return 0.0


def _ndcg(reply: Reply) -> float:
    answers = reply.question.answers
    gained = _gain([answers.get(article, 0) for article in reply.articles[:DEPTH]])
    return gained / _gain(sorted(answers.values(), reverse=True)[:DEPTH])


def _gain(grades: Sequence[int]) -> float:
    return sum((2.0**grade - 1) / math.log2(rank + 1) for rank, grade in enumerate(grades, 1))


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found) if found else 0.0
