"""The rules for what an article's text points at and carries into the page."""

import posixpath
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

from generator.articles.article import Article
from generator.articles.drafts import DRAFT_BODY, DRAFT_SUMMARY
from generator.articles.knowledge_base import KnowledgeBase
from generator.articles.links import Target, without_code
from generator.findings import Severity
from generator.rules.rule import Problem, Subject, by_trust, rule

_UNFINISHED: Final = re.compile(r"\b(?:TODO|TBD|FIXME|XXX)\b|\blorem ipsum\b|(?i:\bcoming soon\b)")
_DRAFTED: Final = frozenset(
    line.strip() for line in DRAFT_BODY.splitlines() if line.strip() and not line.startswith("#")
)


@rule("link", sees_faces=True)
def _links_lead_somewhere(subject: Subject) -> Iterator[Problem]:
    article, base = subject.article, subject.base
    folder = posixpath.dirname(article.path)
    for target in article.targets:
        message = None
        if target.is_local:
            path = target.path_from(folder)
            message = _dead_end(target, path, article, base) or _no_anchor(target, base.by_path.get(path))
        elif target.address.startswith("#"):
            message = _no_anchor(target, article)
        if message:
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


def _no_anchor(target: Target, article: Article | None) -> str | None:
    """Say that no heading has the id behind the #; what is no article has ids that nobody checks."""
    anchor = unquote(target.address.partition("#")[2])
    if article is None or not anchor or anchor in article.anchors:
        return None
    from rapidfuzz import fuzz, process  # takes long to load, and is seldom needed

    nearest = process.extractOne(anchor, sorted(article.anchors), scorer=fuzz.ratio, score_cutoff=60)
    advice = f"Did you mean #{nearest[0]}?" if nearest else "Correct it, or take out what follows the #."
    return f'"{target.address}" leads to a heading that {article.id}.md does not have. {advice}'


@rule("draft-text", alone=True)
def _nothing_is_left_of_the_draft(subject: Subject) -> Iterator[Problem]:
    """Find what `kb new` wrote for the writer to replace, and notes to oneself, once readers can see them.

    A note may stand in what was imported; nobody ever means to publish the words of `kb new`.
    """
    article = subject.article
    if not article.is_published:
        return
    if article.summary == DRAFT_SUMMARY:
        message = f"'summary' is still \"{article.summary}\" Write the article's own."
        yield Problem(line=article.line_of("summary"), message=message)
    for number, line in enumerate(without_code(article.body).split("\n")):
        drafted = line.strip() in _DRAFTED
        note = _UNFINISHED.search(line)
        if drafted or note:
            found = line.strip() if drafted else note[0] if note else ""
            message = f'"{found}" is a note to the writer, and readers see it. Write what is missing.'
            severity = Severity.ERROR if drafted else by_trust(article)
            yield Problem(line=article.body_line + number, message=message, severity=severity)


@rule("unsafe-html", alone=True)
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
    _nothing_is_left_of_the_draft,
    _nothing_acts_in_the_page,
)
