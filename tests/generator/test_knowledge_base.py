import os
from pathlib import Path

import pytest

from generator.articles.knowledge_base import KnowledgeBase
from generator.audit import check
from tests.generator.conftest import CATEGORIES, PATH, PEOPLE, TODAY, article, knowledge_base, write


def said(base: KnowledgeBase) -> list[str]:
    return [str(finding).removeprefix(f"{base.folder.as_posix()}/") for finding in base.findings]


def test_a_knowledge_base_is_its_articles_and_its_registers(tmp_path: Path) -> None:
    base = knowledge_base(
        tmp_path,
        {
            PATH: article(),
            "es/refunds/refund-for-a-game.md": article(
                {"title": "Pide un reembolso", "translation_of_version": "2"}
            ),
            "synonyms.yml": "en:\n  - [refund, money back]\nes: []\n",
        },
    )
    english, spanish = base.articles
    assert base.findings == ()
    assert (english.lang, english.path, english.address) == ("en", PATH, "/en/refunds/refund-for-a-game/")
    assert base.languages == ("en", "es")
    assert base.translations(english) == (spanish,)
    assert (base.original(spanish), base.original(english)) == (english, None)
    assert base.synonyms == {"en": (("refund", "money back"),), "es": ()}
    assert list(base.categories) == ["payments", "refunds"]
    assert base.categories["refunds"].title("es") == "Reembolsos"
    assert base.categories["refunds"].title("ar") == "Refunds"
    assert base.categories["refunds"].summary("es") == "Ask for your money back."
    assert base.categories["payments"].summary("en") == ""
    assert (base.people["payments"].is_team, base.people["jon"].is_team) == (True, False)


@pytest.mark.parametrize(
    ("confidence", "audience", "is_published"),
    [
        ("validated", "public", True),
        ("not_validated", "public", True),
        ("work_in_progress", "public", False),
        ("archived", "public", False),
        ("validated", "internal", False),
    ],
)
def test_readers_see_only_what_is_public_and_finished(
    tmp_path: Path, confidence: str, audience: str, is_published: bool
) -> None:
    base = knowledge_base(tmp_path, {PATH: article({"confidence": confidence, "audience": audience})})
    assert [one.path for one in base.published] == [PATH] * is_published


def test_every_fault_of_every_file_comes_in_one_run_and_the_good_ones_are_still_read(tmp_path: Path) -> None:
    base = knowledge_base(
        tmp_path,
        {
            PATH: article(),
            "en/refunds/a.md": "",
            "en/refunds/b.md": article({"title": "Rückgabe"}).encode("latin-1"),
            "en/refunds/c.md": article({"type": "x", "version": "y"}),
            "en/refunds/d.MD": article(),
            "en/e.md": article(),
            "english/refunds/f.md": article(),
            "en/refunds/deep/g.md": article(),
            "README.md": "not an article",
            "en/refunds/notes.txt": "neither",
            ".obsidian/h.md": "nor this",
        },
    )
    assert [one.path for one in base.articles] == [PATH]
    assert [line.split(": ")[:2] for line in said(base)] == [
        ["en/e.md:1", "place"],
        ["en/refunds/a.md:1", "front-matter"],
        ["en/refunds/b.md:3", "encoding"],
        ["en/refunds/c.md:7", "value"],
        ["en/refunds/c.md:18", "number"],
        ["en/refunds/d.MD:1", "place"],
        ["en/refunds/deep/g.md:1", "place"],
        ["english/refunds/f.md:1", "place"],
    ]


def test_what_is_no_regular_file_is_a_finding_and_is_never_waited_for(tmp_path: Path) -> None:
    (tmp_path / "en/refunds/folder.md").mkdir(parents=True)
    os.mkfifo(tmp_path / "en/refunds/pipe.md")
    (tmp_path / "en/refunds/vanished.md").symlink_to("nowhere.md")
    base = knowledge_base(tmp_path, {PATH: article()})
    assert len(base.articles) == 1
    assert said(base) == [
        "en/refunds/folder.md:1: place: This is a folder. Give it a name that does not end in .md.",
        "en/refunds/pipe.md:1: unreadable: The file cannot be read: it is not a regular file. "
        "See that it exists and that you may read it.",
        "en/refunds/vanished.md:1: unreadable: The file cannot be read: no such file or directory. "
        "See that it exists and that you may read it.",
    ]


def test_an_article_of_420_kilobytes_is_an_article(tmp_path: Path) -> None:
    body = "\n" + "[word](other.md) `code` <b>x</b> " * 13_000
    base = knowledge_base(
        tmp_path, {PATH: article(body=body), "en/refunds/other.md": article({"id": "other"})}
    )
    assert base.findings == ()
    assert base.by_path[PATH].body == body
    assert base.by_path[PATH].reading_minutes == 195
    assert [finding.rule for finding in check(base, today=TODAY)] == ["duplicate-question"] * 3


def test_without_registers_categories_are_the_folders_and_owners_are_not_looked_up(tmp_path: Path) -> None:
    write(tmp_path, {PATH: article({"owner": "somebody"})})
    base = KnowledgeBase.load(tmp_path)
    assert check(base, today=TODAY) == ()
    assert [(key, one.title("en")) for key, one in base.categories.items()] == [("refunds", "Refunds")]


def test_a_folder_that_does_not_exist_is_an_empty_knowledge_base_with_a_finding(tmp_path: Path) -> None:
    base = KnowledgeBase.load(tmp_path / "nowhere")
    assert base.articles == ()
    assert [finding.rule for finding in base.findings] == ["place"]


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        (
            "people.yml",
            "maya: Maya\n",
            "people.yml:1: register: 'maya' has no keys of its own. Write e.g. maya: {name:",
        ),
        ("people.yml", "maya: {nam: x}\n", "people.yml:1: unknown-key: 'nam' is not a known key."),
        (
            "people.yml",
            "maya:\n  role: boss\n",
            "people.yml:2: register: 'role' is \"boss\". Write person or team.",
        ),
        ("people.yml", "maya: {name: [x]}\n", "people.yml:1: register: 'name' is not text."),
        (
            "people.yml",
            "a: {name: x}\na: {name: y}\n",
            "people.yml:2: duplicate-key: 'a' stands on line 1 already.",
        ),
        ("people.yml", "maya: {name: x\n", "people.yml:2: yaml: This is not valid YAML:"),
        ("people.yml", "- maya\n", "people.yml:1: front-matter: There is a list where keys are expected."),
        ("categories.yml", "a: {title: [x]}\n", "categories.yml:1: register: 'title' is not text."),
        ("synonyms.yml", "en: x\n", "synonyms.yml:1: register: 'en' is no list."),
        (
            "synonyms.yml",
            "en:\n  - [a, b]\n  - [c]\n",
            "synonyms.yml:3: register: A group needs two words or more.",
        ),
        ("synonyms.yml", "en:\n  - [a, [b]]\n", "synonyms.yml:2: register: A group needs two words or more."),
    ],
)
def test_a_faulty_register_is_a_finding_with_its_line(
    tmp_path: Path, name: str, content: str, fault: str
) -> None:
    write(tmp_path, {"people.yml": PEOPLE, "categories.yml": CATEGORIES, name: content})
    (line,) = said(KnowledgeBase.load(tmp_path))
    assert line.startswith(fault)
