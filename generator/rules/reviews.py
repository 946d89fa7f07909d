"""The rules for versions, reviews and translations: what an article's dates may claim."""

from collections.abc import Iterator
from typing import Final

from generator.articles.article import Article, Confidence
from generator.articles.knowledge_base import KnowledgeBase
from generator.findings import Severity
from generator.freshness.score import stale_reasons
from generator.rules.rule import Problem, Subject, by_trust, rule


@rule("review", alone=True)
def _a_review_is_whole(subject: Subject) -> Iterator[Problem]:
    article = subject.article
    if (article.reviewed_on is None) != (article.reviewed_by is None):
        there, missing = (
            ("reviewed_on", "reviewed_by") if article.reviewed_on else ("reviewed_by", "reviewed_on")
        )
        message = f"'{there}' stands without '{missing}'. A review has a day and a person: add the other key."
        yield Problem(line=article.line_of(there), message=message)
    elif article.confidence is Confidence.VALIDATED and article.review is None:
        message = (
            "A validated article needs a review. Add reviewed_on and reviewed_by, or write not_validated."
        )
        yield Problem(line=article.line_of("confidence"), message=message)


@rule("review-outdated", alone=True)
def _a_review_is_newer_than_the_text(subject: Subject) -> Iterator[Problem]:
    article = subject.article
    unseen, review = article.unseen_change, article.review
    if unseen is not None and review is not None and article.confidence is Confidence.VALIDATED:
        message = (
            f"Version {unseen.version} of {unseen.date} came after the review of {review.on}. "
            "Have the article reviewed again, or set confidence to not_validated."
        )
        yield Problem(line=article.line_of("reviewed_on"), message=message)


@rule("four-eyes", sees_faces=True)
def _the_reviewer_is_not_the_author(subject: Subject) -> Iterator[Problem]:
    """Ask for four eyes: an error where the site's policy demands them, else a warning.

    A typo is no reason for a review, and so its author may be the reviewer; `kb review` notes one as well.
    """
    article, is_demanded = subject.article, subject.base.four_eyes
    newest = article.last_real_change
    if article.reviewed_by is not None and newest is not None and article.reviewed_by == newest.by:
        message = (
            f"{article.reviewed_by} wrote version {newest.version} and reviewed it. "
            "Ask somebody else to review."
        )
        severity = Severity.ERROR if is_demanded else Severity.WARNING
        yield Problem(line=article.line_of("reviewed_by"), message=message, severity=severity)


@rule("changes", alone=True)
def _changes_are_in_order(subject: Subject) -> Iterator[Problem]:
    article = subject.article
    seen = {article.changes[0].version: 0}
    for number, change in enumerate(article.changes[1:], start=1):
        line = article.line_of("changes", number)
        if change.version in seen:
            yield Problem(line=line, message=f"Version {change.version} has two entries. Keep one of them.")
        elif change.version > article.changes[number - 1].version:
            message = f"Version {change.version} stands below an older one. Put the newest version first."
            yield Problem(line=line, message=message)
        elif change.date > article.changes[number - 1].date:
            message = f"Version {change.version} is dated after the next one. Correct one of the two dates."
            yield Problem(line=line, message=message)
        seen.setdefault(change.version, number)
    if article.last_change.version != article.version:
        message = (
            f"'version' is {article.version}, and the newest entry of 'changes' is for version "
            f"{article.last_change.version}. Add the missing entry, or correct the number."
        )
        yield Problem(line=article.line_of("version"), message=message)


@rule("future-date", sees_faces=True)
def _no_date_lies_ahead(subject: Subject) -> Iterator[Problem]:
    article, today = subject.article, subject.today
    if article.reviewed_on is not None and article.reviewed_on > today:
        message = (
            f"'reviewed_on' is {article.reviewed_on}, and today is {today}. Write the day of the review."
        )
        yield Problem(line=article.line_of("reviewed_on"), message=message)
    for number, change in enumerate(article.changes):
        if change.date > today:
            message = f"Version {change.version} is of {change.date}, and today is {today}. Correct the date."
            yield Problem(line=article.line_of("changes", number, "date"), message=message)


@rule("translation", sees_faces=True)
def _a_translation_follows_its_original(subject: Subject) -> Iterator[Problem]:
    article, base = subject.article, subject.base
    of, original = article.translation_of_version, base.original(article)
    line = article.line_of("translation_of_version")
    if article.lang == base.default_language:
        if of is not None:
            yield Problem(
                line=line, message="Only a translation has 'translation_of_version'. Take the key out."
            )
    elif original is None:
        if of is not None and not _is_somewhere(base, article):
            message = f'There is no {base.default_language} article "{article.id}". Give both the same id.'
            yield Problem(line=line, message=message)
    elif of is None:
        message = f"It does not say what it translates. Add e.g. translation_of_version: {original.version}."
        yield Problem(line=line, message=message, severity=by_trust(article))
    elif of > original.version:
        message = (
            f"'translation_of_version' is {of}, and the original has version {original.version}. Correct it."
        )
        yield Problem(line=line, message=message)
    else:
        yield from _behind(article, original, of)


def _behind(article: Article, original: Article, of: int) -> Iterator[Problem]:
    """Say what a translation has missed; an archived one may miss everything."""
    line = article.line_of("translation_of_version")
    if article.confidence is Confidence.ARCHIVED:
        return
    if original.confidence is Confidence.ARCHIVED and article.is_published:
        message = "The original is archived. Archive the translation too, or give it an id of its own."
        yield Problem(line=article.line_of("confidence"), message=message, severity=Severity.WARNING)
    elif newer := original.real_changes_since(of):
        message = (
            f"The original is at version {original.version}; {newer[0].version} brought: {newer[0].note}. "
            f"Translate what is new, then set translation_of_version to {original.version}."
        )
        yield Problem(line=line, message=message, severity=Severity.WARNING)


def _is_somewhere(base: KnowledgeBase, article: Article) -> bool:
    """Whether the original has a file, even one that could not be read: that file has findings of its own."""
    name = f"/{article.id}.md"
    return any(path.startswith(f"{base.default_language}/") and path.endswith(name) for path in base.files)


@rule("review-overdue", speaks_of_time=True, sees_faces=True)
def _a_review_is_not_overdue(subject: Subject) -> Iterator[Problem]:
    article, today = subject.article, subject.today
    for reason in stale_reasons(article, today):
        message = f"{reason} Check it against reality, then set reviewed_on and reviewed_by."
        yield Problem(line=article.line_of("reviewed_on"), message=message, severity=Severity.WARNING)


RULES: Final = (
    _a_review_is_whole,
    _a_review_is_newer_than_the_text,
    _the_reviewer_is_not_the_author,
    _changes_are_in_order,
    _no_date_lies_ahead,
    _a_translation_follows_its_original,
    _a_review_is_not_overdue,
)
