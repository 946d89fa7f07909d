"""Turns the HTML of a mail into the text that a person reads in it, for mails that have no other part."""

import re

from lxml import etree, html

_UNSEEN = ("head", "script", "style", "title", "template", "blockquote")  # a blockquote holds what is quoted
_BLOCKS = ("p", "div", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "hr")


def text_of(source: str) -> str:
    """Give the text, a line for each block; empty where nothing can be read."""
    try:
        parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
        root = html.document_fromstring(source.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError):
        return ""
    etree.strip_elements(root, *_UNSEEN, with_tail=False)
    for element in root.iter("br"):
        element.tail = "\n" + _folded(element.tail)
    for element in root.iter(*_BLOCKS):
        element.text = "\n" + _folded(element.text)
        element.tail = "\n" + _folded(element.tail)
    lines = (_folded(line).strip() for line in "".join(map(str, root.itertext())).split("\n"))
    return re.sub(r"\n{2,}", "\n\n", "\n".join(lines)).strip()


def _folded(text: str | None) -> str:
    return re.sub(r"[ \t\r\f\v\xa0]+", " ", text or "")
