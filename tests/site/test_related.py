"""Which articles are offered to go on to."""

import pytest

from generator.audit import check
from tests.site.conftest import TODAY, Desk

REFUND = {
    "title": "Get a refund for a game",
    "questions": ["How do I get my money back?"],
    "summary": "Money back.",
}
LATE = {
    "title": "How long a refund takes",
    "questions": ["Where is my refund?"],
    "summary": "When money arrives.",
}
LAG = {
    "title": "Fix lag",
    "questions": ["Why does my game stutter?"],
    "summary": "Use a cable.",
    "tags": ["ping"],
}


def offered(desk: Desk, name: str, lang: str = "en") -> list[str]:
    site = desk.site()
    article = next(one for one in site.base.published if (one.id, one.lang) == (name, lang))
    return [link.address.split("/")[3] for link in site.article(article).related]


@pytest.fixture(autouse=True)
def articles(desk: Desk) -> None:
    desk.write("en/refunds/refund", **REFUND)
    desk.write("en/refunds/late", **LATE)
    desk.write("en/payments/lag", body="Only cables.\n", **LAG)


def test_articles_with_the_same_telling_words_are_offered(desk: Desk) -> None:
    assert offered(desk, "refund")[0] == "late"
    assert "refund" not in offered(desk, "refund"), "nobody needs the page that they read"


def test_articles_of_another_language_are_not_offered(desk: Desk) -> None:
    desk.write("es/refunds/late", **LATE)
    desk.write("es/refunds/refund", **REFUND)

    assert offered(desk, "refund", "es") == ["late"]
    assert offered(desk, "refund").count("late") == 1


def test_a_writer_may_name_what_comes_first(desk: Desk) -> None:
    desk.write("en/refunds/refund", **REFUND, related=["lag"])

    assert offered(desk, "refund")[:2] == ["lag", "late"]


def test_drafts_are_not_offered_even_where_they_are_named(desk: Desk) -> None:
    desk.write("en/refunds/late", **LATE, confidence="work_in_progress")
    desk.write("en/refunds/refund", **REFUND, related=["late"])

    assert "late" not in offered(desk, "refund")


def test_a_name_that_is_no_article_is_a_finding(desk: Desk) -> None:
    desk.write("en/refunds/refund", **REFUND, related=["late", "no-such-article"])

    findings = [finding for finding in check(desk.base(), today=TODAY) if finding.rule == "related"]
    assert len(findings) == 1
    assert '"no-such-article"' in findings[0].message


def test_everyday_words_alone_make_nothing_related(desk: Desk) -> None:
    """Both say find, which, still and nothing; neither is about what the other is about."""
    chatter = ["Which one is still there and what if nothing happens?", "Find out which one it still was"]
    desk.write("en/refunds/invoice", title="Print an invoice", questions=chatter, summary="On paper.")
    desk.write("en/payments/robot", title="Train a robot", questions=chatter, summary="With patience.")

    assert "robot" not in offered(desk, "invoice")
    assert "invoice" not in offered(desk, "robot")


def test_a_link_makes_both_ends_related(desk: Desk) -> None:
    desk.write("en/payments/lag", "Or [ask for your money](../refunds/refund.md#ask).\n", **LAG)

    assert "refund" in offered(desk, "lag")
    assert "lag" in offered(desk, "refund")


def test_a_link_in_code_or_to_elsewhere_makes_nothing_related(desk: Desk) -> None:
    body = "`[ask](../refunds/refund.md)` and [ask](https://example.org/refunds/refund.md)\n"
    desk.write("en/payments/lag", body, **LAG)

    assert "refund" not in offered(desk, "lag")
