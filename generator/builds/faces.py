"""What of an article can be seen elsewhere than on its own page, and what a site is laid out from.

Most edits change the text of an article and nothing that anything else shows. They are told from the others
by faces: as long as all of these are as they were, every other page is.
"""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from generator.articles.article import Article
from generator.articles.knowledge_base import KnowledgeBase
from generator.cache.fingerprints import fingerprint
from generator.cache.memory import digest
from generator.history.past import Past
from generator.site.layout import Site
from generator.site.related import headings, linked

_TEXT: Final = "body"
_TOLD_BY_FACES: Final = frozenset({"articles", "findings"})
_TOLD_OTHERWISE: Final = frozenset({"base", "past", "recall", "stamps"})


def face_of(article: Article) -> bytes:
    """Make a digest of what other pages may show of an article, and what rules may see of it from others.

    That is its front matter with the lines on which it stands, how long reading takes, the headings and the
    links, which make others related to it, and the places in its page that links may lead to.
    """
    front = {name: getattr(article, name) for name in Article.model_fields if name != _TEXT}
    told = (headings(article), sorted(linked(article)), sorted(article.anchors))
    return fingerprint((front, article.reading_minutes, *told), {})


def beside(base: KnowledgeBase, faces: Mapping[str, bytes]) -> bytes:
    """Make a digest of a knowledge base, but for the texts of its articles."""
    registers = {
        one.name: _plain(getattr(base, one.name)) for one in fields(base) if one.name not in _TOLD_BY_FACES
    }
    return digest(fingerprint(registers, {}), *(faces[article.path] for article in base.articles))


def around(site: Site, beside: bytes) -> bytes:
    """Make a digest of all that a site is laid out from, but for the texts of its articles."""
    options = {one.name: getattr(site, one.name) for one in fields(site) if one.name not in _TOLD_OTHERWISE}
    return digest(fingerprint((options, _without_texts(site.past)), {}), beside)


def _without_texts(past: Past) -> Any:
    """Take of the past what others than its own pages show."""
    return {
        path: [
            (one.number, one.on, one.by, one.significance, one.note, one.wording is not None)
            for one in versions
        ]
        for path, versions in past.items()
    }


def _plain(value: Any) -> Any:
    match value:
        case Path():
            return str(value)
        case frozenset():
            return sorted(value)
        case _:
            return value
