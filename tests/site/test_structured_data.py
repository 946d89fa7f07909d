"""What search engines are told about a page."""

import json
from typing import Any

from generator.site.structured_data import structured_data
from tests.site.conftest import Desk

ROOT = "https://help.example/docs"


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
