"""How far an article may still be trusted, always with the reasons in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from math import log2
from typing import Final

from generator.articles.article import Article, Confidence
from generator.counting import counted

STALE_BELOW: Final = 60
"""An article with a lower score is stale, even where no review is overdue."""
OVERDUE: Final = 40
OVERDUE_BY_AN_INTERVAL: Final = 40
UNREVIEWED: Final = 15
UNSEEN_CHANGE: Final = 10
SOURCE: Final = 30
NEXT_SOURCE: Final = 10
SOURCES: Final = 50
RELEASE: Final = 20
DEAD_LINK: Final = 10
DEAD_LINKS: Final = 30
FAILS: Final = 75
UNHELPFUL: Final = 35
USUAL: Final = 0.2
"""The share of readers whom even a good article leaves without an answer."""
DOUBT: Final = 10
"""How many usual readers stand beside the real ones, so that two of three say little (additive smoothing)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readers:
    """What readers did with the present text of an article, counted by the contact form."""

    opened: int = 0
    opened_then_wrote: int = 0
    helpful: int = 0
    unhelpful: int = 0
    views: int | None = None

    @property
    def reads(self) -> int:
        return self.opened if self.views is None else self.views

    @property
    def failing(self) -> float:
        """The share of those who opened it and wrote all the same, smoothed."""
        return (self.opened_then_wrote + DOUBT * USUAL) / (self.opened + DOUBT)

    @property
    def disliked(self) -> float:
        """The share of votes that say "not helpful", smoothed."""
        return (self.unhelpful + DOUBT * USUAL) / (self.helpful + self.unhelpful + DOUBT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something outside of the article that changed: a source, or a product."""

    what: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known of an article besides its own file."""

    sources: tuple[Event, ...] = ()
    releases: tuple[Event, ...] = ()
    dead_links: int = 0
    readers: Readers = Readers()


class Why(StrEnum):
    """What costs an article points; others have words for each in their own language."""

    REVIEW_OVERDUE = "review_overdue"
    FIRST_REVIEW_OVERDUE = "first_review_overdue"
    UNREVIEWED = "unreviewed"
    CHANGE_UNREVIEWED = "change_unreviewed"
    SOURCES_CHANGED = "sources_changed"
    PRODUCT_RELEASED = "product_released"
    LINKS_DEAD = "links_dead"
    READERS_WROTE = "readers_wrote"
    VOTES_AGAINST = "votes_against"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What a score lost, and why: in a sentence, and in a form that others can say in their language.

    `facts` are what stands in it: texts, numbers, and days as YYYY-MM-DD.
    """

    points: int
    reason: str
    why: Why
    facts: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """A score from 0 to 100 and what it lost on the way; `reads` is how much the article is read."""

    parts: tuple[Part, ...] = ()
    reads: int = 0
    is_overdue: bool = False

    @property
    def score(self) -> int:
        return max(0, 100 - sum(part.points for part in self.parts))

    @property
    def is_stale(self) -> bool:
        return self.is_overdue or self.score < STALE_BELOW

    @property
    def priority(self) -> float:
        """What to do first: what is lost × how much it is read, where each doubling counts alike."""
        return (100 - self.score) * (1 + log2(1 + self.reads))


def freshness(article: Article, today: date, evidence: Evidence | None = None) -> Freshness:
    """Weigh an article; drafts and archived articles lose nothing, since no reader relies on them."""
    if article.confidence in (Confidence.WORK_IN_PROGRESS, Confidence.ARCHIVED):
        return Freshness()
    known = evidence or Evidence()
    parts = (*_of_review(article, today), *_of_the_world(article, known), *_of_readers(known.readers))
    return Freshness(parts=parts, reads=known.readers.reads, is_overdue=today > article.review_due)


def stale_reasons(article: Article, today: date) -> tuple[str, ...]:
    """Say why an article's review is overdue; nothing where it is not."""
    fresh = freshness(article, today)
    return (fresh.parts[0].reason,) if fresh.is_overdue else ()


def _of_review(article: Article, today: date) -> Iterator[Part]:
    due = article.review_due
    if today > due:
        days = (today - due).days
        interval = max(1, (due + article.review_every - due).days)
        points = OVERDUE + round(min(1.0, days / interval) * OVERDUE_BY_AN_INTERVAL)
        late = f"{counted(days, 'day')} ago"
        if article.review is None:
            why, reason = (
                Why.FIRST_REVIEW_OVERDUE,
                f"Nobody has reviewed it yet, and the first review was due on {due}, {late}.",
            )
        else:
            why, reason = Why.REVIEW_OVERDUE, f"Its review was due on {due}, {late}."
        yield Part(points=points, reason=reason, why=why, facts={"day": due.isoformat(), "n": days})
    elif article.review is None:
        yield Part(points=UNREVIEWED, reason="Nobody has reviewed it yet.", why=Why.UNREVIEWED)
    if (unseen := article.unseen_change) is not None:
        yield Part(
            points=UNSEEN_CHANGE,
            reason=f"Version {unseen.version} has not been reviewed.",
            why=Why.CHANGE_UNREVIEWED,
            facts={"version": unseen.version},
        )


def _of_the_world(article: Article, known: Evidence) -> Iterator[Part]:
    since = article.reviewed_on or article.last_change.date
    changed = [event for event in known.sources if event.on > since]
    if changed:
        newest = max(changed, key=lambda event: event.on)
        points = min(SOURCES, SOURCE + NEXT_SOURCE * (len(changed) - 1))
        others = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        reason = f"Its source {newest.what} changed on {newest.on}{others}, after it was last reviewed."
        facts: dict[str, str | int] = {
            "what": newest.what,
            "day": newest.on.isoformat(),
            "n": len(changed),
        }
        yield Part(points=points, reason=reason, why=Why.SOURCES_CHANGED, facts=facts)
    released = [event for event in known.releases if event.on > since]
    if released:
        newest = max(released, key=lambda event: event.on)
        yield Part(
            points=RELEASE,
            reason=f"{newest.what} came out on {newest.on}, after it was last reviewed.",
            why=Why.PRODUCT_RELEASED,
            facts={"what": newest.what, "day": newest.on.isoformat()},
        )
    if known.dead_links:
        many = f"{known.dead_links} links lead" if known.dead_links > 1 else "1 link leads"
        points = min(DEAD_LINKS, DEAD_LINK * known.dead_links)
        yield Part(
            points=points, reason=f"{many} nowhere.", why=Why.LINKS_DEAD, facts={"n": known.dead_links}
        )


def _of_readers(readers: Readers) -> Iterator[Part]:
    if lost := _lost(readers.failing, FAILS):
        reason = f"{readers.opened_then_wrote} of {readers.opened} who opened it wrote to us all the same."
        facts = {"opened": readers.opened, "wrote": readers.opened_then_wrote}
        yield Part(points=lost, reason=reason, why=Why.READERS_WROTE, facts=facts)
    if lost := _lost(readers.disliked, UNHELPFUL):
        votes = readers.helpful + readers.unhelpful
        yield Part(
            points=lost,
            reason=f'{readers.unhelpful} of {votes} votes say "not helpful".',
            why=Why.VOTES_AGAINST,
            facts={"votes": votes, "unhelpful": readers.unhelpful},
        )


def _lost(share: float, most: int) -> int:
    return round(most * max(0.0, share - USUAL) / (1 - USUAL))
