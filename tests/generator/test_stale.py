"""Stale is one thing: audit, catalogue and page say the same of an article."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from mkdocs.commands.build import build
from mkdocs.config import load_config

from generator.cli import main
from generator.site.wording import Wording
from tests.generator.conftest import CATEGORIES, PATH, PEOPLE, TODAY, GitRepository, article, write
from tests.generator.test_building import CONFIG

PRODUCTS = 'app: {name: Playdeck app, version: "5.0", released: 2026-11-10}\n'
PAGE = "build/site/en/refunds/refund-for-a-game/index.html"
MAY_BE_OUT_OF_DATE = Wording.of("en")("article.stale")


@pytest.fixture
def desk(repository: GitRepository, monkeypatch: pytest.MonkeyPatch) -> GitRepository:
    """A repository with a good article, which rests on a file of the repository."""
    monkeypatch.chdir(repository.folder)
    files = {"kb/people.yml": PEOPLE, "kb/categories.yml": CATEGORIES, f"kb/{PATH}": article()}
    write(repository.folder, {**files, "mkdocs.yml": CONFIG, "policies/refunds.pdf": "14 days"})
    repository.commit("Begin", "2026-09-01")
    return repository


def built() -> Result:
    return CliRunner().invoke(main, ["build", "--today", TODAY.isoformat()])


def told() -> tuple[dict[str, Any], dict[str, Any], str]:
    """Say what the catalogue, the audit and the page tell of the article."""
    assert built().exit_code == 0
    (listed,) = json.loads(Path("build/catalogue.json").read_text(encoding="utf-8"))["articles"]
    (audited,) = json.loads(Path("build/audit.json").read_text(encoding="utf-8"))["articles"]
    return listed, audited, Path(PAGE).read_text(encoding="utf-8")


def options(*lines: str) -> str:
    return CONFIG.replace("[answerfirst]", f"[answerfirst: {{{', '.join(lines)}}}]")


def test_an_article_in_date_whose_ground_has_moved_is_stale_everywhere(desk: GitRepository) -> None:
    listed, audited, page = told()
    assert (listed["stale"], audited["stale"], MAY_BE_OUT_OF_DATE in page) == (False, False, False)

    write(desk.folder, {"policies/refunds.pdf": "30 days", "kb/products.yml": PRODUCTS})
    desk.commit("New rules, new app", "2026-11-12")
    listed, audited, page = told()
    assert (listed["stale"], audited["stale"], MAY_BE_OUT_OF_DATE in page) == (True, True, True)
    assert "trust__sign--checked" not in page
    assert listed["review_due"] == "2027-04-01"
    assert [reason.partition(" on ")[0] for reason in audited["reasons"]] == [
        "Its source policies/refunds.pdf changed",
        "Playdeck app 5.0 came out",
    ]
    assert "policies/refunds.pdf" not in page


def test_readers_who_wrote_all_the_same_make_an_article_stale(desk: GitRepository) -> None:
    row = {"article": "refund-for-a-game", "lang": "en", "version": 2, "opened": 100, "opened_then_wrote": 80}
    write(desk.folder, {"signals.json": json.dumps({"articles": [row]})})
    assert told()[0]["stale"] is False
    write(desk.folder, {"mkdocs.yml": options("signals: signals.json")})
    listed, audited, page = told()
    assert (listed["stale"], audited["stale"], MAY_BE_OUT_OF_DATE in page) == (True, True, True)
    assert audited["reasons"] == ["80 of 100 who opened it wrote to us all the same."]


def test_a_whole_build_and_one_from_memory_call_the_same_articles_stale(desk: GitRepository) -> None:
    told()
    write(desk.folder, {"policies/refunds.pdf": "30 days", "kb/products.yml": PRODUCTS})
    desk.commit("New rules, new app", "2026-11-12")
    listed, _, page = told()
    config = load_config("mkdocs.yml", site_dir="whole/site")
    config.plugins["answerfirst"].config.update({"today": TODAY.isoformat()})
    config.plugins.on_startup(command="build", dirty=False)
    build(config)
    assert json.loads(Path("whole/catalogue.json").read_text(encoding="utf-8"))["articles"] == [listed]
    assert Path(PAGE.replace("build/", "whole/")).read_text(encoding="utf-8") == page


def test_where_four_eyes_are_asked_for_a_build_stops_at_two(desk: GitRepository) -> None:
    write(desk.folder, {f"kb/{PATH}": article({"reviewed_by": "maya"})})
    assert built().exit_code == 0
    write(desk.folder, {"mkdocs.yml": options("four_eyes: true")})
    result = built()
    assert result.exit_code == 1
    assert "four-eyes: maya wrote version 2 and reviewed it. Ask somebody else to review." in result.stderr
    assert "Nothing was built" in result.stderr
