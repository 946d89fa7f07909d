"""What the contact form counted of each article, as `deflector report` writes it down (docs/measuring.md)."""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from generator.articles.article import Article
from generator.articles.knowledge_base import KnowledgeBase
from generator.freshness.score import Readers

Count = Annotated[int, Field(ge=0, strict=True)]


class SignalsUnusable(Exception):
    """The file cannot be used; the message is a sentence that says why."""


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    article: str
    lang: str
    version: Count
    opened: Count = 0
    opened_then_wrote: Count = 0
    helpful: Count = 0
    unhelpful: Count = 0
    views: Count | None = None


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    articles: tuple[_Row, ...]


Signals = Mapping[tuple[str, str], tuple[_Row, ...]]
"""The rows by language and id, one for each version."""


def read_signals(file: Path) -> Signals:
    """Read a file of signals; raise SignalsUnusable with a sentence where it is none."""
    try:
        rows = _File.model_validate_json(file.read_bytes()).articles
    except OSError as exc:
        raise SignalsUnusable(f"{file}: cannot be read ({(exc.strerror or str(exc)).lower()}).") from None
    except ValidationError as exc:
        error = exc.errors(include_url=False)[0]
        where = ".".join(str(part) for part in error["loc"]) or "the file"
        advice = "Write it with deflector report; docs/measuring.md describes it."
        raise SignalsUnusable(f"{file}: {where}: {error['msg']}. {advice}") from None
    found: dict[tuple[str, str], list[_Row]] = defaultdict(list)
    for row in rows:
        found[row.lang, row.article].append(row)
    return {key: tuple(rows) for key, rows in found.items()}


def readers_of(article: Article, signals: Signals) -> Readers:
    """Sum what is known of the present text: the versions since the newest change that was more than a typo.

    So a review without a change of the text does not clear a failing article, and mending it does.
    """
    newest = article.last_real_change
    first = newest.version if newest else 1
    rows = [row for row in signals.get((article.lang, article.id), ()) if row.version >= first]
    views = [row.views for row in rows if row.views is not None]
    return Readers(
        opened=sum(row.opened for row in rows),
        opened_then_wrote=sum(min(row.opened, row.opened_then_wrote) for row in rows),
        helpful=sum(row.helpful for row in rows),
        unhelpful=sum(row.unhelpful for row in rows),
        views=sum(views) if views else None,
    )


def unknown_articles(base: KnowledgeBase, signals: Signals) -> int:
    """Count the articles that signals speak of and that are not here any more."""
    return len(signals.keys() - base.by_id.keys())
