"""The rules for where an article lies and what its front matter names."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final

from generator.articles.sources import Sources
from generator.articles.writing import RESERVED
from generator.findings import Severity
from generator.rules.rule import Problem, Subject, by_trust, rule

TITLE_LENGTH: Final = 60
SUMMARY_LENGTH: Final = 160


@rule("file-name", alone=True)
def _file_is_named_after_the_id(subject: Subject) -> Iterator[Problem]:
    article = subject.article
    stem = PurePosixPath(article.path).stem
    if stem != article.id:
        message = f"'id' is \"{article.id}\", and the file is named {stem}.md. Give both the same name."
        yield Problem(line=article.line_of("id"), message=message)


@rule("reserved", alone=True)
def _id_is_not_reserved(subject: Subject) -> Iterator[Problem]:
    article = subject.article
    if article.id in RESERVED:
        message = f"'id' is \"{article.id}\", which names the page of a folder. Choose another one."
        yield Problem(line=article.line_of("id"), message=message)


@rule("folder", alone=True)
def _folder_is_the_category(subject: Subject) -> Iterator[Problem]:
    article = subject.article
    folder = PurePosixPath(article.path).parent.name
    if folder != article.category:
        message = (
            f"'category' is \"{article.category}\", and the file lies in {folder}/. "
            "Move the file, or correct the key."
        )
        yield Problem(line=article.line_of("category"), message=message)


@rule("category", sees_faces=True)
def _category_is_known(subject: Subject) -> Iterator[Problem]:
    article, base = subject.article, subject.base
    if article.category not in base.categories:
        known = ", ".join(base.categories) or "none"
        message = (
            f"'category' is \"{article.category}\", which categories.yml does not name. It names: {known}."
        )
        yield Problem(line=article.line_of("category"), message=message)


@rule("related", sees_faces=True)
def _related_articles_are_there(subject: Subject) -> Iterator[Problem]:
    article, base = subject.article, subject.base
    for place, key in enumerate(article.related):
        other = base.by_id.get((article.lang, key)) or base.by_id.get((base.default_language, key))
        if other is None or key == article.id:
            message = f"'related' names \"{key}\", which is no other article. Write the id of one."
            yield Problem(line=article.line_of("related", place), message=message)


@rule("person", sees_faces=True)
def _people_are_known(subject: Subject) -> Iterator[Problem]:
    article, base = subject.article, subject.base
    if "people.yml" not in base.files:
        return
    for key, name in (("owner", article.owner), ("reviewed_by", article.reviewed_by)):
        if name is not None and name not in base.people:
            message = f"'{key}' is \"{name}\", whom people.yml does not name. Add them there, or correct it."
            yield Problem(line=article.line_of(key), message=message)
    reviewer = base.people.get(article.reviewed_by or "")
    if reviewer is not None and reviewer.is_team:
        message = f"'reviewed_by' is the team \"{reviewer.key}\". Name the person who checked the article."
        yield Problem(line=article.line_of("reviewed_by"), message=message)


@rule("length", alone=True)
def _title_and_summary_fit(subject: Subject) -> Iterator[Problem]:
    article = subject.article
    for key, text, limit in (
        ("title", article.title, TITLE_LENGTH),
        ("summary", article.summary, SUMMARY_LENGTH),
    ):
        if len(text) > limit:
            message = f"'{key}' has {len(text)} characters and is cut off in lists. Say it in {limit}."
            yield Problem(line=article.line_of(key), message=message, severity=Severity.WARNING)


@rule("source")
def _sources_are_there(subject: Subject) -> Iterator[Problem]:
    """Find sources that point into the repository at nothing; names of documents elsewhere are free."""
    article = subject.article
    if not any("/" in source for source in article.sources):
        return  # no path, and finding out where paths begin takes longer than all else here
    sources = Sources.beside(subject.base.folder)
    for number, source in enumerate(article.sources):
        if sources.is_missing(source):
            message = f'"{source}" is no file of this repository. Correct the path, or take it out.'
            line = article.line_of("sources", number)
            yield Problem(line=line, message=message, severity=by_trust(article))


RULES: Final = (
    _file_is_named_after_the_id,
    _id_is_not_reserved,
    _folder_is_the_category,
    _category_is_known,
    _related_articles_are_there,
    _people_are_known,
    _title_and_summary_fit,
    _sources_are_there,
)
