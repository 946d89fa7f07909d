"""What the site says to programs: sitemap, feed, lists of articles, synonyms, where old addresses lead."""

import gzip
import json
from collections.abc import Iterator, Mapping
from typing import Final, cast
from urllib.parse import quote

from lxml import etree

from generator.articles.article import Article, Change, Significance
from generator.site.layout import Site
from generator.site.pages import HistoryPage, Page, VersionPage
from generator.site.search_index import FOLDER
from generator.site.words import words

MOST_ENTRIES: Final = 100
FEEDS: Final[Mapping[str, tuple[Significance, ...]]] = {
    "changes.xml": (Significance.MINOR, Significance.MAJOR),
    "changes-major.xml": (Significance.MAJOR,),
}
"""The Atom feeds and what each tells of; typos are told nowhere."""
_ATOM: Final = "http://www.w3.org/2005/Atom"
_SITEMAP: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
_XHTML: Final = "http://www.w3.org/1999/xhtml"


def machine_files(site: Site, *, name: str, root: str) -> dict[str, bytes]:
    """Write the files that tell of all articles, by their names below the site's root.

    `name` is the site's, `root` its address without the last slash; where that is not known, the files that
    need whole addresses (sitemap, feeds) name none.
    """
    plain = sitemap(site, root)
    return {
        "sitemap.xml": plain,
        "sitemap.xml.gz": gzip.compress(plain, mtime=0),
        **{file: feed(site, file, name=name, root=root) for file in FEEDS},
        "articles.json": article_list(site, root),
        "llms.txt": llms_txt(site, name=name, root=root),
        "_redirects": "".join(f"{old} {new} 301\n" for old, new in _moved(site)).encode(),
        "redirects.nginx.map": "".join(f'"{old}" "{new}";\n' for old, new in _moved(site)).encode(),
        **dict(synonym_files(site)),
    }


def synonym_files(site: Site) -> Iterator[tuple[str, bytes]]:
    """List the groups of synonyms.yml for the site's own search: phrases as words, a file a language."""
    for lang in {article.lang: None for article in site.base.published}:
        groups = site.base.synonyms.get(lang, ())
        apart = [[words(phrase) for phrase in group] for group in groups]
        listed = json.dumps(apart, ensure_ascii=False, separators=(",", ":"))
        yield f"{FOLDER}/{lang}/synonyms.json", listed.encode()


def sitemap(site: Site, root: str) -> bytes:
    """List the pages that search engines may show, with their translations (sitemaps.org 0.9, hreflang).

    The past of an article is left out: its pages ask not to be indexed.
    """
    urls = etree.Element(f"{{{_SITEMAP}}}urlset", nsmap=_names(_SITEMAP, xhtml=_XHTML))
    for page in _pages(site) if root else ():
        url = etree.SubElement(urls, f"{{{_SITEMAP}}}url")
        etree.SubElement(url, f"{{{_SITEMAP}}}loc").text = root + quote(page.address, safe="/~@!$&'()*+,;=:%")
        etree.SubElement(url, f"{{{_SITEMAP}}}lastmod").text = page.updated_on.isoformat()
        same = [other for other in page.alternates if other.is_same_page]
        for other in same if len(same) > 1 else ():
            link = {"rel": "alternate", "hreflang": other.lang, "href": root + other.address}
            etree.SubElement(url, f"{{{_XHTML}}}link", link)
    return _xml(urls)


def feed(site: Site, file: str, *, name: str, root: str) -> bytes:
    """Tell the newest changes as Atom (RFC 4287), each under its significance as category."""
    told = [
        (change, article)
        for article in site.base.published
        for change in article.changes
        if change.significance in FEEDS[file]
    ]
    told.sort(key=lambda one: (one[0].date, one[1].path, one[0].version), reverse=True)
    newest = max((change.date for change, _ in told), default=site.today)
    made = etree.Element(f"{{{_ATOM}}}feed", nsmap=_names(_ATOM))
    _add(made, "id", f"{root}/{file}")
    _add(made, "title", name)
    _add(made, "updated", f"{newest.isoformat()}T00:00:00Z")
    _add(made, "link", rel="self", href=f"{root}/{file}")
    _add(made, "link", rel="alternate", href=f"{root}/")
    for change, article in told[:MOST_ENTRIES]:
        made.append(_entry(site, change, article, root))
    return _xml(made)


def article_list(site: Site, root: str) -> bytes:
    """Say of each published article which version stands there, when it was reviewed and when that is due."""
    rows = [
        {
            "id": article.id,
            "lang": article.lang,
            "url": root + article.address,
            "title": article.title,
            "version": article.version,
            "updated": article.last_change.date.isoformat(),
            "reviewed": article.reviewed_on.isoformat() if article.reviewed_on else None,
            "due": article.review_due.isoformat(),
            "confidence": article.confidence.value,
        }
        for article in site.base.published
    ]
    return (json.dumps({"articles": rows}, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def llms_txt(site: Site, *, name: str, root: str) -> bytes:
    """List the articles for language models (llmstxt.org): a title, then links with summaries by category."""
    lines = [f"# {name}", ""]
    for lang in site.languages:
        for card in site.cards(lang):
            heading = card.title if lang == site.languages[0] else f"{card.title} ({lang})"
            lines += [f"## {heading}", ""]
            for article in site.shelves[lang, card.key]:
                title = article.title.replace("[", "(").replace("]", ")")
                lines.append(f"- [{title}]({root}{article.address}): {article.summary}")
            lines.append("")
    return "\n".join(lines).encode()


def _pages(site: Site) -> Iterator[Page]:
    yield from (page for page in site.generated() if not isinstance(page, HistoryPage | VersionPage))
    yield from (site.article(article) for article in site.base.published)


def _moved(site: Site) -> Iterator[tuple[str, str]]:
    """Name each old address and its new one; quoting makes them safe in either file."""
    for redirect in site.redirects():
        yield f"/{quote(redirect.path.removesuffix('index.html'))}", quote(redirect.target)


def _entry(site: Site, change: Change, article: Article, root: str) -> etree._Element:
    entry = etree.Element(f"{{{_ATOM}}}entry")
    person = site.base.people.get(change.by)
    _add(entry, "id", f"{root}{article.address}#v{change.version}")
    _add(entry, "title", article.title)
    _add(entry, "updated", f"{change.date.isoformat()}T00:00:00Z")
    _add(entry, "link", rel="alternate", href=root + article.address, hreflang=article.lang)
    _add(entry, "category", term=change.significance.value)
    _add(_add(entry, "author"), "name", person.name if person else change.by)
    _add(entry, "summary", change.note)
    return entry


def _add(parent: etree._Element, tag: str, text: str | None = None, **attributes: str) -> etree._Element:
    child = etree.SubElement(parent, f"{{{_ATOM}}}{tag}", attributes)
    child.text = text
    return child


def _names(plain: str, **others: str) -> dict[str, str]:
    """Name the namespaces of a document, the plain one without a prefix."""
    return cast("dict[str, str]", {None: plain, **others})


def _xml(tree: etree._Element) -> bytes:
    return bytes(etree.tostring(tree, xml_declaration=True, encoding="utf-8", pretty_print=True))
