"""What a page is, said to search engines: schema.org as JSON-LD (https://schema.org, JSON-LD 1.1)."""

import json
from typing import Any

from generator.site.pages import ArticlePage, CategoryPage, Home, Link, Page
from generator.site.wording import Wording


def structured_data(page: Page, *, site_name: str, root: str, home: str = "/") -> str:
    """Describe a page as JSON that can stand inside a <script>; "" where there is nothing to say.

    `root` is the site's address without its last slash; where it is not known there is nothing to say either.
    `home` is where the home page of the page's language lies. What search engines ask for, and what
    schema.org lets properties hold, stands in tests/site/schemaorg.yml.
    """
    match page:
        case _ if not root:
            return ""
        case ArticlePage():
            graph = [_article(page, site_name, root), _text(page, site_name, root), _trail(page, root, home)]
        case CategoryPage():
            graph = [_collection(page, root), _trail(page, root, home)]
        case Home():
            graph = [_site(page, site_name, root)]
        case _:
            return ""
    text = json.dumps(
        {"@context": "https://schema.org", "@graph": graph}, ensure_ascii=False, separators=(",", ":")
    )
    # Inside <script> only "<" can end the element or open a comment (HTML, 13.2.5.4).
    return text.replace("<", "\\u003c")


def _article(page: ArticlePage, site_name: str, root: str) -> dict[str, Any]:
    """Describe an article, as an FAQPage where it says which questions it answers."""
    article, url = page.article, root + page.address
    data: dict[str, Any] = {
        "@type": "FAQPage" if article.questions else "WebPage",
        "@id": url,
        "url": url,
        "name": article.title,
        "description": article.summary,
        "inLanguage": article.lang,
        "dateModified": article.last_change.date.isoformat(),
        "version": article.version,
        "isPartOf": {"@type": "WebSite", "name": site_name, "url": f"{root}/"},
    }
    if article.review and not article.unseen_change:
        data["lastReviewed"] = article.review.on.isoformat()
        data["reviewedBy"] = {"@type": "Person", "name": page.reviewer}
    if article.questions:
        data["mainEntity"] = [
            {
                "@type": "Question",
                "name": question,
                "acceptedAnswer": {"@type": "Answer", "text": article.summary, "url": url},
            }
            for question in article.questions
        ]
    return data


def _text(page: ArticlePage, site_name: str, root: str) -> dict[str, Any]:
    """Describe the text itself: who wrote it, when it came and when it changed."""
    article, url = page.article, root + page.address
    first = min(article.changes, key=lambda change: change.version)
    return {
        "@type": "Article",
        "@id": f"{url}#article",
        "headline": article.title,
        "description": article.summary,
        "inLanguage": article.lang,
        "datePublished": first.date.isoformat(),
        "dateModified": article.last_change.date.isoformat(),
        "author": {"@type": "Organization", "name": site_name, "url": f"{root}/"},
        "mainEntityOfPage": url,
    }


def _collection(page: CategoryPage, root: str) -> dict[str, Any]:
    return {
        "@type": "CollectionPage",
        "@id": root + page.address,
        "url": root + page.address,
        "name": page.title,
        "description": page.description,
        "inLanguage": page.lang,
    }


def _site(page: Home, site_name: str, root: str) -> dict[str, Any]:
    return {"@type": "WebSite", "name": site_name, "url": root + page.address, "inLanguage": page.lang}


def _trail(page: Page, root: str, home: str) -> dict[str, Any]:
    """Say the trail as the page shows it, from the home page down to the page itself."""
    first = Link(title=str(Wording.of(page.lang)("trail.home")), address=home)
    steps = (first, *page.trail, Link(title=page.title, address=page.address))
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": step.title, "item": root + step.address}
            for place, step in enumerate(steps, start=1)
        ],
    }
