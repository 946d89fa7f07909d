"""What a person is offered: right, at its section, in their language, and nothing where nothing answers."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deflector.knowledge import Knowledge, KnowledgeFile
from deflector.model import Suggestions, Verdict
from deflector.search.learned import LearnedQuestion
from deflector.search.pipeline import SearchPipeline, open_search
from tests.needs import shared
from tests.search.help_centre import ARTICLES, SYNONYMS, article, write_catalogue


def first(found: Suggestions) -> str | None:
    return found.items[0].article if found.items else None


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("refund", "refund-for-a-game"),
        ("How do I get my money back?", "refund-for-a-game"),
        ("chargeback", "refund-for-a-game"),
        ("i cant log in", "forgot-password"),
        ("forgoten pasword", "forgot-password"),
        ("downloads are slow", "slow-downloads"),
        ("limit how much my child can spend", "parental-controls"),
    ],
)
def test_questions_find_their_article_by_words_alone(
    by_words: SearchPipeline, question: str, answer: str
) -> None:
    assert first(by_words.rank(question, lang="en")) == answer


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("I want my cash returned, this purchase was a mistake", "refund-for-a-game"),
        ("my son plays too much, how do I stop it", "parental-controls"),
        ("how can I make my connection faster", "slow-downloads"),
        ("i dont remember the secret word to get into my acount", "forgot-password"),
    ],
)
def test_questions_in_other_words_find_their_article_by_meaning(
    by_meaning: SearchPipeline, question: str, answer: str
) -> None:
    assert first(by_meaning.rank(question, lang="en")) == answer


def test_the_words_of_a_title_or_wording_are_answered(by_words: SearchPipeline) -> None:
    for question in ("i bought the wrong game", "Reset a forgotten password!"):
        found = by_words.suggest(question, lang="en")
        assert found.verdict is Verdict.ANSWERS
        assert found.answerable


@pytest.mark.parametrize(
    "question",
    ["get a refund for a game", "forgot my password", "my downloads are slow", "do you sell bicycles"],
)
@pytest.mark.parametrize("around", ["{} please", "Hello! Can you help me? {}, thank you!", "I want to {}"])
def test_courtesies_change_neither_the_answers_nor_their_confidence(
    by_words: SearchPipeline, by_meaning: SearchPipeline, question: str, around: str
) -> None:
    for pipeline in (by_words, by_meaning):
        plain, polite = (pipeline.rank(q, lang="en") for q in (question, around.format(question)))
        assert [i.article for i in polite.items] == [i.article for i in plain.items]
        assert polite.confidence == pytest.approx(plain.confidence, abs=0.02)
        assert polite.verdict is plain.verdict


def test_another_form_of_the_word_is_answered_too(by_words: SearchPipeline) -> None:
    assert by_words.suggest("I forgot my password", lang="en").verdict is Verdict.ANSWERS


def test_an_article_that_has_a_twin_is_listed_quietly(tmp_path: Path) -> None:
    def verdict(articles: list[dict[str, object]]) -> Verdict:
        path = write_catalogue(tmp_path / f"{len(articles)}.json", articles)
        found = open_search(knowledge=KnowledgeFile(path), var=tmp_path)
        return found.suggest("how do i speed up a slow download", lang="en").verdict

    (one,) = [a for a in ARTICLES if a["id"] == "slow-downloads"]
    twin = {**one, "id": "twin", "title": "Slow downloads, speed them up", "url": "/twin/"}
    assert verdict(ARTICLES) is Verdict.ANSWERS
    assert verdict([*ARTICLES, twin]) is Verdict.MAYBE


def test_where_nothing_answers_nothing_is_shown(by_meaning: SearchPipeline, by_words: SearchPipeline) -> None:
    for pipeline in (by_meaning, by_words):
        for question in ("what is the weather in Lisbon tomorrow", "zeppelin", "do you sell bicycles"):
            found = pipeline.suggest(question, lang="en")
            assert found.verdict is Verdict.NOTHING
            assert found.items == ()
            assert found.confidence < 0.4


def test_an_answer_is_the_section_that_answers_with_its_address(by_words: SearchPipeline) -> None:
    item = by_words.rank("request a refund orders", lang="en").items[0]
    assert item.url == "/refund-for-a-game/#how"
    assert item.heading == "Ask for the refund"
    assert "<mark>refund</mark>" in item.snippet
    assert item.text.startswith("Open Account")
    assert item.rank == 1


def test_an_article_appears_once(by_words: SearchPipeline) -> None:
    items = by_words.rank("refund money purchase orders account", lang="en").items
    assert len({item.article for item in items}) == len(items)
    assert [item.rank for item in items] == list(range(1, len(items) + 1))


def test_confidence_never_grows_down_the_list(by_meaning: SearchPipeline) -> None:
    for question in ("refund", "password for my child", "slow game"):
        confidences = [item.confidence for item in by_meaning.rank(question, lang="en").items]
        assert confidences == sorted(confidences, reverse=True)


def test_the_readers_language_comes_first_and_the_fall_back_has_its_label(by_words: SearchPipeline) -> None:
    spanish = by_words.rank("¿como recupero mi dinero?", lang="es")
    assert (spanish.items[0].article, spanish.items[0].lang) == ("reembolso", "es")
    assert by_words.rank("contrasena olvidada", lang="es-MX").items[0].article == "contrasena"
    fall_back = by_words.suggest("I bought the wrong game", lang="es")
    assert (fall_back.items[0].article, fall_back.items[0].lang) == ("refund-for-a-game", "en")
    assert by_words.suggest("I bought the wrong game", lang="fr").items[0].lang == "en"


def test_an_overdue_article_stands_behind_an_equal_fresh_one(tmp_path: Path) -> None:
    text = "Open the settings and choose a colour."
    twins = [article("old", "Choose a colour", text, stale=True), article("new", "Choose a colour", text)]
    found = open_search(
        knowledge=KnowledgeFile(write_catalogue(tmp_path / "c.json", twins)), var=tmp_path
    ).rank("choose colour", lang="en")
    assert [(item.article, item.stale) for item in found.items] == [("new", False), ("old", True)]


HOSTILE = [
    "", " ", "a", "?", "🙂🙂🙂",
    "\u200f\u202e\u2066", "\0", "\ud800", "\ud83d refund \udc00",
    "'; DROP TABLE x; --", "*", "?*", '"', "AND",
    "OR NOT", "title:*", "refund*", "(((((", "\\", "%s%n",
    "[a TO z]", "refund~2", "^4", "a" * 100_000, "refund " * 20_000, "\n" * 10_000, "返品" * 5_000,
]  # fmt: skip


@pytest.mark.parametrize("question", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("settled", [True, False])
def test_nothing_that_can_be_typed_breaks_it(by_words: SearchPipeline, question: str, settled: bool) -> None:
    found = by_words.suggest(question, lang="en", settled=settled)
    assert found.question == question
    assert 0 <= found.confidence <= 1
    # `suggest` keeps any failure away from people; no stage may need that.
    by_words.explain(question, lang="en", settled=settled)


@pytest.mark.parametrize("lang", ["", "xx", "en-GB", "../..", "\0", "a" * 10_000])
def test_no_language_breaks_it(by_words: SearchPipeline, lang: str) -> None:
    assert by_words.rank("refund", lang=lang).items


@given(st.text(max_size=120))
@settings(max_examples=80, deadline=None)
def test_any_text_is_answered_the_same_twice(by_meaning: SearchPipeline, text: str) -> None:
    assert by_meaning.suggest(text, lang="en") == by_meaning.suggest(text, lang="en")


def test_the_naughty_strings_are_answered(by_meaning: SearchPipeline) -> None:
    for text in json.loads(shared("naughty/blns.json").read_text(encoding="utf-8")):
        assert by_meaning.suggest(text, lang="en").question == text


@pytest.mark.parametrize("articles", [[], ARTICLES[:1], [article("a", "")], [article("a", "", sections=[])]])
@pytest.mark.parametrize("engine", ["tantivy", "whoosh"])
def test_a_corpus_of_one_or_none_is_searched(
    tmp_path: Path, articles: list[dict[str, object]], engine: str
) -> None:
    path = write_catalogue(tmp_path / "c.json", articles)
    pipeline = open_search(knowledge=KnowledgeFile(path), engine=engine, var=tmp_path)
    assert len(pipeline.rank("refund for a game", lang="en").items) <= 1
    assert pipeline.suggest("zeppelin", lang="en").verdict is Verdict.NOTHING


WORDINGS = [
    "my game is broken and i want cash",
    "where is the thing",
    "slow",
    "please help with the child thing",
]


@given(st.sampled_from(WORDINGS), st.sampled_from([a["id"] for a in ARTICLES if a["lang"] == "en"]))
@settings(max_examples=12, deadline=None)
def test_adding_an_exact_wording_never_lowers_its_article(
    tmp_path_factory: pytest.TempPathFactory, wording: str, chosen: str
) -> None:
    folder = tmp_path_factory.mktemp("wording")

    def place(articles: list[dict[str, object]], name: str) -> int:
        path = write_catalogue(folder / name, articles, synonyms=SYNONYMS)
        ranked = open_search(knowledge=KnowledgeFile(path), var=folder).rank(wording, lang="en")
        return next((item.rank for item in ranked.items if item.article == chosen), 99)

    taught = [
        {**a, "questions": [*a.get("questions", []), wording]} if a["id"] == chosen else a for a in ARTICLES
    ]
    assert place(taught, "after.json") <= place(ARTICLES, "before.json")
    assert place(taught, "after.json") == 1


class Taught:
    """Keeps learned wordings in memory."""

    def __init__(self) -> None:
        self.known: Sequence[LearnedQuestion] = ()

    def wordings(self, knowledge: Knowledge) -> Sequence[LearnedQuestion]:
        return self.known

    def learn(self, text: str, article: str, version: int = 1) -> None:
        self.known = (*self.known, LearnedQuestion(article=article, lang="en", version=version, text=text))


def test_a_confirmed_question_lifts_the_article_that_answered_it(help_centre: Path, tmp_path: Path) -> None:
    taught = Taught()
    pipeline = open_search(knowledge=KnowledgeFile(help_centre), var=tmp_path, learned=taught)
    assert first(pipeline.suggest("the little one is always online", lang="en")) is None
    taught.learn("The little one is always online", "parental-controls")
    pipeline.refresh()
    assert first(pipeline.suggest("the little one is always online", lang="en")) == "parental-controls"
    assert first(pipeline.rank("little one online every evening", lang="en")) == "parental-controls"


def test_what_was_learned_fades_as_the_article_moves_on(tmp_path: Path) -> None:
    def confidence(version: int) -> float:
        articles = [{**a, "version": version} for a in ARTICLES]
        path = write_catalogue(tmp_path / f"{version}.json", articles)
        taught = Taught()
        taught.learn("the little one is always online", "parental-controls", version=1)
        pipeline = open_search(knowledge=KnowledgeFile(path), var=tmp_path, learned=taught)
        found = pipeline.rank("the little one is always online", lang="en")
        return next((i.confidence for i in found.items if i.article == "parental-controls"), 0.0)

    assert confidence(1) > confidence(2) > confidence(3) > confidence(9)


def test_learned_questions_about_what_is_gone_are_left_alone(help_centre: Path, tmp_path: Path) -> None:
    taught = Taught()
    taught.learn("anything at all", "no-such-article")
    taught.learn("", "forgot-password")
    pipeline = open_search(knowledge=KnowledgeFile(help_centre), var=tmp_path, learned=taught)
    assert first(pipeline.rank("forgotten password", lang="en")) == "forgot-password"


def test_an_unknown_engine_is_refused_in_a_sentence(help_centre: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"there is no search engine 'solr'. Write one of: tantivy, whoosh"):
        open_search(knowledge=KnowledgeFile(help_centre), engine="solr", var=tmp_path)
