"""Solved questions are tests: an article that loses one is found before it is published."""

import json
from pathlib import Path

import pytest

from generator.rules.question_checks import QuestionsUnusable, check_questions, read_questions

TEXTS = {
    "refund-for-a-game": ("Get a refund for a game", "How do I get my money back?"),
    "forgot-password": ("Reset a forgotten password", "I forgot my password"),
    "lag": ("Reduce lag and high ping", "Why is my game lagging?"),
}

QUESTIONS = """\
- question: I forgot my password
  lang: en
  article: forgot-password
  version: 2
- question: why is my game lagging
  lang: en
  article: latency
  version: 1
"""


def catalogue(folder: Path) -> None:
    articles = [
        {
            "id": id,
            "lang": "en",
            "version": 1,
            "title": title,
            "summary": title,
            "questions": [question],
            "category": "help",
            "tags": [],
            "url": f"/{id}/",
            "review_due": "2027-03-01",
            "stale": False,
            "sections": [{"anchor": "how", "heading": title, "text": f"{title}: {question}"}],
        }
        for id, (title, question) in TEXTS.items()  # noqa: A001
    ]
    written = {
        "schema_version": 1,
        "site_url": "http://127.0.0.1/",
        "revision": "a",
        "generated_at": "2026-11-20T10:00:00Z",
        "articles": articles,
    }
    (folder / "build").mkdir()
    (folder / "build/catalogue.json").write_text(json.dumps(written), encoding="utf-8")


def test_a_question_that_lost_its_article_is_found_with_its_line_and_where_it_leads_now(
    tmp_path: Path,
) -> None:
    catalogue(tmp_path)
    file = tmp_path / "questions.yml"
    file.write_text(QUESTIONS, encoding="utf-8")

    [finding] = check_questions(file, folder=tmp_path)

    assert (finding.line, finding.rule, finding.is_error) == (5, "solved-question-lost", True)
    assert "was solved by latency. It leads to lag" in finding.message


def test_without_a_catalogue_a_sentence_says_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "questions.yml"
    file.write_text(QUESTIONS, encoding="utf-8")

    with pytest.raises(QuestionsUnusable, match="kb build"):
        check_questions(file, folder=tmp_path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a: 1", "not a list of questions"),
        ("- question: why\n  lang: en", ":1: has no 'article'"),
        ("- just words", ":1: has no 'question'"),
        ("[" * 3000, "cannot be read"),
        ("- {question: [", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_meant_is_a_sentence(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "questions.yml"
    file.write_text(content, encoding="utf-8")

    with pytest.raises(QuestionsUnusable, match=said):
        read_questions(file)


def test_a_file_that_is_missing_says_how_to_write_it(tmp_path: Path) -> None:
    with pytest.raises(QuestionsUnusable, match="deflector questions export"):
        read_questions(tmp_path / "none.yml")
    (tmp_path / "empty.yml").write_text("", encoding="utf-8")
    assert read_questions(tmp_path / "empty.yml") == []
