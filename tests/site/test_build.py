"""What the real MkDocs makes of a knowledge base."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from lxml import html
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort

from tests.site.conftest import BODY, ROOT, TODAY, Desk

pytestmark = pytest.mark.long

BuildSite = Callable[..., Path]
SCRIPTS = ("assets/answerfirst/appearance.js", "assets/answerfirst/site.js", "assets/answerfirst/suggest.js")


def up(address: str) -> str:
    """Say how a page names the site's root."""
    return "/".join([".."] * address.strip("/").count("/") + [".."] * (address != "/")) or "."


def page(site: Path, address: str) -> html.HtmlElement:
    return html.fromstring((site / address.strip("/") / "index.html").read_text(encoding="utf-8"))


def texts(root: html.HtmlElement, path: str) -> list[str]:
    """Collect the words of the elements that an XPath finds, white space collapsed."""
    found: Any = root.xpath(path)
    return [" ".join(element.text_content().split()) for element in found]


def hrefs(root: html.HtmlElement, path: str) -> list[str]:
    return [str(value) for value in root.xpath(f"{path}/@href")]


def files(site: Path) -> set[str]:
    return {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}


def test_only_published_articles_and_their_pictures_leave_the_repository(
    desk: Desk, build_site: BuildSite
) -> None:
    desk.write("en/refunds/public")
    desk.write("en/refunds/draft", confidence="work_in_progress")
    desk.write("en/refunds/secret", audience="internal")
    (desk.folder / "README.md").write_text("# For writers\n", encoding="utf-8")
    (desk.folder / "notes.txt").write_text("Not for readers", encoding="utf-8")
    (desk.folder / "en" / "refunds" / "button.png").write_bytes(b"\x89PNG\r\n")

    site = build_site()

    ours = {name for name in files(site) if not name.startswith(("assets/", "sitemap"))}
    assert ours == {
        "404.html",
        "index.html",
        "en/index.html",
        "en/refunds/index.html",
        "en/refunds/questions/index.html",
        "en/refunds/button.png",
        "en/refunds/public/index.html",
        "articles.json",
        "changes.xml",
        "changes-major.xml",
        "llms.txt",
        "_headers",
        "_redirects",
        "nginx-headers.conf",
        "redirects.nginx.map",
    }


def test_no_search_index_is_shipped(desk: Desk, build_site: BuildSite) -> None:
    desk.write("en/refunds/one")

    assert not [name for name in files(build_site()) if "search_index" in name]


def test_every_page_says_its_language_and_direction(desk: Desk, build_site: BuildSite) -> None:
    for lang in ("en", "es", "ar", "he"):
        desk.write(f"{lang}/refunds/one", f"{BODY}\n!!! note\n    By post.\n")

    site = build_site()

    for lang, direction in (("en", "ltr"), ("es", "ltr"), ("ar", "rtl"), ("he", "rtl")):
        root = page(site, f"/{lang}/refunds/one/")
        assert (root.get("lang"), root.find("body").get("dir")) == (lang, direction)
    assert page(site, "/").get("lang") == "en"
    assert page(site, "/es/").get("lang") == "es"
    assert texts(page(site, "/es/refunds/one/"), "//a[@class='md-skip']") == ["Saltar a contenido"]
    assert texts(page(site, "/es/refunds/one/"), "//p[@class='admonition-title']") == ["Nota"]


def test_an_article_says_why_it_can_be_trusted(desk: Desk, build_site: BuildSite) -> None:
    desk.write("en/refunds/one")

    root = page(build_site(), "/en/refunds/one/")

    assert texts(root, "//*[@class='trust__row']") == [
        "Checked 1 October 2026 by Jon Reyes · next check 1 April 2027",
        "version 1 · applies to web, app 4.2+ · 1 min read",
    ]
    assert texts(root, "//nav[@class='trail']//li") == ["Help home", "Refunds"]
    assert texts(root, "//h1") == ["One"]
    assert texts(root, "//*[@class='lead']") == [
        "Ask for your money back within 14 days if you played less than two hours."
    ]


def test_an_article_that_nobody_reviewed_says_so(desk: Desk, build_site: BuildSite) -> None:
    desk.write("en/refunds/one", confidence="not_validated", reviewed_on=None, reviewed_by=None)

    root = page(build_site(), "/en/refunds/one/")

    assert texts(root, "//*[@class='trust__row']")[0] == "Not checked yet"
    assert texts(root, "//*[contains(@class, 'af-notice--warning')]") == []


def test_an_overdue_article_warns_its_reader(desk: Desk, build_site: BuildSite) -> None:
    desk.write("en/refunds/one", review_every="1 month")

    root = page(build_site(), "/en/refunds/one/")

    assert texts(root, "//*[contains(@class, 'af-notice--warning')]/*[@class='af-notice__word']") == [
        "Due for a check"
    ]
    assert "1 November 2026" in texts(root, "//*[contains(@class, 'af-notice--warning')]")[0]
    assert "✓" not in texts(root, "//*[@class='trust']")[0]
    assert texts(root, "//*[@class='trust__row']")[0] == "Last checked 1 October 2026 by Jon Reyes"


def test_nobody_reads_that_a_text_was_checked_which_changed_since(desk: Desk, build_site: BuildSite) -> None:
    first = {"date": date(2026, 9, 26), "by": "maya", "significance": "major", "note": "First version"}
    second = {"date": date(2026, 11, 2), "by": "maya", "significance": "minor", "note": "Another button"}
    changes = [{"version": 2, **second}, {"version": 1, **first}]
    desk.write("en/refunds/one", confidence="not_validated", version=2, changes=changes)
    desk.write("en/refunds/two", confidence="not_validated", questions=["What else?"])

    site = build_site()

    one, two = page(site, "/en/refunds/one/"), page(site, "/en/refunds/two/")
    assert texts(one, "//*[@class='trust__row']")[0] == "Changed since Jon Reyes checked it on 1 October 2026"
    assert texts(two, "//*[@class='trust__row']")[0] == "Last checked 1 October 2026 by Jon Reyes"
    for root in (one, two):
        assert root.xpath("//*[contains(@class, 'trust__sign--checked')]") == []


def test_an_outdated_translation_leads_to_the_original(desk: Desk, build_site: BuildSite) -> None:
    entry = {"date": TODAY, "by": "maya", "significance": "major", "note": "New"}
    desk.write(
        "en/refunds/one",
        version=2,
        reviewed_on=TODAY,
        changes=[{"version": 2, **entry}, {"version": 1, **entry}],
    )
    desk.write("es/refunds/one", translation_of_version=1)

    root = page(build_site(), "/es/refunds/one/")

    notice = "//*[contains(@class, 'af-notice--warning')]"
    assert hrefs(root, f"{notice}//a") == ["../../../en/refunds/one/"]
    assert texts(root, f"{notice}//a") == ["Lee la versión actual en inglés"]


def test_still_stuck_carries_the_article_to_the_form(desk: Desk, build_site: BuildSite) -> None:
    desk.write("en/refunds/one")
    desk.write("es/refunds/one")

    root = page(build_site(), "/es/refunds/one/")

    assert hrefs(root, "//section[@class='person']//a") == ["/contact?article=one&lang=es"]


def test_the_form_may_live_at_another_address(desk: Desk, tmp_path: Path) -> None:
    desk.write("en/refunds/one")
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    text = text.replace('deflector: ""', "deflector: https://ask.example/")
    text = text.replace("custom_dir: theme", f"custom_dir: {ROOT / 'theme'}").replace(
        "docs_dir: kb", f"docs_dir: {desk.folder}"
    )
    (tmp_path / "mkdocs.yml").write_text(text, encoding="utf-8")
    build(load_config(str(tmp_path / "mkdocs.yml"), site_dir=str(tmp_path / "site")))

    root = page(tmp_path / "site", "/")

    assert [form.get("action") for form in root.forms] == ["https://ask.example/contact"]
    assert hrefs(root, "//a[@class='af-header__contact']") == ["https://ask.example/contact?lang=en"]


def test_without_a_script_the_search_asks_the_form(desk: Desk, build_site: BuildSite) -> None:
    desk.write("en/refunds/one")
    desk.write("es/refunds/one")
    site = build_site()

    for address in ("/es/", "/es/refunds/", "/es/refunds/one/"):
        [form] = page(site, address).xpath("//form[@role='search']")
        assert (form.get("action"), form.get("method")) == ("/contact", "get")
        assert {field.name: field.value for field in form.inputs if field.name} == {
            "q": None,
            "lang": "es",
            "page": address,
        }


def test_the_skip_link_leads_to_the_title(desk: Desk, build_site: BuildSite) -> None:
    desk.write("en/refunds/plain")
    desk.write("en/refunds/titled", body=f"# Its own title\n{BODY}")
    site = build_site()

    for address in ("/", "/en/refunds/", "/en/refunds/plain/", "/en/refunds/titled/", "/404.html"):
        name = (
            address.strip("/")
            if address.endswith(".html")
            else f"{address.strip('/')}/index.html".lstrip("/")
        )
        root = html.fromstring((site / name).read_text(encoding="utf-8"))
        [target] = hrefs(root, "//a[@class='md-skip' or @class='af-skip']")
        assert [element.tag for element in root.xpath(f"//*[@id='{target[1:]}']")] == ["h1"], address
        assert len(root.xpath("//h1")) == 1, address


def test_what_an_article_says_can_neither_run_nor_break_the_page(desk: Desk, build_site: BuildSite) -> None:
    desk.write(
        "en/refunds/one",
        title='<script>alert(1)</script> & "quotes"',
        summary="<img src=x onerror=alert(2)> and more words, so that this is a summary of the usual length.",
        questions=["<b onclick=alert(3)>Why?</b>"],
        body=BODY + "\n## <i onclick=alert(7)>Which</i> & why\n\n<script>alert(4)</script>\n\n"
        "<img src=x onerror=alert(5)> [here](javascript:alert(6))\n",
    )

    site = build_site(for_preview=True)  # a build for readers would stop at such an article

    for address in ("/", "/en/refunds/", "/en/refunds/one/"):
        root = page(site, address)
        own = ("assets/answerfirst/feedback.js",) if address == "/en/refunds/one/" else ()
        assert {script.get("src") for script in root.xpath("//script[@src]")} == {
            f"{up(address)}/{name}" for name in (*SCRIPTS, *own)
        }
        assert root.xpath("//@onerror | //@onclick | //*[starts-with(@href, 'javascript:')]") == []
    article = page(site, "/en/refunds/one/")
    assert texts(article, "//h1") == ['<script>alert(1)</script> & "quotes"']
    assert texts(article, "//nav[contains(@class, 'margin-list--contents')]//li")[-1] == "Which & why"


def test_a_preview_of_faulty_articles_leaves_the_catalogue_alone(desk: Desk, build_site: BuildSite) -> None:
    desk.write("en/refunds/one")
    catalogue = build_site().parent / "catalogue.json"
    before = catalogue.read_bytes()
    desk.write("en/refunds/two", type="poem")

    build_site(for_preview=True)

    assert catalogue.read_bytes() == before


def test_a_preview_shows_articles_with_a_past_whose_category_is_none(
    desk: Desk, build_site: BuildSite
) -> None:
    changes = [
        {
            "version": number,
            "date": date(2026, 9, number),
            "by": "maya",
            "significance": "major",
            "note": "So",
        }
        for number in (2, 1)
    ]
    desk.write("en/refnuds/one", version=2, changes=changes)

    site = build_site(for_preview=True)

    assert texts(page(site, "/en/refnuds/one/history/"), "//h1") == ["History of this article"]


def test_no_page_runs_a_script_that_stands_in_it(desk: Desk, build_site: BuildSite) -> None:
    desk.write(
        "en/refunds/one", body=BODY + '\n=== "Web"\n\n    Open the page.\n\n=== "App"\n\n    Open the app.\n'
    )
    site = build_site()

    for path in site.rglob("*.html"):
        root = html.fromstring(path.read_text(encoding="utf-8"))
        inline = [
            script
            for script in root.xpath("//script[not(@src)]")
            if script.get("type") not in ("application/ld+json", "application/json")
        ]
        assert inline == [], path
        assert root.xpath("//@style | //style") == [], path


def test_menus_do_not_grow_with_the_number_of_articles(desk: Desk, build_site: BuildSite) -> None:
    sizes = []
    for count in (10, 60):
        for number in range(count):
            desk.write(f"en/refunds/article-{number:03}")
        sizes.append(len((build_site() / "en/refunds/article-005/index.html").read_bytes()))

    assert sizes[1] - sizes[0] < 20


def test_the_chrome_of_a_page_is_light(desk: Desk, build_site: BuildSite) -> None:
    desk.write("en/refunds/one")

    assert len((build_site() / "en/refunds/one/index.html").read_bytes()) < 25_000


def test_the_catalogue_holds_the_sections_of_every_published_article(
    desk: Desk, build_site: BuildSite
) -> None:
    desk.write("en/refunds/one")
    desk.write("en/refunds/draft", confidence="work_in_progress")

    catalogue = json.loads((build_site(revision="abc").parent / "catalogue.json").read_text(encoding="utf-8"))

    assert (catalogue["schema_version"], catalogue["revision"]) == (1, "abc")
    [article] = catalogue["articles"]
    assert [part["anchor"] for part in article["sections"]] == [
        "",
        "ask-for-the-refund",
        "when-the-money-arrives",
    ]
    assert article["url"] == "/en/refunds/one/"


def test_the_audit_is_written_beside_the_site(desk: Desk, build_site: BuildSite) -> None:
    desk.write("en/refunds/one", review_every="1 month")

    report = json.loads((build_site().parent / "audit.json").read_text(encoding="utf-8"))

    assert [(article["id"], article["stale"]) for article in report["articles"]] == [("one", True)]


def test_faulty_articles_leave_the_last_good_build_alone(desk: Desk, build_site: BuildSite) -> None:
    desk.write("en/refunds/one")
    site = build_site()
    before = {name: (site / name).read_bytes() for name in files(site)}
    desk.write("en/refunds/one", type="poem")
    desk.write("en/refunds/two", reviewed_on="yesterday")

    with pytest.raises(Abort):
        build_site()

    assert {name: (site / name).read_bytes() for name in files(site)} == before


def test_a_day_that_is_none_is_refused(desk: Desk, build_site: BuildSite) -> None:
    desk.write("en/refunds/one")

    with pytest.raises(Abort):
        build_site(today="tomorrow")


def test_a_base_without_people_and_categories_still_becomes_a_site(desk: Desk, build_site: BuildSite) -> None:
    desk.write("en/big-things/one", reviewed_by="somebody", owner="somebody")
    for name in ("people.yml", "categories.yml"):
        (desk.folder / name).unlink()

    site = build_site()

    assert texts(page(site, "/"), "//a[@class='topic__name']") == ["Big things"]
    assert "by somebody" in texts(page(site, "/en/big-things/one/"), "//*[@class='trust']")[0]


def test_an_empty_base_becomes_a_site_with_a_way_to_a_person(desk: Desk, build_site: BuildSite) -> None:
    root = page(build_site(), "/")

    assert texts(root, "//h1") == ["How can we help?"]
    assert hrefs(root, "//section[@class='person']//a") == ["/contact?lang=en"]


def test_an_old_address_leads_to_the_article(desk: Desk, build_site: BuildSite) -> None:
    desk.write("en/refunds/one", aliases=["/old/refunds/"])

    root = page(build_site(), "/old/refunds/")

    assert hrefs(root, "//link[@rel='canonical']") == ["../../en/refunds/one/"]


def test_pages_name_their_translations_to_search_engines(desk: Desk, build_site: BuildSite) -> None:
    desk.write("en/refunds/one")
    desk.write("es/refunds/one")
    desk.write("en/refunds/two")
    site = build_site()

    alternate = "//link[@rel='alternate'][@hreflang]"
    assert hrefs(page(site, "/en/refunds/one/"), alternate) == [
        "http://127.0.0.1:8000/en/refunds/one/",
        "http://127.0.0.1:8000/es/refunds/one/",
    ]
    assert hrefs(page(site, "/en/refunds/two/"), alternate) == ["http://127.0.0.1:8000/en/refunds/two/"]


def test_two_builds_of_the_same_state_are_the_same(desk: Desk, build_site: BuildSite) -> None:
    desk.write("en/refunds/one")
    desk.write("es/refunds/one")
    site = build_site(revision="abc")
    pages = {name: (site / name).read_bytes() for name in files(site) if not name.startswith("sitemap")}
    catalogue = json.loads((site.parent / "catalogue.json").read_text(encoding="utf-8"))

    build_site(revision="abc")

    assert {name: (site / name).read_bytes() for name in pages} == pages
    again = json.loads((site.parent / "catalogue.json").read_text(encoding="utf-8"))
    assert again | {"generated_at": ""} == catalogue | {"generated_at": ""}


def test_every_language_has_its_own_page_for_wrong_addresses(desk: Desk, build_site: BuildSite) -> None:
    desk.write("en/refunds/refund")
    desk.write("es/refunds/refund")
    site = build_site()

    assert '<html lang="en"' in (site / "404.html").read_text("utf-8")
    page = (site / "es" / "404.html").read_text("utf-8")
    assert '<html lang="es"' in page
    assert 'href="/es/refunds/"' in page, "it is shown at any depth: its addresses begin at the root"
