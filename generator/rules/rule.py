"""What a rule is: a small function that looks at one article and yields what is wrong with it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from generator.articles.article import Article, Confidence
from generator.articles.knowledge_base import KnowledgeBase
from generator.findings import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """An article under a rule, in its knowledge base, on a day."""

    article: Article
    base: KnowledgeBase
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What a rule found: the line, what is wrong and what to do, and whether it stops the build."""

    line: int
    message: str
    severity: Severity = Severity.ERROR

    def as_finding(self, rule: str, path: str) -> Finding:
        return Finding(path=path, line=self.line, rule=rule, severity=self.severity, message=self.message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule with its id.

    Where `speaks_of_time`, it is broken by days that pass, not by what was written. Where `alone`, it looks
    at the article only: it is shown an empty base and no day, and builds remember what it found. Where
    `sees_faces`, it looks at nothing else but the day, the registers, which files there are, and of other
    articles what builds/faces.py names; builds remember what it found as long as these are as they were.
    """

    id: str
    look: Callable[[Subject], Iterator[Problem]]
    speaks_of_time: bool = False
    alone: bool = False
    sees_faces: bool = False

    def findings(self, subject: Subject) -> Iterator[Finding]:
        for found in self.look(subject):
            yield found.as_finding(self.id, subject.base.spoken_path(subject.article.path))


def rule(
    id: str,  # noqa: A002 - the word for it
    *,
    speaks_of_time: bool = False,
    alone: bool = False,
    sees_faces: bool = False,
) -> Callable[[Callable[[Subject], Iterator[Problem]]], Rule]:
    """Make a rule of a function."""

    def make(look: Callable[[Subject], Iterator[Problem]]) -> Rule:
        return Rule(id=id, look=look, speaks_of_time=speaks_of_time, alone=alone, sees_faces=sees_faces)

    return make


def by_trust(article: Article) -> Severity:
    """Weigh a fault in what an article says: an error where somebody vouched for it, else a warning."""
    return Severity.ERROR if article.confidence is Confidence.VALIDATED else Severity.WARNING
