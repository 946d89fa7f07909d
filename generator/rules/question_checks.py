"""Solved questions as tests: each must still lead to the article that solved it.

The search belongs to the other program, so it is asked as a reader would: `deflector suggest` in a process of
its own, over the catalogue that `kb build` wrote.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from generator.findings import Finding, Severity

RULE: Final = "solved-question-lost"
SECONDS: Final = 600
LARGEST_FILE: Final = 5_000_000


class QuestionsUnusable(Exception):
    """The questions cannot be asked; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenQuestion:
    """A question that an article solved, and the line of the file that says so."""

    question: str
    lang: str
    article: str
    line: int


def check_questions(path: Path, *, folder: Path | None = None) -> list[Finding]:
    """Ask every question of a file; return a finding for each that lost its article.

    `folder` is where `build/catalogue.json` lies; the current one when None. Raises `QuestionsUnusable`.
    """
    questions = read_questions(path)
    found: list[Finding] = []
    for lang in sorted({one.lang for one in questions}):
        mine = [one for one in questions if one.lang == lang]
        answers = _ask([one.question for one in mine], lang, folder)
        found += [
            _lost(path, one, now) for one, now in zip(mine, answers, strict=True) if one.article not in now
        ]
    return sorted(found)


def _lost(path: Path, one: FrozenQuestion, now: Sequence[str]) -> Finding:
    leads = f"It leads to {', '.join(now)} now." if now else "It leads to no article now."
    return Finding(
        path=path.as_posix(),
        line=one.line,
        rule=RULE,
        severity=Severity.ERROR,
        message=(
            f'"{one.question}" ({one.lang}) was solved by {one.article}. {leads} '
            f"Add it to the questions of {one.article}, or remove it here if another article solves it."
        ),
    )


def read_questions(path: Path) -> list[FrozenQuestion]:
    """Read the file that `deflector questions export` writes; raise `QuestionsUnusable`."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise QuestionsUnusable(f"{path}: is larger than 5 MB. Keep the questions that matter.")
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except FileNotFoundError:
        raise QuestionsUnusable(
            f"{path}: there is no such file. Write it: deflector questions export"
        ) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as exc:
        raise QuestionsUnusable(f"{path}: cannot be read ({type(exc).__name__}). Write it anew.") from None
    if root is None:
        return []
    if not isinstance(root, yaml.SequenceNode):
        raise QuestionsUnusable(f"{path}:1: is not a list of questions. Write it anew.")
    return [_question(path, node) for node in root.value]


def _question(path: Path, node: yaml.Node) -> FrozenQuestion:
    line = node.start_mark.line + 1
    fields: dict[str, str] = {}
    if isinstance(node, yaml.MappingNode):
        fields = {
            key.value: value.value
            for key, value in node.value
            if isinstance(key, yaml.ScalarNode) and isinstance(value, yaml.ScalarNode)
        }
    missing = [name for name in ("question", "lang", "article") if not fields.get(name, "").strip()]
    if missing:
        raise QuestionsUnusable(f"{path}:{line}: has no '{missing[0]}'. Write question, lang and article.")
    return FrozenQuestion(
        question=fields["question"], lang=fields["lang"], article=fields["article"], line=line
    )


def _ask(questions: Sequence[str], lang: str, folder: Path | None) -> list[list[str]]:
    """List, for each question, the articles that a reader would be offered."""
    with tempfile.TemporaryDirectory() as scratch:
        batch = Path(scratch) / "questions.jsonl"
        rows = (json.dumps({"id": number, "text": text}) for number, text in enumerate(questions))
        batch.write_text("\n".join(rows) + "\n", encoding="utf-8")
        command = [*_deflector(), "suggest", "--batch", str(batch), "--lang", lang]
        try:
            done = subprocess.run(  # noqa: S603
                command,
                capture_output=True,
                text=True,
                encoding="utf-8",
                timeout=SECONDS,
                cwd=folder,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as exc:
            raise QuestionsUnusable(f"deflector suggest did not answer ({type(exc).__name__}).") from None
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it said nothing"]
        raise QuestionsUnusable(f"deflector suggest failed: {said[-1].removeprefix('Error: ')}")
    answers = [_articles(json.loads(line)) for line in done.stdout.splitlines() if line.strip()]
    if len(answers) != len(questions):
        raise QuestionsUnusable(f"deflector suggest answered {len(answers)} of {len(questions)} questions.")
    return answers


def _articles(answer: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys(str(one["article"]) for one in answer["suggestions"]))


def _deflector() -> list[str]:
    beside = Path(sys.executable).with_name("deflector")
    found = str(beside) if beside.is_file() else shutil.which("deflector")
    if found is None:
        raise QuestionsUnusable("The command deflector is not installed here. Install answerfirst whole.")
    return [found]
