"""Which pages a knowledge base becomes, and what stands on them."""

from datetime import date, timedelta
from typing import Any

import pytest

from generator.history.past import PastVersion, Wording
from generator.site.pages import Redirect
from tests.site.conftest import TODAY, Desk


def changes(*significances: str) -> list[dict[str, Any]]:
    """Make the changes of an article, oldest first; the list is newest first, as people write it."""
    first = date(2026, 5, 1)
    entries = [
        {
            "version": n,
            "date": first + timedelta(days=n),
            "by": "maya",
            "significance": word,
            "note": f"Change {n}",
        }
        for n, word in enumerate(significances, start=1)
    ]
    return entries[::-1]


def test_the_first_language_has_its_home_at_the_root_and_the_others_below_it(desk: Desk) -> None:
    desk.write("en/refunds/one")
    desk.write("es/refunds/one")

    site = desk.site()

    assert [page.address for page in site.generated()] == [
        "/",
        "/es/",
        "/en/refunds/",
        "/en/refunds/questions/",
        "/es/refunds/",
        "/es/refunds/questions/",
    ]
    assert Redirect(path="en/index.html", target="/") in site.redirects()


def test_a_base_in_one_foreign_language_has_its_home_at_the_root(desk: Desk) -> None:
    desk.write("es/refunds/one")

    assert desk.site().home_address("es") == "/"


def test_categories_stand_as_the_writers_ordered_them_and_empty_ones_are_left_out(desk: Desk) -> None:
    desk.write("en/payments/one")
    desk.write("en/refunds/two")
    desk.write("es/payments/one")

    site = desk.site()

    assert [card.key for card in site.home("en").categories] == ["refunds", "payments"]
    assert [(card.title, card.count) for card in site.home("es").categories] == [("Pagos", 1)]


def test_a_category_groups_its_articles_by_what_they_do(desk: Desk) -> None:
    desk.write("en/refunds/rules", type="policy")
    desk.write("en/refunds/broken", type="troubleshooting")
    desk.write("en/refunds/zeal")
    desk.write("en/refunds/ask")

    groups = desk.site().category("en", "refunds").groups

    assert {kind.value: [article.id for article in group] for kind, group in groups.items()} == {
        "how_to": ["ask", "zeal"],
        "troubleshooting": ["broken"],
        "policy": ["rules"],
    }


def test_drafts_and_internal_articles_are_on_no_page(desk: Desk) -> None:
    desk.write("en/refunds/public")
    desk.write("en/refunds/draft", confidence="work_in_progress")
    desk.write("en/refunds/secret", audience="internal")
    desk.write("en/payments/old", confidence="archived")

    site = desk.site()

    assert [article.id for shelf in site.shelves.values() for article in shelf] == ["public"]
    assert [page.address for page in site.generated()] == ["/", "/en/refunds/", "/en/refunds/questions/"]


def test_an_article_lists_a_few_neighbours_however_many_there_are(desk: Desk) -> None:
    for number in range(30):
        desk.write(f"en/refunds/article-{number:02}")
    site = desk.site()
    middle = site.article(site.base.by_path["en/refunds/article-15.md"])

    assert [article.id[-2:] for article in middle.neighbours] == ["12", "13", "14", "16", "17", "18"]
    assert middle.previous is not None
    assert middle.next is not None
    assert (middle.previous.id, middle.next.id) == ("article-14", "article-16")


def test_a_language_switch_leads_to_the_same_article_or_says_that_it_is_missing(desk: Desk) -> None:
    desk.write("en/refunds/both")
    desk.write("es/refunds/both")
    desk.write("en/refunds/alone")
    site = desk.site()

    both, alone = (site.article(site.base.by_path[f"en/refunds/{name}.md"]) for name in ("both", "alone"))

    assert [(way.address, way.is_same_page) for way in both.alternates] == [
        ("/en/refunds/both/", True),
        ("/es/refunds/both/", True),
    ]
    assert [(way.address, way.is_same_page) for way in alone.alternates] == [
        ("/en/refunds/alone/", True),
        ("/es/", False),
    ]


@pytest.mark.parametrize(
    ("since", "is_outdated"),
    [
        (["major"], False),
        (["major", "typo"], False),
        (["major", "minor"], True),
        (["major", "major", "typo"], True),
    ],
)
def test_a_translation_is_outdated_by_changes_of_meaning_and_not_by_typos(
    desk: Desk, since: list[str], is_outdated: bool
) -> None:
    desk.write("en/refunds/one", version=len(since), changes=changes(*since))
    desk.write("es/refunds/one", translation_of_version=1)
    site = desk.site()

    page = site.article(site.base.by_path["es/refunds/one.md"])

    assert (page.outdated_by is not None) is is_outdated


@pytest.mark.parametrize(("day", "is_overdue"), [(date(2027, 4, 1), False), (date(2027, 4, 2), True)])
def test_an_article_is_overdue_from_the_day_after_its_review_was_due(
    desk: Desk, day: date, is_overdue: bool
) -> None:
    desk.write("en/refunds/one")
    site = desk.site().__class__(base=desk.base(), today=day)

    assert site.article(site.base.published[0]).is_overdue is is_overdue


def test_the_home_page_asks_the_questions_of_featured_articles(desk: Desk) -> None:
    desk.write("en/refunds/one", questions=["Where is my money?"])
    desk.write("en/payments/two", questions=["Who charged me?"])

    home = desk.site(featured=("two", "unknown")).home("en")

    assert [(link.title, link.address) for link in home.examples] == [
        ("Who charged me?", "/en/payments/two/")
    ]


def test_without_featured_articles_the_home_page_asks_one_question_of_each_category(desk: Desk) -> None:
    desk.write("en/refunds/one", questions=["Where is my money?"])
    desk.write("en/refunds/other", questions=["When is my money there?"])
    desk.write("en/payments/two", questions=["Who charged me?"])

    assert [link.title for link in desk.site().home("en").examples] == [
        "Where is my money?",
        "Who charged me?",
    ]


def test_what_was_checked_last_stands_first_on_the_home_page(desk: Desk) -> None:
    for number in range(9):
        desk.write(f"en/refunds/article-{number}", reviewed_on=TODAY - timedelta(days=20 - number))

    assert [article.id[-1] for article in desk.site().home("en").recent] == ["8", "7", "6", "5", "4", "3"]


def test_versions_that_products_need_are_said_briefly(desk: Desk) -> None:
    desk.write("en/refunds/one", applies_to=["web", "app >= 4.2", "Plus"])

    assert desk.site().article(desk.base().published[0]).applies_to == ("web", "app 4.2+", "Plus")


def test_what_lay_below_the_address_of_an_archived_article_leads_on_with_it(desk: Desk) -> None:
    made = changes("typo", "typo", "typo")
    desk.write("en/refunds/gone", confidence="archived", version=3, changes=made)
    desk.write("en/refunds/one", aliases=["/en/refunds/gone/"])

    redirects = {redirect.path: redirect.target for redirect in desk.site().redirects()}

    below = ("", "history/", "v1/", "v2/")
    expected = {f"en/refunds/gone/{one}index.html": "/en/refunds/one/" for one in below}
    assert redirects == {"en/index.html": "/", **expected}


def test_the_past_of_an_article_that_moved_is_found_where_it_was(desk: Desk) -> None:
    aliases = ["/en/payments/one/", "/old/two/"]
    desk.write("en/refunds/one", aliases=aliases, version=2, changes=changes("major", "major"))
    wording = Wording.of(desk.base().published[0])
    versions = tuple(
        PastVersion(number=number, on=TODAY, by="Maya", significance="major", note="New", wording=wording)
        for number in (2, 1)
    )

    site = desk.site(past={"en/refunds/one.md": versions})
    redirects = {redirect.path: redirect.target for redirect in site.redirects()}

    assert redirects == {
        "en/index.html": "/",
        "en/payments/one/index.html": "/en/refunds/one/",
        "en/payments/one/history/index.html": "/en/refunds/one/history/",
        "en/payments/one/v1/index.html": "/en/refunds/one/v1/",
        "old/two/index.html": "/en/refunds/one/",
    }


def test_old_addresses_lead_on_unless_a_page_stands_there(desk: Desk) -> None:
    desk.write("en/refunds/one", aliases=["/old/refunds/", "/en/refunds/two/", "/old.html", "/bare"])
    desk.write("en/refunds/two", aliases=["/old/refunds/"])

    redirects = {redirect.path: redirect.target for redirect in desk.site().redirects()}

    assert redirects == {
        "en/index.html": "/",
        "old/refunds/index.html": "/en/refunds/one/",
        "old.html": "/en/refunds/one/",
        "bare/index.html": "/en/refunds/one/",
    }


@pytest.mark.parametrize(
    ("path", "target", "relative"),
    [
        ("en/index.html", "/", "../"),
        ("old/refunds/index.html", "/en/refunds/one/", "../../en/refunds/one/"),
        ("old.html", "/en/refunds/one/", "en/refunds/one/"),
    ],
)
def test_a_redirect_also_works_below_a_folder(path: str, target: str, relative: str) -> None:
    redirect = Redirect(path=path, target=target)

    assert redirect.relative_target == relative
    assert f'content="0; url={relative}"' in redirect.html
