"""Every rule over a whole knowledge base, and what it means for each article."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from generator.articles import Article
from generator.findings import Finding
from generator.freshness import stale_reasons
from generator.knowledge_base import KnowledgeBase
from generator.rules import bodies, metadata, reviews
from generator.rules.duplicates import between_articles
from generator.rules.rule import Rule, Subject

RULES: Final[tuple[Rule, ...]] = (*metadata.RULES, *reviews.RULES, *bodies.RULES)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedArticle:
    """An article and why it is stale; `reasons` is empty where it is not."""

    article: Article
    path: str
    reasons: tuple[str, ...]

    @property
    def is_stale(self) -> bool:
        return bool(self.reasons)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """All findings of a knowledge base by file and line, and its articles by what to do first."""

    findings: tuple[Finding, ...]
    articles: tuple[AuditedArticle, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.is_error)

    @property
    def stale(self) -> tuple[AuditedArticle, ...]:
        return tuple(article for article in self.articles if article.is_stale)

    def as_json(self, generated_at: datetime) -> dict[str, Any]:
        """Write the report down as audit.json has it."""
        return {
            "generated_at": generated_at.isoformat(timespec="seconds"),
            "findings": [finding_as_json(finding) for finding in self.findings],
            "articles": [article_as_json(audited) for audited in self.articles],
        }


def finding_as_json(finding: Finding) -> dict[str, Any]:
    """Write a finding down with the keys of the outside contract."""
    return {
        "path": finding.path,
        "line": finding.line,
        "rule": finding.rule,
        "severity": finding.severity.value,
        "message": finding.message,
    }


def check(base: KnowledgeBase, *, today: date) -> tuple[Finding, ...]:
    """Find everything that was written wrong; what only time did is the audit's business."""
    return tuple(sorted(_findings(base, today, tuple(rule for rule in RULES if not rule.speaks_of_time))))


def audit(base: KnowledgeBase, *, today: date) -> AuditReport:
    """Find everything that is wrong today, and say of each article whether it is stale and why."""
    audited = [
        AuditedArticle(article=one, path=base.spoken_path(one.path), reasons=stale_reasons(one, today))
        for one in base.articles
    ]
    audited.sort(key=lambda one: (not one.is_stale, one.article.review_due, one.path))
    return AuditReport(findings=tuple(sorted(_findings(base, today, RULES))), articles=tuple(audited))


def _findings(base: KnowledgeBase, today: date, rules: tuple[Rule, ...]) -> Iterator[Finding]:
    yield from base.findings
    for article in base.articles:
        subject = Subject(article=article, base=base, today=today)
        for rule in rules:
            yield from rule.findings(subject)
    yield from between_articles(base)


def article_as_json(audited: AuditedArticle) -> dict[str, Any]:
    """Write down what is to be known of an article without opening it."""
    article = audited.article
    return {
        "id": article.id,
        "lang": article.lang,
        "path": audited.path,
        "version": article.version,
        "review_due": article.review_due.isoformat(),
        "stale": audited.is_stale,
        "reasons": list(audited.reasons),
        "owner": article.owner,
    }
