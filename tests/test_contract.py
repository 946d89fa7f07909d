"""What one program writes, the other reads: the two meet in a file. The one place that imports both."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from deflector.knowledge import Knowledge, KnowledgeFile
from deflector.search.pipeline import open_search
from deflector.web.admin_words import LANGUAGES, admin_words
from generator.articles.knowledge_base import KnowledgeBase
from generator.freshness.score import Why
from tests.needs import shared

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[1]
KB = str(Path(sys.executable).with_name("kb"))


def build(config: Path, out: Path) -> Path:
    """Run `kb build` as CI does and return the catalogue's path."""
    done = subprocess.run(
        [KB, "build", "--config", str(config), "--out", str(out)],
        capture_output=True,
        text=True,
        cwd=config.parent,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return out / "catalogue.json"


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT / "mkdocs.yml", tmp_path_factory.mktemp("build"))


def test_every_published_article_arrives_with_its_version_and_sections(catalogue: Path) -> None:
    written = KnowledgeBase.load(ROOT / "kb").published
    read = Knowledge.load(catalogue)

    assert {(a.id, a.lang, a.version, a.title) for a in written} == {
        (a.id, a.lang, a.version, a.title) for a in read.articles
    }
    for article in read.articles:
        assert any(section.text for section in article.sections), article.id
        assert (catalogue.parent / "site" / article.url.strip("/") / "index.html").is_file(), article.url


def test_internal_archived_and_unfinished_articles_stay_inside(catalogue: Path) -> None:
    base = KnowledgeBase.load(ROOT / "kb")
    hidden = {article.id for article in base.articles} - {article.id for article in base.published}
    text = catalogue.read_text(encoding="utf-8")

    assert hidden
    for article_id in hidden:
        assert article_id not in text
        assert not list((catalogue.parent / "site").rglob(f"*{article_id}*"))


def test_the_catalogue_has_exactly_the_promised_shape(catalogue: Path) -> None:
    content = json.loads(catalogue.read_text(encoding="utf-8"))

    assert content["schema_version"] == 1
    assert set(content) >= {"site_url", "revision", "generated_at", "articles"}
    for article in content["articles"]:
        assert set(article) >= {
            *("id", "lang", "version", "title", "summary", "questions", "category", "tags", "url"),
            *("review_due", "stale", "sections"),
        }
        date.fromisoformat(article["review_due"])
        assert isinstance(article["stale"], bool)
        assert all(set(section) == {"anchor", "heading", "text"} for section in article["sections"])


def test_each_articles_first_question_finds_it(catalogue: Path, tmp_path: Path) -> None:
    search = open_search(knowledge=KnowledgeFile(catalogue), engine="tantivy", var=tmp_path, model=None)
    articles = [article for article in Knowledge.load(catalogue).articles if article.questions]

    lost = [
        (article.lang, article.questions[0])
        for article in articles
        if article.id
        not in [item.article for item in search.suggest(article.questions[0], lang=article.lang).items]
    ]

    assert len(articles) > 50
    assert len(lost) <= len(articles) // 20, lost


def test_414_real_articles_of_somebody_else_are_taken_over_built_and_searched(tmp_path: Path) -> None:
    source = shared("articles/arduino-help")
    done = subprocess.run(
        [KB, "import", str(source), "--into", "kb/en"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    config = tmp_path / "mkdocs.yml"
    config.write_text(
        f"site_name: Imported\ndocs_dir: kb\nsite_dir: build/site\n"
        f"theme: {{name: material, custom_dir: {ROOT / 'theme'}, font: false}}\nplugins: [answerfirst]\n"
        "markdown_extensions: [admonition, attr_list, tables, toc: {permalink: true}]\n",
        encoding="utf-8",
    )

    read = Knowledge.load(build(config, tmp_path / "build"))
    search = open_search(
        knowledge=KnowledgeFile(tmp_path / "build" / "catalogue.json"),
        engine="tantivy",
        var=tmp_path / "var",
        model=None,
    )
    found = search.rank("where is my order, it has not arrived", lang="en")

    assert len(read.articles) == 414
    assert any("deliver" in item.title.lower() or "order" in item.title.lower() for item in found.items)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_dashboard_has_words_for_whatever_makes_an_article_stale(lang: str) -> None:
    texts = admin_words(lang).texts

    assert [why for why in Why if not {f"stale_{why}", f"stale_{why}_other"} & texts.keys()] == []
