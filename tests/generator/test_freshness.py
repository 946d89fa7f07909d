import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from generator.audit import audit
from generator.freshness.evidence import gather
from generator.freshness.score import Event, Evidence, Readers, freshness
from generator.freshness.signals import SignalsUnusable, read_signals, readers_of
from tests.generator.conftest import PATH, TODAY, GitRepository, article, knowledge_base, table


def events(row: dict[str, str] | None) -> tuple[Event, ...]:
    return tuple(Event(what=what, on=date.fromisoformat(on)) for what, on in (row or {}).items())


@pytest.mark.parametrize("row", table("freshness"), ids=lambda row: row["that"])
def test_a_score_and_its_reasons(row: dict[str, Any], tmp_path: Path) -> None:
    (one,) = knowledge_base(tmp_path, {PATH: article(row.get("change"))}).articles
    known = Evidence(
        sources=events(row.get("sources")),
        releases=events(row.get("releases")),
        dead_links=int(row.get("links", 0)),
        readers=Readers(**{key: int(count) for key, count in row.get("readers", {}).items()}),
    )
    fresh = freshness(one, TODAY, known)
    assert [f"{part.points} {part.reason}" for part in fresh.parts] == row.get("says", [])
    assert (fresh.score, fresh.is_stale) == (int(row["score"]), "stale" in row)


def written(folder: Path, *rows: dict[str, Any]) -> Path:
    file = folder / "signals.json"
    file.write_text(json.dumps({"generated_at": "2026-11-22T00:00:00Z", "articles": rows}), encoding="utf-8")
    return file


def test_an_article_in_date_that_fails_its_readers_comes_before_one_that_is_overdue_and_quiet(
    tmp_path: Path,
) -> None:
    files = {
        "en/refunds/failing.md": article({"id": "failing", "title": "A", "questions": "[]"}),
        "en/refunds/overdue.md": article(
            {"id": "overdue", "title": "B", "questions": "[]", "reviewed_on": "2025-01-01"}
        ),
        "en/refunds/gone.md": article(
            {"id": "gone", "title": "C", "questions": "[]", "confidence": "archived"}
        ),
    }
    base = knowledge_base(tmp_path, files)
    rows = [
        {"article": id_, "lang": "en", "version": 2, "shown": 50, "opened": 12, "opened_then_wrote": 9}
        for id_ in ("failing", "gone")
    ]
    report = audit(base, today=TODAY, evidence=gather(base, read_signals(written(tmp_path, *rows))))
    assert [one.article.id for one in report.articles] == ["failing", "overdue", "gone"]
    assert report.articles[0].freshness.parts[0].reason == ("9 of 12 who opened it wrote to us all the same.")


def test_a_review_without_a_change_does_not_clear_what_readers_said(tmp_path: Path) -> None:
    rows = [
        {"article": "refund-for-a-game", "lang": "en", "version": version, "opened": 10, "views": 7}
        for version in (1, 2, 3)
    ]
    typo = "\n  - {version: 3, date: 2026-11-01, by: jon, significance: typo, note: Checked}"
    changes = typo + "".join(f"\n{line}" for line in article().split("\n")[19:21])
    signals = read_signals(written(tmp_path, *rows))
    (one,) = knowledge_base(tmp_path / "kb", {PATH: article({"version": 3, "changes": changes})}).articles
    assert readers_of(one, signals) == Readers(opened=20, views=14)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "the file: Invalid JSON"),
        ("[]", "the file: Input should be"),
        ('{"articles": [{"article": "a"}]}', "articles.0.lang: Field required"),
        ('{"articles": [{"article": "a", "lang": "en", "version": 1, "opened": -1}]}', "articles.0.opened"),
    ],
)
def test_signals_that_cannot_be_read_are_a_sentence(tmp_path: Path, content: str, says: str) -> None:
    file = tmp_path / "signals.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(SignalsUnusable) as raised:
        read_signals(file)
    assert str(raised.value).startswith(f"{file}: {says}")
    with pytest.raises(SignalsUnusable, match=r"cannot be read \(no such file or directory\)"):
        read_signals(tmp_path / "none.json")


def test_git_and_the_list_of_products_tell_what_changed_around_an_article(repository: GitRepository) -> None:
    products = 'app: {name: Playdeck app, version: "5.0", released: 2026-11-10}\n'
    files = {PATH: article(), "products.yml": products}
    (repository.folder / "policies").mkdir()
    (repository.folder / "policies/refunds.pdf").write_text("14 days")
    base = knowledge_base(repository.folder / "kb", files)
    repository.commit("Before", "2026-09-01")
    assert gather(base)[PATH].sources == (Event(what="policies/refunds.pdf", on=date(2026, 9, 1)),)
    (repository.folder / "policies/refunds.pdf").write_text("30 days")
    repository.commit("After", "2026-11-05")
    found = gather(base)[PATH]
    assert found.sources == (Event(what="policies/refunds.pdf", on=date(2026, 11, 5)),)
    assert found.releases == (Event(what="Playdeck app 5.0", on=date(2026, 11, 10)),)
    (one,) = audit(base, today=TODAY, evidence=gather(base)).articles
    assert (one.is_stale, one.freshness.score) == (True, 50)


def test_a_list_of_products_without_a_day_is_a_finding(tmp_path: Path) -> None:
    base = knowledge_base(tmp_path, {PATH: article(), "products.yml": "app: {version: 5, released: soon}\n"})
    assert [finding.message for finding in base.findings] == [
        "'released' is \"soon\". Write the day of the newest release, e.g. 2026-11-10."
    ]
