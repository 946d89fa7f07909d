"""The text of an earlier version as HTML, with links to what is there today."""

import posixpath
from collections.abc import Callable
from typing import Final, cast
from urllib.parse import quote, unquote

from lxml import html

from generator.articles.knowledge_base import KnowledgeBase
from generator.articles.links import targets
from generator.history.past import Wording
from generator.site.sanitising import sanitised, without_title

_PICTURES: Final = (".avif", ".gif", ".jpeg", ".jpg", ".png", ".svg", ".webp")


def places(base: KnowledgeBase, wording: Wording) -> tuple[tuple[str, str], ...]:
    """Say where the links of an old text lead today: as written → an address from the root, or ""."""
    found = {target.address: target for target in targets(wording.body) if target.is_local}
    folder = posixpath.dirname(wording.path)
    return tuple(
        (written, _today(base, target.path_from(folder), unquote(written.partition("#")[2])))
        for written, target in found.items()
    )


def earlier_html(
    body: str,
    places: tuple[tuple[str, str], ...],
    *,
    to_html: Callable[[str], str],
    at: Callable[[str], str],
) -> str:
    """Render an old text: dead links become plain words, lost pictures their description."""
    known = dict(places)
    markup = without_title(sanitised(to_html(body)))[0]
    tree = html.fromstring(f"<div>{markup}</div>")
    linked = cast("list[html.HtmlElement]", tree.xpath(".//a[@href] | .//*[@src]"))
    for element in linked:
        name = "href" if element.tag == "a" else "src"
        address = known.get(element.get(name), element.get(name))
        if address == "":
            _drop(element)
        elif element.get(name) in known:
            element.set(name, at(address))
    page = str(html.tostring(tree, encoding="unicode"))
    return page.removeprefix("<div>").removesuffix("</div>")


def _drop(element: html.HtmlElement) -> None:
    if element.tag == "a":
        element.drop_tag()
        return
    element.tail = (element.get("alt") or "") + (element.tail or "")
    element.drop_tree()


def _today(base: KnowledgeBase, path: str, anchor: str) -> str:
    if path in base.files and path.lower().endswith(_PICTURES):
        return f"/{quote(path)}"
    lang, _, rest = path.partition("/")
    article = base.by_path.get(path) or base.by_id.get((lang, posixpath.basename(rest).removesuffix(".md")))
    if article is None or not article.is_published:
        return ""
    return f"{article.address}#{anchor}" if anchor in article.anchors else article.address
