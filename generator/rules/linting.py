"""What two well-kept tools say of the articles: rumdl of the Markdown, typos of the spelling."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from generator.articles.knowledge_base import KnowledgeBase
from generator.findings import Finding, Severity

_NOT_OURS: Final = "MD013,MD025,MD033,MD041,MD051,MD057"
"""Line lengths, titles (the front matter has them); raw HTML and links, which have rules of their own."""
_SPELLED: Final = "en"
"""The language that typos knows."""
_SECONDS: Final = 120


def lint(base: KnowledgeBase) -> Iterator[Finding]:
    """Run both tools over a knowledge base; one that is not installed says nothing. Warnings only.

    A repository's own .rumdl.toml and _typos.toml count, so that a team can add its names.
    """
    paths = {base.spoken_path(article.path) for article in base.articles}
    rumdl = ("check", "--no-cache", "--output-format", "json", "--extend-disable", _NOT_OURS)
    for row in _parsed(_run("rumdl", *rumdl, base.folder.as_posix())):
        if row.get("file") in paths:
            yield _finding(row["file"], row["line"], f"markdown-{row['rule']}", f"{row['message']}.")
    english = base.folder / _SPELLED
    answer = _run("typos", "--format", "json", english.as_posix()) if english.is_dir() else ""
    for line in answer.splitlines():
        for row in _parsed(f"[{line}]"):
            if row.get("type") == "typo" and row.get("path") in paths and row.get("corrections"):
                better = " or ".join(row["corrections"][:3])
                message = f'"{row["typo"]}" may be misspelt. Write {better}, or name it in _typos.toml.'
                yield _finding(row["path"], row["line_num"], "spelling", message)


def _run(name: str, *words: str) -> str:
    beside = Path(sys.executable).with_name(name)
    program = str(beside) if beside.exists() else shutil.which(name)
    if program is None:
        return ""
    try:
        answer = subprocess.run([program, *words], capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.decode("utf-8", "replace")


def _parsed(text: str) -> list[dict[str, Any]]:
    try:
        rows = json.loads(text or "[]")
    except ValueError:
        return []
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _finding(path: str, line: int, rule: str, message: str) -> Finding:
    return Finding(path=path, line=line, rule=rule, severity=Severity.WARNING, message=message)
