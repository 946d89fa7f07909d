"""What programs read at the site's root, held to the standards that they follow."""

import gzip
import json
from pathlib import Path
from typing import Any

import jsonschema
from lxml import etree

from generator.site.layout import Site
from generator.site.machines import machine_files
from generator.site.structured_data import structured_data
from tests.generator.conftest import PATH, TODAY, article, knowledge_base

NAMES = {
    "a": "http://www.w3.org/2005/Atom",
    "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "x": "http://www.w3.org/1999/xhtml",
}
THREE = (
    "\n  - {version: 3, date: 2026-10-03, by: maya, significance: typo, note: A comma}"
    "\n  - {version: 2, date: 2026-10-01, by: maya, significance: major, note: Now 14 & 30 days}"
    "\n  - {version: 1, date: 2026-03-12, by: jon, significance: minor, note: First}"
)
# What schema.org, and Google's guides to FAQPage, Article and BreadcrumbList, ask of each entity.
TEXT = {"type": "string", "minLength": 1}
URL = {"type": "string", "pattern": "^https://"}
DAY = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}
ENTITIES: dict[str, Any] = {
    "FAQPage": {
        "required": ["url", "name", "inLanguage", "mainEntity"],
        "properties": {
            "url": URL,
            "mainEntity": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "required": ["name", "acceptedAnswer"],
                    "properties": {
                        "@type": {"const": "Question"},
                        "name": TEXT,
                        "acceptedAnswer": {
                            "required": ["text"],
                            "properties": {"@type": {"const": "Answer"}, "text": TEXT},
                        },
                    },
                },
            },
        },
    },
    "Article": {
        "required": ["headline", "datePublished", "dateModified", "author", "mainEntityOfPage"],
        "properties": {
            "headline": {"type": "string", "minLength": 1, "maxLength": 110},
            "datePublished": DAY,
            "dateModified": DAY,
            "author": {"required": ["@type", "name"]},
            "mainEntityOfPage": URL,
        },
    },
    "BreadcrumbList": {
        "required": ["itemListElement"],
        "properties": {
            "itemListElement": {
                "type": "array",
                "minItems": 2,
                "items": {
                    "required": ["position", "name", "item"],
                    "properties": {"position": {"type": "integer"}, "name": TEXT, "item": URL},
                },
            }
        },
    },
}


def site(folder: Path) -> Site:
    files = {
        PATH: article({"version": 3, "changes": THREE, "aliases": "[/old/ab/, /old/refunds.html]"}),
        f"es/{PATH[3:]}": article({"translation_of_version": 2, "title": "Devolución", "questions": "[]"}),
        "en/refunds/secret.md": article(
            {"id": "secret", "title": "S", "questions": "[]", "audience": "internal"}
        ),
    }
    return Site(base=knowledge_base(folder, files), today=TODAY)


def made(folder: Path, root: str = "https://help.example") -> dict[str, bytes]:
    return machine_files(site(folder), name="Help", root=root)


def test_the_sitemap_names_each_page_with_its_translations(tmp_path: Path) -> None:
    files = made(tmp_path)
    tree = etree.fromstring(files["sitemap.xml"])
    urls = {
        url.findtext("s:loc", namespaces=NAMES): [
            (link.get("hreflang"), link.get("href")) for link in url.findall("x:link", NAMES)
        ]
        for url in tree.findall("s:url", NAMES)
    }
    page = "/refunds/refund-for-a-game/"
    same = [("en", f"https://help.example/en{page}"), ("es", f"https://help.example/es{page}")]
    assert urls[f"https://help.example/en{page}"] == urls[f"https://help.example/es{page}"] == same
    assert not [url for url in urls if url is not None and "secret" in url]
    assert gzip.decompress(files["sitemap.xml.gz"]) == files["sitemap.xml"]
    assert made(tmp_path) == files


def test_the_feeds_tell_changes_by_their_significance_and_no_typos(tmp_path: Path) -> None:
    files = made(tmp_path)
    told = {}
    for name in ("changes.xml", "changes-major.xml"):
        feed = etree.fromstring(files[name])
        for tag in ("id", "title", "updated"):
            assert feed.findtext(f"a:{tag}", namespaces=NAMES)
        told[name] = [
            (
                entry.findtext("a:updated", namespaces=NAMES),
                entry.find("a:category", NAMES).get("term"),  # type: ignore[union-attr]
                entry.findtext("a:summary", namespaces=NAMES),
                entry.findtext("a:author/a:name", namespaces=NAMES),
            )
            for entry in feed.findall("a:entry", NAMES)
            if "/en/" in (entry.findtext("a:id", namespaces=NAMES) or "")
        ]
    major = ("2026-10-01T00:00:00Z", "major", "Now 14 & 30 days", "Maya Lindqvist")
    assert told["changes.xml"] == [major, ("2026-03-12T00:00:00Z", "minor", "First", "Jon Reyes")]
    assert told["changes-major.xml"] == [major]


def test_the_list_of_articles_says_version_review_and_due_day(tmp_path: Path) -> None:
    english, _ = json.loads(made(tmp_path)["articles.json"])["articles"]
    assert english == {
        "id": "refund-for-a-game",
        "lang": "en",
        "url": "https://help.example/en/refunds/refund-for-a-game/",
        "title": "Get a refund for a game",
        "version": 3,
        "updated": "2026-10-03",
        "reviewed": "2026-10-01",
        "due": "2027-04-01",
        "confidence": "validated",
    }


def test_language_models_get_titles_and_summaries(tmp_path: Path) -> None:
    text = made(tmp_path)["llms.txt"].decode()
    assert text.startswith("# Help\n\n## Refunds\n\n- [Get a refund for a game](https://help.example/en/")
    assert "## Reembolsos (es)" in text


def test_old_addresses_lead_on_in_the_words_of_static_hosts_and_of_nginx(tmp_path: Path) -> None:
    files = made(tmp_path)
    new = "/en/refunds/refund-for-a-game/"
    assert files["_redirects"].decode().splitlines()[1:] == [
        f"/old/ab/ {new} 301",
        f"/old/refunds.html {new} 301",
    ]
    assert f'"/old/ab/" "{new}";' in files["redirects.nginx.map"].decode().splitlines()


def test_an_article_describes_itself_to_search_engines(tmp_path: Path) -> None:
    pages = site(tmp_path)
    (one, *_) = pages.base.published
    data = json.loads(structured_data(pages.article(one), site_name="Help", root="https://help.example"))
    assert data["@context"] == "https://schema.org"
    assert [entity["@type"] for entity in data["@graph"]] == list(ENTITIES)
    for entity in data["@graph"]:
        jsonschema.validate(entity, ENTITIES[entity["@type"]])
