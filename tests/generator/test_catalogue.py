import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from generator.audit import audit
from generator.catalogue import CatalogueEntry, Section, build_catalogue, write_json
from tests.generator.conftest import PATH, TODAY, article, knowledge_base

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def catalogue(
    folder: Path, changed: dict[str, Any], today: date = TODAY, site_url: str = "https://help.example/"
) -> Any:
    base = knowledge_base(folder, {PATH: article(changed), "synonyms.yml": "en: [[refund, money back]]\n"})
    sections = (
        Section(anchor="", heading="", text="Intro."),
        Section(anchor="a", heading="When", text="1. Now"),
    )
    entries = [CatalogueEntry(article=one, sections=sections) for one in base.articles]
    stale = audit(base, today=today).stale_paths
    written = build_catalogue(
        entries, knowledge_base=base, site_url=site_url, revision="abc", generated_at=NOW, stale=stale
    )
    return json.loads(json.dumps(written))


def test_the_catalogue_has_the_shape_of_the_contract(tmp_path: Path) -> None:
    assert catalogue(tmp_path, {}) == {
        "schema_version": 1,
        "site_url": "https://help.example/",
        "revision": "abc",
        "generated_at": "2026-11-22T09:30:00+00:00",
        "languages": ["en"],
        "categories": {"refunds": {"title": {"en": "Refunds", "es": "Reembolsos"}}},
        "synonyms": {"en": [["refund", "money back"]]},
        "articles": [
            {
                "id": "refund-for-a-game",
                "lang": "en",
                "version": 2,
                "last_major_version": 2,
                "title": "Get a refund for a game",
                "summary": "Ask for your money back within 14 days if you played less than two hours.",
                "questions": ["How do I get my money back?", "I bought the wrong game"],
                "category": "refunds",
                "tags": ["refund", "money"],
                "url": "/en/refunds/refund-for-a-game/",
                "review_due": "2027-04-01",
                "stale": False,
                "confidence": "validated",
                "applies_to": ["web", "app >= 4.2"],
                "sections": [
                    {"anchor": "", "heading": "Get a refund for a game", "text": "Intro."},
                    {"anchor": "a", "heading": "When", "text": "1. Now"},
                ],
            }
        ],
    }


def test_an_article_is_stale_from_the_day_after_its_review_is_due(tmp_path: Path) -> None:
    assert not catalogue(tmp_path, {}, date(2027, 4, 1))["articles"][0]["stale"]
    assert catalogue(tmp_path, {}, date(2027, 4, 2))["articles"][0]["stale"]


def test_the_path_of_the_site_stands_before_every_address(tmp_path: Path) -> None:
    written = catalogue(tmp_path, {}, site_url="https://playdeck.example/help/")
    assert written["articles"][0]["url"] == "/help/en/refunds/refund-for-a-game/"


@pytest.mark.parametrize("changed", [{"audience": "internal"}, {"confidence": "work_in_progress"}])
def test_what_is_not_published_is_not_in_it(tmp_path: Path, changed: dict[str, Any]) -> None:
    assert catalogue(tmp_path, changed)["articles"] == []


def test_an_article_without_text_answers_with_its_summary(tmp_path: Path) -> None:
    base = knowledge_base(tmp_path, {PATH: article()})
    entry = CatalogueEntry(article=base.articles[0], sections=())
    written = build_catalogue(
        [entry], knowledge_base=base, site_url="", revision="", generated_at=NOW, stale=()
    )
    (section,) = written["articles"][0]["sections"]
    assert section["text"].startswith("Ask for your money back")


def test_a_file_is_replaced_in_one_step_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "new" / "catalogue.json"
    write_json(file, {"a": "é"})
    before = file.stat().st_ino
    write_json(file, {"b": 1})
    assert file.stat().st_ino != before
    assert file.read_text(encoding="utf-8") == '{"b":1}\n'
    assert list(file.parent.iterdir()) == [file]
    assert file.stat().st_mode & 0o777 == 0o644


def test_what_cannot_be_written_leaves_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "catalogue.json"
    write_json(file, {"a": 1})
    with pytest.raises(TypeError):
        write_json(file, {"a": object()})
    assert file.read_text(encoding="utf-8") == '{"a":1}\n'
    assert list(tmp_path.iterdir()) == [file]
