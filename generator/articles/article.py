"""What an article is: its front matter, checked and typed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from generator.articles.anchors import anchors
from generator.articles.durations import Duration
from generator.articles.fields import (
    Address,
    Day,
    Interval,
    Key,
    Number,
    Slug,
    Text,
    Texts,
    as_list,
    none_if_empty,
)
from generator.articles.links import Danger, Target, dangers, targets
from generator.articles.yaml_tree import Place

WORDS_A_MINUTE: Final = 200
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,}).*?(?:^ {0,3}\1[`~]*[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)


class ArticleType(StrEnum):
    """What an article does for its reader."""

    HOW_TO = "how_to"
    TROUBLESHOOTING = "troubleshooting"
    EXPLANATION = "explanation"
    POLICY = "policy"
    REFERENCE = "reference"


class Audience(StrEnum):
    """Who may read an article; what is internal never leaves the repository."""

    PUBLIC = "public"
    INTERNAL = "internal"


class Confidence(StrEnum):
    """How far an article is vouched for, in the words of Knowledge-Centered Service v6 ("article state")."""

    WORK_IN_PROGRESS = "work_in_progress"
    NOT_VALIDATED = "not_validated"
    VALIDATED = "validated"
    ARCHIVED = "archived"


class Significance(StrEnum):
    """How much a change matters to a reader and to a translation."""

    TYPO = "typo"
    MINOR = "minor"
    MAJOR = "major"


class Change(BaseModel):
    """One version of an article and what it brought."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Number
    date: Day
    by: Key
    significance: Significance
    note: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A person's word that an article was true on a day."""

    on: date
    by: str
    every: Duration

    @property
    def due(self) -> date:
        return self.on + self.every

    def is_overdue(self, today: date) -> bool:
        return today > self.due


class Article(BaseModel):
    """One file of kb/ in one language.

    `path` is relative to the knowledge base, with forward slashes; `body` is the Markdown below the front
    matter, which begins on line `body_line`. What takes long to work out of these alone is a cached property:
    incremental builds remember it with the article (generator/cache/memory.py).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Slug
    translation_of_version: Annotated[Number | None, BeforeValidator(none_if_empty)] = None
    title: Text
    summary: Text
    category: Slug
    questions: Texts = ()
    type: ArticleType
    audience: Audience
    confidence: Confidence
    owner: Key
    reviewed_on: Annotated[Day | None, BeforeValidator(none_if_empty)] = None
    reviewed_by: Annotated[Key | None, BeforeValidator(none_if_empty)] = None
    review_every: Interval
    applies_to: Texts = ()
    sources: Texts = ()
    aliases: Annotated[tuple[Address, ...], BeforeValidator(as_list)] = ()
    tags: Texts = ()
    related: Annotated[tuple[Slug, ...], BeforeValidator(as_list)] = ()
    version: Number
    changes: Annotated[tuple[Change, ...], BeforeValidator(as_list), Field(min_length=1)]

    lang: str
    path: str
    body: str = Field(repr=False)
    body_line: int
    key_lines: Mapping[Place, int] = Field(default_factory=dict, repr=False, exclude=True)

    @property
    def review(self) -> Review | None:
        """The last review; None where nobody has reviewed the article, or half of it is missing."""
        if self.reviewed_on is None or self.reviewed_by is None:
            return None
        return Review(on=self.reviewed_on, by=self.reviewed_by, every=self.review_every)

    @cached_property
    def review_due(self) -> date:
        """The day by which somebody must look again.

        Counts from the newest change where nobody has reviewed the article yet.
        """
        review = self.review
        return review.due if review else self.last_change.date + self.review_every

    @property
    def is_published(self) -> bool:
        """Whether the site and the catalogue may hold the article."""
        return self.audience is Audience.PUBLIC and self.confidence in (
            Confidence.VALIDATED,
            Confidence.NOT_VALIDATED,
        )

    @property
    def last_change(self) -> Change:
        return max(self.changes, key=lambda change: change.version)

    @property
    def updated_on(self) -> date:
        """The day on which somebody last changed or reviewed the article."""
        return max(self.last_change.date, self.reviewed_on or date.min)

    @property
    def last_real_change(self) -> Change | None:
        """The newest change that was more than a typo, which a review must have seen."""
        real = (change for change in self.changes if change.significance is not Significance.TYPO)
        return max(real, key=lambda change: change.version, default=None)

    @property
    def attested_version(self) -> int:
        """The version under which the reviewer noted what was checked; 0 where there is no such note."""
        said = (self.reviewed_on, self.reviewed_by)
        return max((one.version for one in self.changes if (one.date, one.by) == said), default=0)

    @property
    def unseen_change(self) -> Change | None:
        """The newest change that was more than a typo, where it came after the review.

        Of two on one day the order of `changes` decides, if the review is noted there, as `kb review` does.
        """
        newest, review = self.last_real_change, self.review
        if newest is None or review is None:
            return None
        if newest.date == review.on:
            return newest if 0 < self.attested_version < newest.version else None
        return newest if newest.date > review.on else None

    def real_changes_since(self, version: int) -> tuple[Change, ...]:
        """List the changes after a version that were more than typos, the newest first."""
        later = (change for change in self.changes if change.version > version)
        return tuple(change for change in later if change.significance is not Significance.TYPO)

    @property
    def address(self) -> str:
        """The page's address from the site's root."""
        return f"/{self.lang}/{self.category}/{self.id}/"

    @cached_property
    def targets(self) -> tuple[Target, ...]:
        """What the links and images of the body point at."""
        return tuple(targets(self.body))

    @cached_property
    def anchors(self) -> frozenset[str]:
        """What a link to the article may name behind its #."""
        return anchors(self.body)

    @cached_property
    def dangers(self) -> tuple[Danger, ...]:
        """Raw HTML in the body that no page keeps."""
        return tuple(dangers(self.body))

    @cached_property
    def reading_minutes(self) -> int:
        """Whole minutes at 200 words a minute (Brysbaert 2019: 238 for prose; steps are read with pauses)."""
        return max(1, round(len(_FENCE.sub("", self.body).split()) / WORDS_A_MINUTE))

    def line_of(self, *place: str | int) -> int:
        """Say on which line of the file a key or item stands; that of what encloses it where it is absent."""
        for length in range(len(place), 0, -1):
            if place[:length] in self.key_lines:
                return self.key_lines[place[:length]]
        return 1


_BESIDES = frozenset({"lang", "path", "body", "body_line", "key_lines"})
FRONT_MATTER_KEYS: Final = tuple(name for name in Article.model_fields if name not in _BESIDES)
CHANGE_KEYS: Final = tuple(Change.model_fields)
