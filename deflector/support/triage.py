"""Triage: which queue takes a message, how urgent it is, and why. The first rule that fits decides.

Pure: `support_desk` reads the rules from support.yml, the desk asks with what a message says.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TypeVar

from deflector.support.phrases import Phrase, Text, implies
from deflector.working_time import BusinessTime

V = TypeVar("V")


class Priority(StrEnum):
    """How much a matter presses, least first."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spans:
    """How soon a person answers and how soon the matter is solved, in open hours."""

    answer_within: BusinessTime
    solve_within: BusinessTime


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a message before anybody has read it."""

    text: str
    lang: str
    category: str | None = None
    page: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """When a rule fits: every kind of condition that it names must hold, by any one of its values."""

    categories: tuple[str, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    languages: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()

    def reasons(self, facts: Facts, text: Text) -> list[str] | None:
        """Say in words why a message fits; None when it does not."""
        reasons = []
        if self.categories:
            if facts.category not in self.categories:
                return None
            reasons.append(f"its category is {facts.category}")
        if self.languages:
            if not any(_is_form_of(facts.lang, lang) for lang in self.languages):
                return None
            reasons.append(f"it is written in {facts.lang}")
        if self.pages:
            page = next((one for one in self.pages if fnmatchcase(facts.page or "", one)), None)
            if page is None:
                return None
            reasons.append(f"it comes from {facts.page}, which is {page}")
        if self.phrases:
            found = next(((one, said) for one in self.phrases if (said := text.find(one))), None)
            if found is None:
                return None
            phrase, said = found
            reasons.append(f'"{said}" says "{phrase.text}" ({phrase.lang})')
        return reasons or ["the rule has no condition"]

    def cover(self, other: "Conditions") -> bool:
        """Say whether every message that fits the other conditions fits these, too."""
        return (
            _covers(self.categories, other.categories, str.__eq__)
            and _covers(self.languages, other.languages, _is_form_of)
            and _covers(self.pages, other.pages, _is_part_of)
            and _covers(self.phrases, other.phrases, implies)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of support.yml. None leaves to the category what the rule does not say."""

    name: str
    when: Conditions
    queue: str | None = None
    priority: Priority = Priority.NORMAL
    answer_within: BusinessTime | None = None
    solve_within: BusinessTime | None = None
    tags: tuple[str, ...] = ()
    skip_suggestions: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The rule that decides about a message, its place among the rules (from 1), and why it fits."""

    rule: Rule
    place: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What happens to a message. `match` is None where no rule fits and its category alone decides."""

    queue: str
    priority: Priority
    spans: Spans
    tags: tuple[str, ...]
    skip_suggestions: bool
    match: Match | None

    @property
    def urgent(self) -> bool:
        return self.priority is Priority.URGENT


def first_match(rules: Sequence[Rule], facts: Facts) -> Match | None:
    """Find the first rule that fits a message."""
    text = Text(facts.text)
    for place, rule in enumerate(rules, 1):
        reasons = rule.when.reasons(facts, text)
        if reasons is not None:
            return Match(rule=rule, place=place, reasons=tuple(reasons))
    return None


def shadows(rules: Sequence[Rule]) -> Iterator[tuple[Rule, Rule]]:
    """List the rules that can never decide, each with the earlier one that always fits before it."""
    for at, later in enumerate(rules):
        for earlier in rules[:at]:
            if earlier.when.cover(later.when):
                yield later, earlier
                break


def _covers(wide: Sequence[V], narrow: Sequence[V], within: Callable[[V, V], bool]) -> bool:
    """Say whether a condition lets through all that another does; without values it lets all through."""
    if not wide:
        return True
    return bool(narrow) and all(any(within(one, other) for other in wide) for one in narrow)


def _is_form_of(lang: str, wanted: str) -> bool:
    """Say whether a language is another one or a regional form of it (RFC 4647, 3.3.1)."""
    return f"{lang}-".lower().startswith(f"{wanted}-".lower())


def _is_part_of(page: str, pattern: str) -> bool:
    """Say whether the pages of one pattern are among those of another; only where that is sure."""
    return page == pattern or ("?" not in pattern and "[" not in pattern and fnmatchcase(page, pattern))
