"""A snippet shows the sentences that answer, marks the matches, and is safe to put on a page."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from deflector.search.analysis import analyser
from deflector.search.presenting import LONGEST, snippet

EN = analyser("en")


def shown(text: str, *wanted: str) -> str:
    return snippet(text, frozenset(term for word in wanted for term in EN.terms(word)), EN)


LONG = (
    "Welcome to the shop. " * 30
    + "To get a refund, open your orders. Choose the game. "
    + "Bye for now. " * 30
)


def test_the_sentences_with_the_words_are_shown_and_marked() -> None:
    found = shown(LONG, "refund", "orders")
    assert "To get a <mark>refund</mark>, open your <mark>orders</mark>." in found
    assert found.startswith("… ")
    assert found.endswith("…")


def test_other_forms_are_marked_and_stop_words_are_not() -> None:
    assert (
        shown("The refunds are for the games.", "refund", "the")
        == "The <mark>refunds</mark> are for the games."
    )


def test_a_short_text_is_shown_whole() -> None:
    assert shown("One sentence. Another one.", "zeppelin") == "One sentence. Another one."


def test_points_inside_of_words_and_numbers_end_no_sentence() -> None:
    text = "It costs 79.99 in version 2.0 of the shop. See example.com/help for more."
    assert shown(text, "zeppelin") == text
    assert shown("返品できます。領収書が必要です。", "zeppelin") == "返品できます。 領収書が必要です。"


def test_a_text_without_sentences_is_cut_between_words() -> None:
    found = shown("word " * 200, "word").replace("<mark>", "").replace("</mark>", "")
    assert len(found) <= LONGEST + 2
    assert found.endswith("word …")


def test_lines_without_an_end_are_told_apart() -> None:
    table = "Plan · Refund\nYearly, 79.99 · Within 30 days\nMonthly · None."
    assert shown(table, "zeppelin") == "Plan · Refund – Yearly, 79.99 · Within 30 days – Monthly · None."
    assert (
        shown("Do this:\nOpen Settings\nChoose Billing", "zeppelin")
        == "Do this: Open Settings – Choose Billing"
    )


def test_a_list_is_told_apart_by_dashes_and_begins_without_one() -> None:
    text = "Include:\n- the order number\n- the reason.\n- the day"
    assert shown(text, "zeppelin") == "Include: – the order number – the reason. – the day"
    assert shown("- one\n- two", "zeppelin") == "one – two"
    assert shown("1. Open Settings.\n2. Close it.", "zeppelin") == "1. Open Settings. 2. Close it."


def test_nothing_gives_nothing() -> None:
    assert shown("", "refund") == ""
    assert shown(" \n ", "refund") == ""


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=400))
@settings(max_examples=100, deadline=None)
def test_no_text_becomes_markup(text: str) -> None:
    found = shown(f"{text} <script>alert(1)</script> & refund", "refund", "script")
    without_marks = re.sub(r"</?mark>", "", found)
    assert "<" not in without_marks
    assert ">" not in without_marks
    assert found.count("<mark>") == found.count("</mark>")
