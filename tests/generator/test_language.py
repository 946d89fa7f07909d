from pathlib import Path
from typing import Any

import pytest

from generator.articles.knowledge_base import KnowledgeBase
from generator.articles.prose import sentences
from generator.audit import check
from generator.rules.language import plain_language
from generator.rules.linting import lint
from generator.rules.readability import reading_ease
from tests.generator.conftest import PATH, TODAY, article, knowledge_base, table


@pytest.mark.parametrize("row", table("language"), ids=lambda row: row["that"])
def test_what_plain_language_asks_for(row: dict[str, Any], tmp_path: Path) -> None:
    path = PATH.replace("en/", f"{row.get('lang', 'en')}/", 1)
    base = knowledge_base(tmp_path, {path: article({}, row["body"]), **row.get("files", {})})
    found = [f"{one.line} {one.rule}: {one.message}" for one in plain_language(base)]
    expected = row.get("finds", [])
    assert len(found) == len(expected), found
    for one, start in zip(found, expected, strict=True):
        assert one.startswith(start), one
    assert not any(one.is_error for one in plain_language(base))


def test_sentences_are_found_with_their_lines() -> None:
    body = "One is 1.5 m long. Two\nis it?\n\n# Title\n\n1. Three.\n   Still *three*!\n2. [Four](x.md).\n"
    assert [(one.text, one.line, one.is_step) for one in sentences(body)] == [
        ("One is 1.5 m long.", 1, False),
        ("Two is it?", 1, False),
        ("Three.", 6, True),
        ("Still three!", 7, True),
        ("Four.", 8, True),
    ]


@pytest.mark.parametrize(
    ("lang", "plain", "heavy"),
    [
        (
            "en",
            "We send the code to your phone at once",
            "Administrative authentication necessitates authorisation",
        ),
        (
            "es",
            "Abre la web y pide tu dinero hoy",
            "Administrativamente necesitamos autenticaciones internacionales",
        ),
        (
            "de",
            "Wir senden dir den Code sofort zu",
            "Sicherheitsbenachrichtigungseinstellungen Authentifizierung",
        ),
    ],
)
def test_each_language_is_weighed_by_its_own_formula(lang: str, plain: str, heavy: str) -> None:
    easy = reading_ease([plain.split()] * 20, lang)
    hard = reading_ease([heavy.split()] * 60, lang)
    assert easy is not None
    assert hard is not None
    assert (easy.is_hard, hard.is_hard) == (False, True)
    assert easy.score > 70 > 30 > hard.score
    assert reading_ease([plain.split()] * 20, "ar") is None
    assert reading_ease([plain.split()], lang) is None


def test_markdown_and_spelling_are_looked_at_by_tools_made_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    body = "\nYou recieve the money.\n\n#No space\n"
    knowledge_base(tmp_path / "kb", {PATH: article({}, body), PATH.replace("en/", "es/"): article({}, body)})
    found = {(one.path, one.line, one.rule) for one in lint(KnowledgeBase.load(Path("kb")))}
    assert (f"kb/{PATH}", 24, "spelling") in found
    assert (f"kb/{PATH}", 26, "markdown-MD018") in found
    assert not [one for one in found if one[0].startswith("kb/es") and one[2] == "spelling"]


def test_a_link_that_leads_nowhere_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    body = "\nSee [the list](nothing.md), ![it](nothing.png) and [below](#nowhere).\n"
    base = knowledge_base(Path("kb"), {PATH: article({"confidence": "not_validated"}, body)})
    found = [one.rule for one in (*check(base, today=TODAY), *lint(base)) if one.line == 24]
    assert found == ["link", "link", "link"]
