"""Every rule over a whole knowledge base, and what it means for each article."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from generator.articles.article import Article
from generator.articles.knowledge_base import KnowledgeBase
from generator.cache.memory import Recall, digest, work_anew
from generator.findings import Finding
from generator.freshness.score import Evidence, Freshness, freshness
from generator.rules import bodies, metadata, reviews
from generator.rules.duplicates import between_articles
from generator.rules.rule import Problem, Rule, Subject

RULES: Final[tuple[Rule, ...]] = (*metadata.RULES, *reviews.RULES, *bodies.RULES)
_OF_TIME: Final = frozenset(rule.id for rule in RULES if rule.speaks_of_time)
_RULES_ALONE: Final = tuple(rule for rule in RULES if rule.alone)
_NOTHING: Final = Evidence()
_EMPTY: Final = KnowledgeBase(folder=Path())


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedArticle:
    """An article and how fresh it is."""

    article: Article
    path: str
    freshness: Freshness

    @property
    def is_stale(self) -> bool:
        return self.freshness.is_stale

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it is stale; empty where it is not."""
        return tuple(part.reason for part in self.freshness.parts) if self.is_stale else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """All findings of a knowledge base by file and line, and its articles by what to do first."""

    findings: tuple[Finding, ...]
    articles: tuple[AuditedArticle, ...]

    @property
    def written(self) -> tuple[Finding, ...]:
        """What was written wrong; what only time did is left out."""
        return tuple(finding for finding in self.findings if finding.rule not in _OF_TIME)

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.is_error)

    @property
    def stale(self) -> tuple[AuditedArticle, ...]:
        return tuple(article for article in self.articles if article.is_stale)

    @property
    def stale_paths(self) -> tuple[str, ...]:
        """The files of the stale articles, relative to the knowledge base, in their order."""
        return tuple(sorted(one.article.path for one in self.stale))

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
    rules = tuple(rule for rule in RULES if not rule.speaks_of_time)
    return tuple(sorted(_findings(base, today, rules, work_anew, {}, b"")))


def audit(
    base: KnowledgeBase,
    *,
    today: date,
    recall: Recall = work_anew,
    stamps: Mapping[str, bytes] | None = None,
    around: bytes = b"",
    evidence: Mapping[str, Evidence] | None = None,
) -> AuditReport:
    """Find everything that is wrong today, and say of each article how fresh it is and why.

    `evidence` is what generator/freshness/evidence.py gathered, by path; dead links are counted here.

    With `recall`, with `stamps`, digests of the articles' files by their paths, and with `around`, a digest
    of the faces of all articles and of what lies beside them, it remembers what it found.
    """
    findings = tuple(sorted(_findings(base, today, RULES, recall, stamps or {}, around)))
    dead = Counter(finding.path for finding in findings if finding.rule == "link")
    audited = []
    for article in base.articles:
        path = base.spoken_path(article.path)
        known = replace((evidence or {}).get(article.path, _NOTHING), dead_links=dead[path])
        audited.append(AuditedArticle(article=article, path=path, freshness=freshness(article, today, known)))
    audited.sort(key=lambda one: (-one.freshness.priority, one.article.review_due, one.path))
    return AuditReport(findings=findings, articles=tuple(audited))


def _findings(
    base: KnowledgeBase,
    today: date,
    rules: tuple[Rule, ...],
    recall: Recall,
    stamps: Mapping[str, bytes],
    around: bytes,
) -> Iterator[Finding]:
    yield from base.findings
    seeing = tuple(rule for rule in rules if rule.sees_faces)
    others = tuple(rule for rule in rules if not rule.alone and not rule.sees_faces)
    around = digest(around, today.isoformat().encode())
    for article in base.articles:
        path = article.path
        stamp, spoken = stamps.get(path, b""), base.spoken_path(path)
        subject = Subject(article=article, base=base, today=today)
        for id, found in recall(f"alone {path}", stamp, partial(_alone, article)):  # noqa: A001
            yield found.as_finding(id, spoken)
        for id, found in recall(f"beside {path}", stamp + around, partial(_tried, seeing, subject)):  # noqa: A001
            yield found.as_finding(id, spoken)
        for rule in others:
            yield from rule.findings(subject)
    yield from recall("between", around, lambda: tuple(between_articles(base)))


def _tried(rules: tuple[Rule, ...], subject: Subject) -> tuple[tuple[str, Problem], ...]:
    return tuple((rule.id, found) for rule in rules for found in rule.look(subject))


def _alone(article: Article) -> tuple[tuple[str, Problem], ...]:
    """Try the rules that look at nothing but an article; they are shown nothing else."""
    return _tried(_RULES_ALONE, Subject(article=article, base=_EMPTY, today=date.min))


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
        "score": audited.freshness.score,
        "parts": [asdict(part) for part in audited.freshness.parts],
        "reads": audited.freshness.reads,
        "owner": article.owner,
    }
