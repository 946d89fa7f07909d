import json
from collections import Counter
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from generator.articles.article import Article
from generator.articles.frontmatter import read_document
from generator.articles.knowledge_base import KnowledgeBase
from generator.audit import check
from generator.importing.folders import import_folder
from generator.importing.foreign import read_foreign
from generator.importing.report import as_data, as_markdown
from tests.generator.conftest import PATH, TODAY, GitRepository, article, knowledge_base, table, write
from tests.needs import shared


@pytest.mark.parametrize("row", table("foreign"), ids=lambda row: row["that"])
def test_what_a_foreign_file_tells(row: dict[str, Any]) -> None:
    found = read_foreign(row["text"].encode(), PurePosixPath(row["at"]))
    for name, expected in row["reads"].items():
        value = getattr(found, name)
        if isinstance(value, tuple):
            assert list(value) == expected
        else:
            assert (value.decode() if isinstance(value, bytes) else str(value)) == expected
    assert list(found.unknown) == row.get("unknown", [])


def taken(tmp_path: Path, files: dict[str, str | bytes], **how: Any) -> tuple[KnowledgeBase, Any]:
    """Import files into a new knowledge base; every import must pass the check without an error."""
    write(tmp_path / "old", files)
    report = import_folder(tmp_path / "old", tmp_path / "kb" / "en", today=TODAY, **how)
    base = KnowledgeBase.load(tmp_path / "kb")
    assert [finding for finding in check(base, today=TODAY) if finding.is_error] == []
    return base, report


def only(base: KnowledgeBase) -> Article:
    (found,) = base.articles
    return found


def test_folders_become_categories_and_what_lies_deeper_becomes_tags(tmp_path: Path) -> None:
    base, report = taken(
        tmp_path,
        {
            "content/Store Support/Refunds/Return.md": "Text.",
            "content/Store Support/Where.md": "Text.",
            "content/02-konto/Größe.md": "Text.",
        },
    )
    assert [one.path for one in base.articles] == [
        "en/02-konto/grosse.md",
        "en/store-support/return.md",
        "en/store-support/where.md",
    ]
    assert {key: one.title("en") for key, one in base.categories.items()} == {
        "02-konto": "Konto",
        "store-support": "Store Support",
    }
    assert base.by_path["en/store-support/return.md"].tags == ("refunds",)
    assert report.categories == ["02-konto", "store-support"]


def test_files_without_a_folder_go_into_one_category(tmp_path: Path) -> None:
    assert only(taken(tmp_path, {"a.md": "Text."})[0]).path == "en/general/a.md"


@pytest.mark.parametrize(
    "body",
    [
        b"\n\nA  \r\nB\t\n\n",
        b"no line end",
        b"---\na: b\n---\nx\n",
        "\u2028\ufeff ü\n".encode(),
        b"\n" * 50 + b"x",
    ],
)
def test_bodies_stay_as_they_are_byte_for_byte(tmp_path: Path, body: bytes) -> None:
    base, _ = taken(tmp_path, {"a/b.md": b"---\ntitle: T\n---\n" + body})
    data = (tmp_path / "kb" / only(base).path).read_bytes()
    assert data.endswith(b"\n---\n" + body)
    assert read_document(data).faults == ()


def test_ids_are_unique_slugs(tmp_path: Path) -> None:
    base, _ = taken(
        tmp_path,
        {
            "a/How to?.md": "1",
            "b/how-to.md": "2",
            "b/HOW TO.md": "3",
            "a/index.md": "4",
            "a/问题.md": "5",
            "b/index/x.md": "6",
        },
    )
    ids = sorted(one.id for one in base.articles)
    assert ids == ["a", "article-33a8618c", "how-to", "how-to-2", "how-to-3", "x"]


def test_nothing_is_made_up(tmp_path: Path) -> None:
    base, report = taken(tmp_path, {"a/b.md": "---\ntitle: Why me?\nid: 4711\n---\nText.\n"})
    found = only(base)
    assert (found.confidence, found.owner, found.review, found.version) == (
        "not_validated",
        "unassigned",
        None,
        1,
    )
    assert (found.last_change.date, found.last_change.by) == (TODAY, "import")
    assert (found.questions, found.sources) == (("Why me?",), ("zendesk:4711",))
    assert base.people["unassigned"].is_team
    assert report.taken[0].unknown == ("its summary is its title", "when it was last changed is not known")


def test_a_known_day_is_a_version_of_its_own_and_the_import_resets_no_clock(tmp_path: Path) -> None:
    text = "---\ntitle: T\ndescription: D\ndate: 2020-01-01\nlastmod: 2021-02-03\nauthor: Ada L.\n---\nx"
    found = only(taken(tmp_path, {"a/b.md": text})[0])
    assert [(one.version, one.date, one.by, one.significance) for one in found.changes] == [
        (2, TODAY, "import", "typo"),
        (1, date(2021, 2, 3), "ada-l", "major"),
    ]
    assert found.review_due > TODAY


def test_a_day_that_lies_ahead_is_not_used(tmp_path: Path) -> None:
    base, report = taken(tmp_path, {"a/b.md": "---\ntitle: T\ndescription: D\ndate: 2031-01-01\n---\nx"})
    assert only(base).version == 1
    assert report.taken[0].unknown == ("its date 2031-01-01 lies ahead and was not used",)


def test_git_tells_the_day_where_the_file_does_not(
    repository: GitRepository, tmp_path_factory: pytest.TempPathFactory
) -> None:
    write(repository.folder / "old", {"a/b.md": "---\ntitle: T\ndescription: D\n---\nx"})
    repository.commit("Old", "2019-04-05")
    into = tmp_path_factory.mktemp("new") / "kb" / "en"
    import_folder(repository.folder / "old", into, today=TODAY)
    assert only(KnowledgeBase.load(into.parent)).changes[1].date == date(2019, 4, 5)


def test_first_reviews_are_spread_over_half_a_year(tmp_path: Path) -> None:
    base, _ = taken(tmp_path, {f"a/article {number}.md": "Text." for number in range(60)})
    due = [one.review_due for one in base.articles]
    assert len(set(due)) > 40
    assert (max(due) - min(due)).days > 120
    assert min(due) >= date(2027, 5, 21)


def test_a_draft_is_told_and_held_back_on_request(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"a/b.md": "---\ntitle: T\ndescription: D\ndraft: true\n---\nx"}
    base, report = taken(tmp_path, files)
    assert only(base).is_published
    assert report.taken[0].unknown[0] == "it is a draft there, and is published here"
    (tmp_path / "kb/en/a/b.md").unlink()
    base, report = taken(tmp_path, files, hold_drafts=True)
    assert only(base).confidence == "work_in_progress"


def test_images_go_where_the_same_words_reach_them(tmp_path: Path) -> None:
    base, report = taken(
        tmp_path,
        {
            "c/a/b.md": "![x](img/one%201.png) ![y](../img/two.png) [z](../../../secret.pdf) ![v](no.png)",
            "c/d/e.md": "Text.",
            "c/a/img/one 1.png": b"1",
            "c/img/two.png": b"2",
            "c/other.txt": b"3",
        },
    )
    assert (tmp_path / "kb/en/a/img/one 1.png").read_bytes() == b"1"
    assert (tmp_path / "kb/en/img/two.png").read_bytes() == b"2"
    assert sorted(report.media) == ["c/a/img/one 1.png", "c/img/two.png"]
    assert [(one.source, one.reason) for one in report.left_out] == [
        ("c/other.txt", "it is no Markdown, and no article shows it")
    ]
    assert [finding.rule for finding in check(base, today=TODAY)] == ["link", "link"]


def test_what_cannot_be_taken_over_is_left_out_with_its_reason(tmp_path: Path) -> None:
    base, report = taken(
        tmp_path,
        {
            "a/empty.md": " \n",
            "a/nul.md": b"x\0y",
            "a/latin.md": "---\ntitle: Gr\xf6\xdfe\n---\nx".encode("latin-1"),
        },
    )
    assert only(base).title == "Größe"
    assert report.taken[0].unknown[0] == "it was not UTF-8 and was read as Windows-1252"
    reasons = {one.source: one.reason for one in report.left_out}
    assert reasons["a/empty.md"] == "it is empty"
    assert reasons["a/nul.md"].startswith("line ")
    assert "There is a NUL character here." in reasons["a/nul.md"]


def test_a_second_run_leaves_out_what_is_there(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"a/b.md": "Text.", "a/c.md": "---\ntitle: T\n---\nText."}
    taken(tmp_path, files)
    before = {path: path.read_bytes() for path in (tmp_path / "kb").rglob("*.*")}
    _, report = taken(tmp_path, files)
    assert report.taken == []
    assert {one.reason for one in report.left_out} == {"it was taken over before"}
    assert {path: path.read_bytes() for path in (tmp_path / "kb").rglob("*.*")} == before


def test_what_exists_keeps_its_id_its_address_and_its_registers(tmp_path: Path) -> None:
    knowledge_base(tmp_path / "kb", {PATH: article({"aliases": "[/old/]"})})
    base, report = taken(
        tmp_path,
        {
            "refunds/Refund for a game.md": "---\ntitle: T\nsummary: D\naliases: [/old, /new/, x]\n---\nx",
            "shop/a.md": "Text.",
        },
    )
    assert [one.path for one in base.articles] == [
        "en/refunds/refund-for-a-game-2.md",
        PATH,
        "en/shop/a.md",
    ]
    assert base.by_path["en/refunds/refund-for-a-game-2.md"].aliases == ("/new/",)
    assert "its old address /old is taken or no address" in report.taken[0].unknown
    assert list(base.categories) == ["payments", "refunds", "shop"]
    assert list(base.people) == ["maya", "jon", "payments", "unassigned"]


def test_the_report_says_what_was_done_and_what_was_not(tmp_path: Path) -> None:
    base, report = taken(tmp_path, {"a/b|c.md": "![x](y.png)", "d/e.md": "Text.", "d/f.md": ""})
    findings = check(base, today=TODAY)
    page = as_markdown(report, findings)
    assert "2 articles, 0 images" in page
    assert "- `a`: 1 article\n" in page
    assert "It is empty (1):\n\n- `d/f.md`" in page
    assert "- link (warning): 1" in page
    assert "| a/b\\|c.md | en/a/b-c.md | its title comes from its file name;" in page
    data = json.loads(json.dumps(as_data(report, findings)))
    assert data["left_out"] == [{"source": "d/f.md", "reason": "it is empty"}]
    assert data["findings"] == {"link": 1}


def test_a_help_centre_of_414_real_articles_is_taken_over_whole(tmp_path: Path) -> None:
    source = shared("articles/arduino-help")
    report = import_folder(source, tmp_path / "kb/en", today=TODAY)
    base = KnowledgeBase.load(tmp_path / "kb")
    assert (len(report.taken), len(report.left_out), len(base.published)) == (414, 0, 414)
    assert [finding for finding in check(base, today=TODAY) if finding.is_error] == []
    for one in report.taken:
        body = read_foreign((source / one.source).read_bytes(), PurePosixPath(one.source)).body
        original = (source / one.source).read_bytes()
        assert original.endswith(body)
        assert (tmp_path / "kb" / one.article.path).read_bytes().endswith(b"\n---\n" + body)
    due = Counter(one.review_due for one in base.articles)
    assert max(due.values()) <= 10
    assert (max(due) - min(due)).days > 150
