from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from generator.articles.knowledge_base import KnowledgeBase
from generator.audit import check
from generator.findings import Finding
from tests.generator.conftest import BODY, CATEGORIES, PATH, PEOPLE, TODAY, article, placed, table, write

TABLE = table("rules")


def files_of(row: Mapping[str, Any]) -> dict[str, str | bytes]:
    others = {path: _other(changed) for path, changed in row.get("also", {}).items()}
    return {
        "people.yml": PEOPLE,
        "categories.yml": CATEGORIES,
        **row.get("files", {}),
        **others,
        **dict([placed(row)]),
    }


def _other(changed: Mapping[str, Any]) -> str:
    keys = {key: value for key, value in changed.items() if key != "body"}
    return article(keys, changed.get("body", BODY))


def said_of(findings: tuple[Finding, ...], path: str) -> list[str]:
    return [
        f"{finding.line} {finding.rule}{'' if finding.is_error else ' (warning)'}: {finding.message}"
        for finding in findings
        if finding.path == path
    ]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row["that"])
def test_rule(row: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "kb", files_of(row))
    said = said_of(
        check(KnowledgeBase.load(Path("kb"), four_eyes="policy" in row), today=TODAY),
        f"kb/{row.get('at', PATH)}",
    )
    expected = row.get("finds", [])
    assert len(said) == len(expected), said
    for one, start in zip(said, expected, strict=True):
        assert one.startswith(start)
