"""An index that took over from an earlier one answers like one that was built anew."""

import json
from pathlib import Path
from typing import Any

import pytest

from deflector.knowledge import Knowledge
from deflector.search.engines import ENGINES
from deflector.search.index import LanguageIndex
from deflector.search.snapshot import Indexer
from deflector.search.store import IndexFolders
from tests.search.help_centre import ARTICLES, SYNONYMS, article, write_catalogue

CHANGES: dict[str, list[dict[str, Any]]] = {
    "an article more, before the others": [article("gift", "Redeem a gift card", "Enter it."), *ARTICLES],
    "an article less": ARTICLES[1:],
    "another order": ARTICLES[::-1],
    "another title": [{**ARTICLES[0], "title": "Ask for your money"}, *ARTICLES[1:]],
    "another text": [*ARTICLES[:2], {**ARTICLES[2], "sections": ARTICLES[1]["sections"]}, *ARTICLES[3:]],
    "another language": [*ARTICLES[:-1], {**ARTICLES[-1], "lang": "en"}],
    "nothing": ARTICLES,
    "everything": [
        article("gift", "Redeem a gift card", "Enter the code of the card. 返品 for naïve users.")
    ],
}
QUESTIONS = (
    "refund my money",
    "forgoten pasword",
    "the downl",
    "gift card 返品",
    "contraseña olvidada",
    "naive",
)


def build(path: Path, var: Path, engine: str) -> dict[str, LanguageIndex]:
    indexer = Indexer(engine=ENGINES[engine](), encoder=None, folders=IndexFolders(var))
    return dict(indexer.open(Knowledge.load(path)).languages)


def told(index: LanguageIndex) -> dict[str, object]:
    """Tell everything that answers come from, term by term: their numbers may differ."""
    vocabulary = index.vocabulary
    answers = [
        index.words.search(index.reader.read(question, settled=settled).meant, 10)
        for question in QUESTIONS
        for settled in (False, True)
    ]
    known = {word: vocabulary.count(word) for word in vocabulary.words}
    terms = [term for word in known for term in index.analyser.terms(word)]
    idf = {term: vocabulary.idf(term) for term in terms}
    named = {number: term for term in terms if (number := vocabulary.number(term)) is not None}
    names = [
        sorted(
            (sorted(named[number] for number in numbers), weight)
            for numbers, weight in index.contents.names(at)
        )
        for at in range(len(index.shelf.articles))
    ]
    return {"answers": answers, "known": known, "idf": idf, "names": names}


@pytest.mark.parametrize("engine", sorted(ENGINES))
@pytest.mark.parametrize("change", sorted(CHANGES))
def test_an_index_that_took_over_is_the_same_as_one_built_anew(
    change: str, engine: str, tmp_path: Path
) -> None:
    path = write_catalogue(tmp_path / "c.json", ARTICLES, synonyms=SYNONYMS)
    build(path, tmp_path / "var", engine)
    write_catalogue(path, CHANGES[change], synonyms=SYNONYMS)
    grown = build(path, tmp_path / "var", engine)
    anew = build(path, tmp_path / "elsewhere", engine)
    assert grown.keys() == anew.keys()
    for lang, index in anew.items():
        assert told(grown[lang]) == told(index)


def test_a_section_that_did_not_change_is_not_analysed_again(tmp_path: Path) -> None:
    path = write_catalogue(tmp_path / "c.json", ARTICLES)
    build(path, tmp_path / "var", "tantivy")
    (kept,) = (tmp_path / "var").glob("index/*/*/en/analysed.txt")
    kept.write_text(kept.read_text(encoding="utf-8").replace("wireless", "zeppelin"), encoding="utf-8")
    write_catalogue(path, [*ARTICLES[1:], {**ARTICLES[0], "title": "Ask for your money"}])
    vocabulary = build(path, tmp_path / "var", "tantivy")["en"].vocabulary
    assert vocabulary.knows("zeppelin"), "what was kept is what is taken over"
    assert vocabulary.knows("ask"), "what changed is analysed"


@pytest.mark.parametrize("harm", ["cut off", "of another kind", "with a column less", "no text at all"])
def test_what_is_kept_may_be_broken(harm: str, tmp_path: Path) -> None:
    path = write_catalogue(tmp_path / "c.json", ARTICLES)
    build(path, tmp_path / "var", "tantivy")
    (kept,) = (tmp_path / "var").glob("index/*/*/en/analysed.txt")
    content = kept.read_bytes()
    kept.write_bytes(
        {
            "cut off": content[: len(content) // 3],
            "of another kind": json.dumps(ARTICLES).encode(),
            "with a column less": b"".join(
                b"\t".join(line.split(b"\t")[:-1]) + b"\n" for line in content.splitlines()
            ),
            "no text at all": bytes(range(256)) * 40,
        }[harm]
    )
    write_catalogue(path, ARTICLES[:-1])
    grown = build(path, tmp_path / "var", "tantivy")
    assert told(grown["en"]) == told(build(path, tmp_path / "elsewhere", "tantivy")["en"])
