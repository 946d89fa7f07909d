"""What search engines are told about a page."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from generator.site.layout import Site
from generator.site.structured_data import structured_data
from tests.site.conftest import Desk

ROOT = "https://help.example/docs"
SCHEMA: Final = yaml.safe_load((Path(__file__).parent / "schemaorg.yml").read_text(encoding="utf-8"))
DAY: Final = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d))?")


def graph(text: str) -> dict[str, dict[str, Any]]:
    data = json.loads(text)
    assert data["@context"] == "https://schema.org"
    return {entry["@type"]: entry for entry in data["@graph"]}


def test_an_article_is_a_page_of_the_questions_that_it_answers(desk: Desk) -> None:
    desk.write("en/refunds/one", questions=["Where is my money?", "When do I get it?"])
    site = desk.site()

    said = graph(structured_data(site.article(site.base.published[0]), site_name="Help", root=ROOT))

    page = said["FAQPage"]
    assert page["url"] == f"{ROOT}/en/refunds/one/"
    assert page["lastReviewed"] == "2026-10-01"
    assert page["reviewedBy"]["name"] == "Jon Reyes"
    assert [question["name"] for question in page["mainEntity"]] == [
        "Where is my money?",
        "When do I get it?",
    ]
    assert [step["item"] for step in said["BreadcrumbList"]["itemListElement"]] == [
        f"{ROOT}/",
        f"{ROOT}/en/refunds/",
        f"{ROOT}/en/refunds/one/",
    ]


def test_an_article_without_questions_is_only_a_page(desk: Desk) -> None:
    desk.write("en/refunds/one", questions=[])

    said = graph(structured_data(desk.site().article(desk.base().published[0]), site_name="Help", root=ROOT))

    assert "mainEntity" not in said["WebPage"]


def test_no_title_can_end_the_script_that_it_stands_in(desk: Desk) -> None:
    desk.write("en/refunds/one", title="</script><script>alert(1)</script>")

    text = structured_data(desk.site().article(desk.base().published[0]), site_name="Help", root=ROOT)

    assert "<" not in text
    assert graph(text)["FAQPage"]["name"] == "</script><script>alert(1)</script>"


def test_nothing_is_said_where_the_site_does_not_know_its_address(desk: Desk) -> None:
    desk.write("en/refunds/one")

    assert structured_data(desk.site().home("en"), site_name="Help", root="") == ""


def kinds(kind: str) -> list[str]:
    """Name a type of schema.org and those that it is a kind of."""
    return [] if kind == "nothing" else [kind, *kinds(SCHEMA["types"][kind]["of"])]


def held(value: Any) -> set[str]:
    """Say what a property's range may call a value that stands in JSON."""
    if isinstance(value, dict):
        return set(kinds(value["@type"]))
    if isinstance(value, int):
        return {"Integer", "Number"}
    is_address, is_day = re.fullmatch(r"https?://\S+", value), DAY.fullmatch(value)
    return {"Text", *(["URL"] if is_address else []), *(["Date", "DateTime"] if is_day else [])}


def wrong(entry: dict[str, Any]) -> Iterator[str]:
    """Name what schema.org does not know of an entry, and what Google misses in it, all the way down."""
    kind = entry["@type"]
    known = {name: holds for one in kinds(kind) for name, holds in SCHEMA["types"][one]["properties"].items()}
    yield from (f"{kind} lacks {name}" for name in SCHEMA["asked"].get(kind, ()) if not entry.get(name))
    if kind == "BreadcrumbList" and len(entry["itemListElement"]) < SCHEMA["steps_of_a_trail"]:
        yield "BreadcrumbList is too short"
    for name, content in entry.items():
        if name.startswith("@"):
            continue
        if name not in known:
            yield f"{kind} has no {name}"
            continue
        holds = {known[name]} if isinstance(known[name], str) else set(known[name])
        for value in content if isinstance(content, list) else [content]:
            if not holds & held(value) and "Thing" not in holds:
                yield f"{kind}.{name} cannot be {value}"
            if isinstance(value, dict):
                yield from wrong(value)


def entries(site: Site) -> Iterator[dict[str, Any]]:
    """Go through what every page of a site tells search engines."""
    pages = (*site.generated(), *(site.article(article) for article in site.base.published))
    for page in pages:
        home = site.home_address(page.lang)
        text = structured_data(page, site_name="Help", root=ROOT, home=home)
        yield from json.loads(text)["@graph"] if text else ()


def test_what_pages_say_is_what_schema_org_knows_and_what_search_engines_ask_for(desk: Desk) -> None:
    desk.write("en/refunds/one", questions=["Where is my money?", "When do I get it?"])
    desk.write("en/refunds/two", questions=[], confidence="not_validated", reviewed_on=None, reviewed_by=None)
    desk.write("es/refunds/one", title="Uno")
    found = list(entries(desk.site()))
    assert {entry["@type"] for entry in found} == {
        *("FAQPage", "WebPage", "Article", "BreadcrumbList", "CollectionPage", "WebSite")
    }
    assert [said for entry in found for said in wrong(entry)] == []


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"@type": "FAQPage"}, "FAQPage lacks mainEntity"),
        ({"@type": "WebPage", "lastReviewd": "2026-10-01"}, "WebPage has no lastReviewd"),
        ({"@type": "WebPage", "lastReviewed": "October"}, "WebPage.lastReviewed cannot be October"),
        ({"@type": "WebPage", "url": "/en/refunds/"}, "WebPage.url cannot be /en/refunds/"),
        ({"@type": "WebPage", "reviewedBy": "Jon"}, "WebPage.reviewedBy cannot be Jon"),
        ({"@type": "BreadcrumbList", "itemListElement": ["x"]}, "BreadcrumbList is too short"),
        ({"@type": "WebPage", "reviewedBy": {"@type": "Person"}}, "Person lacks name"),
    ],
)
def test_what_is_wrong_would_be_found(entry: dict[str, Any], said: str) -> None:
    assert said in list(wrong(entry))
