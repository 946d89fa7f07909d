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
from generator.site.related import headings

_TEXT: Final = frozenset({"body", "body_line", "key_lines"})
"""What of an article no other page shows: the text, and where anything stands in the file."""
_TOLD_BY_FACES: Final = frozenset({"articles", "findings"})
_TOLD_OTHERWISE: Final = frozenset({"base", "past", "recall", "stamps"})


def face_of(article: Article) -> bytes:
    """Make a digest of what other pages may show of an article or be made of.

    That is its front matter, how long reading takes, and its headings, which make others related to it.
    """
    front = {name: getattr(article, name) for name in Article.model_fields if name not in _TEXT}
    return fingerprint((front, article.reading_minutes, headings(article)), {})


def around(site: Site, faces: Mapping[str, bytes]) -> bytes:
    """Make a digest of all that a site is laid out from, but for the texts of its articles."""
    options = {one.name: getattr(site, one.name) for one in fields(site) if one.name not in _TOLD_OTHERWISE}
    registers = {
        one.name: _plain(getattr(site.base, one.name))
        for one in fields(KnowledgeBase)
        if one.name not in _TOLD_BY_FACES
    }
    seen = fingerprint((options, registers, _without_texts(site.past)), {})
    return digest(seen, *(faces[article.path] for article in site.base.articles))


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
