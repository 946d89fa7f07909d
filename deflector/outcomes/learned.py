"""What was learned from people, and how much of it still counts: for which article, in which versions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from deflector.knowledge import Knowledge, KnownArticle
from deflector.outcomes.wordings import key_of

FEWEST_PEOPLE = 2
LATER_VERSION = 0.9  # what a wording counts for each version that may have changed what the article says
FORGOTTEN = 4  # versions later it counts no more


class Standing(StrEnum):
    """Whether a wording counts, and if not, why."""

    COUNTS = "counts"
    FORGOTTEN = "forgotten"  # somebody took it away, and it stays away
    GONE = "gone"  # no such article is published any more
    CHANGED = "changed"  # the article changed in a major way since
    DECLINED = "declined"  # as many people declined the article as it helped
    WRITTEN = "written"  # it stands among the article's own questions


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many people one version of an article helped, and how many declined it."""

    solved: int = 0
    declined: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedWording:
    """A wording of people and what became of it, by version of one article.

    `mark` is its name; `text` is None after it was forgotten.
    """

    article: str
    lang: str
    mark: str
    text: str | None
    by_version: Mapping[int, Counted]
    last_solved: datetime | None = None
    forgotten: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A wording against the articles of today.

    `version` is the latest that helped, `share` that of the helped among those who told, `weight` what of it
    counts today, 0 to 1.
    """

    wording: LearnedWording
    version: int
    people: int
    declined: int
    share: float
    weight: float
    standing: Standing

    @property
    def counts(self) -> bool:
        return self.standing is Standing.COUNTS


def fading(version: int, article: KnownArticle) -> float:
    """Say what was learned of one version of an article counts for the article of today, 0 to 1.

    Nothing, where a major change came between; all, where only smaller ones did. Where the catalogue does not
    tell them apart, each version in between may have been major, and costs a tenth.
    """
    behind = article.version - version
    if behind < 0:
        return 0.0
    if article.last_major_version is not None:
        return 1.0 if version >= article.last_major_version else 0.0
    return LATER_VERSION**behind if behind < FORGOTTEN else 0.0


def judge(wording: LearnedWording, knowledge: Knowledge) -> Judged:
    """Judge a wording by the articles of today."""
    article = knowledge.article(wording.article, wording.lang)
    whole = _sum(wording.by_version.values())
    valid = (
        {version: n for version, n in wording.by_version.items() if fading(version, article)}
        if article
        else wording.by_version
    )
    counted = _sum(valid.values())
    version = max((v for v, n in wording.by_version.items() if n.solved), default=0)
    share = counted.solved / (counted.solved + counted.declined) if counted.solved else 0.0
    standing = Standing.COUNTS
    if wording.forgotten:
        standing = Standing.FORGOTTEN
    elif article is None:
        standing = Standing.GONE
    elif counted.solved < FEWEST_PEOPLE:
        standing = Standing.CHANGED
    elif counted.declined >= counted.solved:
        standing = Standing.DECLINED
    elif key_of(wording.text or "") in {key_of(name) for name in (article.title, *article.questions)}:
        standing = Standing.WRITTEN
    faded = fading(version, article) if article else 0.0
    return Judged(
        wording=wording,
        version=version,
        people=counted.solved if standing is not Standing.CHANGED else whole.solved,
        declined=counted.declined if standing is not Standing.CHANGED else whole.declined,
        share=share,
        weight=share * faded if standing is Standing.COUNTS else 0.0,
        standing=standing,
    )


def _sum(counts: Iterable[Counted]) -> Counted:
    found = list(counts)
    return Counted(solved=sum(n.solved for n in found), declined=sum(n.declined for n in found))
