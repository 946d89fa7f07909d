"""`deflector eval`: how good the suggestions are, on questions whose answers are known."""

import json
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from deflector.commands.environment import Failure, said_in_a_sentence
from deflector.commands.search_options import opened, reader_language, search_options
from deflector.search.evaluation import (
    DEPTH,
    AskedQuestion,
    Figures,
    Reply,
    UnreadableQuestions,
    measure,
    read_questions,
)
from deflector.search.pipeline import SearchPipeline


class StageClock:
    """Adds up the CPU time of each stage of many questions."""

    def __init__(self) -> None:
        self.stages: defaultdict[str, list[float]] = defaultdict(list)
        self._last = time.thread_time()

    def start(self) -> None:
        """Begin with a question."""
        self._last = time.thread_time()

    def __call__(self, stage: str) -> None:
        """Note the end of a stage."""
        now = time.thread_time()
        self.stages[stage].append((now - self._last) * 1000)
        self._last = now


@click.command("eval")
@search_options
@click.option(
    "--questions", type=click.Path(path_type=Path), required=True, help='JSON lines {"id", "text"}.'
)
@click.option(
    "--qrels", type=click.Path(path_type=Path), required=True, help="Question, article, grade; tabs."
)
@click.option("--noanswer", type=click.Path(path_type=Path), help="Questions that no article answers.")
@click.option("--split", help='Only questions with this "split", e.g. test.')
@click.option("--lang", help="The reader's language. Default: the first of the catalogue.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@said_in_a_sentence
def evaluate(
    catalogue: Path,
    engine: str,
    var: Path,
    model: str | None,
    questions: Path,
    qrels: Path,
    noanswer: Path | None,
    split: str | None,
    lang: str | None,
    form: str,
) -> None:
    """Measure the suggestions on questions whose answers are known."""
    try:
        asked = read_questions(questions, qrels, noanswer, split)
    except UnreadableQuestions as exc:
        raise Failure(str(exc)) from None
    knowledge, pipeline = opened(catalogue, engine, var, model)
    clock = StageClock()
    figures = measure(replies(pipeline, asked, reader_language(lang, knowledge), clock))
    stages = {stage: _percentiles(times) for stage, times in clock.stages.items()}
    if form == "json":
        click.echo(json.dumps({**asdict(figures), "cpu_ms": stages}))
        return
    for line in _lines(figures, stages):
        click.echo(line)


def replies(
    pipeline: SearchPipeline,
    asked: Sequence[AskedQuestion],
    lang: str,
    clock: StageClock,
    *,
    settled: bool = True,
) -> list[Reply]:
    """Ask every question, and time the stages."""
    found = []
    for question in asked:
        clock.start()
        answers = pipeline.explain(question.text, lang=lang, settled=settled, done=clock)
        best = [(one.place.article.id, confidence) for one, confidence in answers[0].found] if answers else []
        found.append(
            Reply(
                question=question,
                articles=tuple(article for article, _ in best[:DEPTH]),
                confidences=tuple(confidence for _, confidence in best[:DEPTH]),
                anything=answers[0].anything if answers else 0.0,
            )
        )
    return found


def _percentiles(times: Sequence[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {
        "p50": round(ordered[len(ordered) // 2], 3),
        "p95": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))], 3),
    }


def _lines(figures: Figures, stages: dict[str, dict[str, float]]) -> list[str]:
    lines = [
        f"{figures.answerable} questions with an answer, {figures.unanswerable} without",
        "  ".join(f"success@{k} {value:.3f}" for k, value in figures.success.items()),
        f"MRR@{DEPTH} {figures.mrr:.3f}  nDCG@{DEPTH} {figures.ndcg:.3f}",
    ]
    sure = f"right {figures.shown_right:.1%} of the time" if figures.shown_right is not None else "never"
    lines.append(f"asked about before sending: {figures.shown:.1%} of those found first; {sure}")
    if figures.auroc is not None:
        lines.append(f"AUROC, does any article answer: {figures.auroc:.3f}")
        lines.append(f"false suggestions at 90 % true ones: {figures.false_at_90:.1%}")
        lines.append(f"confidence is off by {figures.off_by:.1%} on average:")
        lines += [
            f"  promised {step.promised:.0%}, right {step.right:.0%} ({step.count} questions)"
            for step in figures.reliability
        ]
    lines += [f"CPU ms {stage}: p50 {t['p50']:.2f}, p95 {t['p95']:.2f}" for stage, t in stages.items()]
    return lines
