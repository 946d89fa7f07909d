"""The static search index: what it holds, and how it grows."""

import itertools
import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from generator.catalogue import CatalogueEntry, Section
from generator.site.search_index import (
    MOST,
    SCALE,
    SHELF,
    Index,
    Indexed,
    files_of,
    indexed,
    laid_out,
    weights_of,
)
from tests.site.conftest import Desk

BuildSite = Callable[..., Path]


def entries_of(desk: Desk) -> list[CatalogueEntry]:
    section = Section(anchor="how", heading="How to do it", text="Open the orders on your account page.")
    return [CatalogueEntry(article=article, sections=(section,)) for article in desk.base().published]


def index_of(entries: list[CatalogueEntry]) -> dict[str, object]:
    return {name: json.loads(content) for name, content in files_of(of_nothing([*map(indexed, entries)]))}


def of_nothing(articles: Sequence[Indexed]) -> Index:
    """Lay out an index of which nothing is known."""
    return after(Index(), articles)


def after(before: Index, articles: Sequence[Indexed]) -> Index:
    """Lay out an index after another; each article is known by its mark."""
    return laid_out(before, [one.mark for one in articles], articles.__getitem__)


def found(files: dict[str, object], word: str) -> list[int]:
    """Read a word's articles as a browser does."""
    for name, shelf in files.items():
        if name.startswith("words-") and isinstance(shelf, dict) and word in shelf:
            steps, number, numbers = shelf[word][1:], 0, []
            for step in steps:
                number += step // (SCALE + 1)
                numbers.append(number)
            return numbers
    return []


def test_every_language_has_an_index_of_its_own(desk: Desk, build_site: BuildSite) -> None:
    desk.write("en/refunds/refund")
    desk.write("es/refunds/refund", title="Reembolso")
    site = build_site()

    assert sorted(folder.name for folder in (site / "assets" / "search").iterdir()) == ["en", "es"]
    article = json.loads((site / "assets/search/es/0.json").read_text("utf-8"))
    assert (article["title"], article["url"]) == ("Reembolso", "/es/refunds/refund/")


def test_drafts_are_not_found(desk: Desk, build_site: BuildSite) -> None:
    desk.write("en/refunds/refund")
    desk.write("en/refunds/zeppelin", confidence="work_in_progress")
    site = build_site()

    assert "zeppelin" not in "".join(path.read_text("utf-8") for path in site.glob("assets/search/**/*.json"))


def test_a_word_leads_to_its_articles_those_that_are_about_it_first(desk: Desk) -> None:
    desk.write("en/refunds/zeppelin")
    desk.write("en/refunds/other", summary="A zeppelin is mentioned.")
    desk.write("en/refunds/third")
    entries = entries_of(desk)
    ids = [entry.article.id for entry in entries]

    assert [ids[number] for number in found(index_of(entries), "zeppelin")] == ["other", "zeppelin"]
    weights = {entry.article.id: weights_of(entry).get("zeppelin", 0) for entry in entries}
    assert weights["zeppelin"] > weights["other"] > weights["third"] == 0


def test_what_a_browser_fetches_for_a_word_does_not_grow_with_the_base() -> None:
    articles = [
        Indexed(
            lang="en", words=f"common rare{number}", weights=bytes((5, 9)), telling="", mark=b"%d" % number
        )
        for number in range(3_000)
    ]
    files = dict(files_of(of_nothing(articles)))
    shelves = [content for name, content in files.items() if name.startswith("words-")]

    assert len(found({"words-0": json.loads(shelves[0])}, "common")) <= MOST
    assert len(shelves) > 1
    assert max(map(len, shelves)) <= SHELF + 100


def test_the_same_articles_have_the_same_index_and_a_change_gives_it_another_name(desk: Desk) -> None:
    desk.write("en/refunds/refund")
    before, again = index_of(entries_of(desk)), index_of(entries_of(desk))
    desk.write("en/refunds/refund", title="Get your money back")
    after = index_of(entries_of(desk))

    assert before == again
    assert before["index.json"] != after["index.json"]


def some_article(chance: random.Random, number: int) -> Indexed:
    """Make up an article of common and rare words; `number` tells it from all others."""
    words = {f"w{int(chance.paretovariate(0.4)) % 300}" for _ in range(30)}
    return Indexed(
        lang="en",
        words=" ".join(sorted(words)),
        weights=bytes(chance.randint(1, SCALE) for _ in words),
        telling=" ".join(sorted(chance.sample(sorted(words), 3))),
        mark=number.to_bytes(4, "big"),
    )


@pytest.mark.parametrize("seed", range(5))
def test_an_index_that_grew_is_the_one_that_would_be_made_of_nothing(seed: int) -> None:
    """Edits, new articles in any place, deletions and articles that change places, few and many at once."""
    chance = random.Random(seed)
    numbers = itertools.count()
    articles = [some_article(chance, next(numbers)) for _ in range(150)]
    index = of_nothing(articles)
    for _ in range(12):
        for _ in range(chance.choice((0, 1, 2, 40))):
            at = chance.randrange(len(articles))
            match chance.choice(("edit", "edit", "edit", "add", "delete", "swap")):
                case "edit":
                    articles[at] = some_article(chance, next(numbers))
                case "add":
                    articles.insert(at, some_article(chance, next(numbers)))
                case "delete":
                    del articles[at]
                case "swap":
                    articles[0], articles[at] = articles[at], articles[0]
        index = after(index, articles)

        assert dict(files_of(index)) == dict(files_of(of_nothing(articles)))
    assert dict(files_of(after(index, []))) == dict(files_of(Index()))
