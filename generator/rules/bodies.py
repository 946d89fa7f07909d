"""The rules for what an article's text points at and carries into the page."""

import posixpath
from collections.abc import Iterator
from typing import Final

from generator.articles import Article
from generator.knowledge_base import KnowledgeBase
from generator.links import Target
from generator.rules.rule import Problem, Subject, by_trust, rule


@rule("link")
def _links_lead_somewhere(subject: Subject) -> Iterator[Problem]:
    article, base = subject.article, subject.base
    folder = posixpath.dirname(article.path)
    for target in article.targets:
        if target.is_local and (message := _dead_end(target, target.path_from(folder), article, base)):
            yield Problem(
                line=article.body_line + target.line - 1, message=message, severity=by_trust(article)
            )


def _dead_end(target: Target, path: str, article: Article, base: KnowledgeBase) -> str | None:
    shown = target.address if len(target.address) <= 80 else target.address[:79] + "…"
    if path.startswith(".."):
        return f'"{shown}" leads out of the knowledge base. Link to a file in it, or to a full address.'
    if path not in base.files:
        if f"{path.rstrip('/')}.md" in base.files:
            return (
                f'"{shown}" is no file. Write the name of the article\'s file: {posixpath.basename(path)}.md.'
            )
        return f'"{shown}" does not exist. Correct the link, or take it out.'
    other = base.by_path.get(path)
    if other is not None and article.is_published and not other.is_published:
        state = f"{other.audience}, {other.confidence}"
        return f'"{shown}" is not published ({state}). Take the link out, or publish the article.'
    return None


@rule("unsafe-html")
def _nothing_acts_in_the_page(subject: Subject) -> Iterator[Problem]:
    article = subject.article
    for danger in article.dangers:
        message = (
            f"There is {danger.what} in the text, which no page keeps. "
            "Take it out, or put it between ``` marks to show it as code."
        )
        yield Problem(line=article.body_line + danger.line - 1, message=message, severity=by_trust(article))


RULES: Final = (
    _links_lead_somewhere,
    _nothing_acts_in_the_page,
)
