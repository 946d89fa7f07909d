"""Reply templates: what agents say often, in files that a support lead can write.

A file of `templates/replies` is Markdown with a short head: `title`, `lang`, `categories`, and the `article`
that it rests on. The text may fill in `{{ name }}`, `{{ number }}`, `{{ article.title }}`,
`{{ article.text }}` and `{{ article.url }}`, so that what agents write never drifts from the help centre.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import yaml
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment
from pydantic import ValidationError

from deflector.knowledge import KnowledgeFile, KnownArticle
from deflector.model import Ticket
from deflector.support.written import Language, Slug, Slugs, Strict

log = logging.getLogger(__name__)

MOST_OFFERED = 3
LARGEST_FILE = 64 * 1024
LONGEST_ARTICLE = 2_000  # characters of an article that a reply repeats; the link has the rest

_ENVIRONMENT = SandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


class WrongTemplate(ValueError):
    """A reply template cannot be used; the message says where, what, and what to do."""


class Head(Strict):
    """The head of a reply template."""

    title: str
    lang: Language
    categories: Slugs
    article: Slug | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One reply, filled in for a ticket: plain text that an agent reads before they send it."""

    title: str
    text: str


class Replies:
    """The reply templates in a folder, read once."""

    def __init__(self, folder: Path, *, knowledge: KnowledgeFile, home: str) -> None:
        self._knowledge = knowledge
        self._home = home.rstrip("/") + "/"
        self._templates: list[tuple[Head, str]] = []
        self.faults: list[str] = []
        for path in sorted(folder.glob("*.md")) if folder.is_dir() else ():
            try:
                self._templates.append(_read(path))
            except WrongTemplate as exc:
                self.faults.append(str(exc))

    def __len__(self) -> int:
        return len(self._templates)

    def offered(self, ticket: Ticket) -> Sequence[Reply]:
        """Fill in what fits the category and language of a ticket; what cannot be filled in is left out."""
        return list(self._filled(ticket))[:MOST_OFFERED]

    def _filled(self, ticket: Ticket) -> Iterator[Reply]:
        lang = ticket.requester.lang.lower()
        for head, text in self._templates:
            fits = f"{lang}-".startswith(f"{head.lang.lower()}-")
            if not fits or ticket.category not in head.categories:
                continue
            article = self._article(head)
            if head.article is not None and article is None:
                continue  # the article is gone, or not written in this language
            facts = {"name": ticket.requester.name, "number": ticket.number, "article": article}
            try:
                yield Reply(title=head.title, text=_ENVIRONMENT.from_string(text).render(facts).strip())
            except Exception as exc:  # a template of the desk's may fail in any way; the ticket must go out
                log.error("reply template not used title=%r fault=%s", head.title, type(exc).__name__)

    def _article(self, head: Head) -> dict[str, str] | None:
        knowledge = self._knowledge.current()
        article = knowledge.article(head.article, head.lang) if knowledge and head.article else None
        if article is None:
            return None
        return {
            "title": article.title,
            "text": _text(article),
            "url": urljoin(self._home, article.url),
        }


def _text(article: KnownArticle) -> str:
    parts = [f"{part.heading}\n{part.text}" if part.heading else part.text for part in article.sections]
    text = "\n\n".join(parts)
    return text if len(text) <= LONGEST_ARTICLE else text[:LONGEST_ARTICLE].rsplit(" ", 1)[0] + " ..."


def _read(path: Path) -> tuple[Head, str]:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
        text = content.decode("utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise WrongTemplate(f"{path} cannot be read: {exc}.") from None
    if len(content) > LARGEST_FILE:
        raise WrongTemplate(f"{path} is larger than {LARGEST_FILE // 1024} kB. Keep a reply short.")
    opening, first, rest = text.partition("---\n")
    head, second, body = rest.partition("\n---\n")
    if opening or not first or not second:
        raise WrongTemplate(f"{path}:1: there is no head. Begin with ---, title, lang, categories and ---.")
    try:
        checked = Head.model_validate(yaml.safe_load(head))
        _ENVIRONMENT.from_string(body)
    except ValidationError as exc:
        first_fault = exc.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first_fault["loc"]) or "the head"
        raise WrongTemplate(f"{path}: {where}: {first_fault['msg']}.") from None
    except (yaml.YAMLError, RecursionError) as exc:
        raise WrongTemplate(f"{path}: the head is not YAML ({type(exc).__name__}).") from None
    except TemplateError as exc:
        raise WrongTemplate(f"{path}: the text cannot be filled in: {exc}.") from None
    return checked, body
