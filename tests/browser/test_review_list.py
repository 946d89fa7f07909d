"""The review list, which a team opens from the disk or out of CI."""

from playwright.sync_api import Browser, expect

from tests.browser.accessibility import DARK_DESK, PHONE, faults
from tests.browser.conftest import BuiltSite


def test_everybody_on_the_team_can_use_the_review_list(browser: Browser, built_site: BuiltSite) -> None:
    page = browser.new_page()
    page.goto((built_site.folder.parent / "reviews.html").as_uri())
    expect(page.get_by_role("main")).to_contain_text("Browsers that work with Playdeck")
    assert faults(page, (PHONE, DARK_DESK)) == []
    page.close()


def test_on_a_phone_each_figure_says_what_it_is(browser: Browser, built_site: BuiltSite) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 740})
    page.goto((built_site.folder.parent / "reviews.html").as_uri())
    first = page.locator("tbody tr").first
    boxes = [first.locator("td").nth(number).bounding_box() for number in (0, 1)]
    assert boxes[0] is not None
    assert boxes[1] is not None
    assert boxes[1]["y"] >= boxes[0]["y"] + boxes[0]["height"]
    label = "element => getComputedStyle(element, '::before').content"
    assert first.locator("td").nth(0).evaluate(label) == '"Score "'
    page.close()
