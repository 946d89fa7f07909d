"""The versions of articles: what their front matter says of them, and the states that Git has kept."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Self

from generator.articles.article import Article
from generator.articles.frontmatter import read_document
from generator.articles.knowledge_base import KnowledgeBase
from generator.history.git import Commit, GitUnavailable, Repository


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a file held after one commit."""

    commit: str
    on: date
    author: str
    subject: str
    path: str
    blob: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """An approved state of an article. `state` is the last that Git has of it, None where Git has none."""

    number: int
    on: date
    by: str
    significance: str
    note: str
    state: State | None = None


@dataclass(frozen=True, kw_only=True)
class History:
    """The past of a knowledge base. `gap` says in a sentence what is missing from it, if anything is."""

    states: Mapping[str, tuple[State, ...]] = field(default_factory=dict)
    """By the path that an article has today, newest first, through renames."""
    repository: Repository | None = None
    gap: str | None = None

    @classmethod
    def read(cls, base: KnowledgeBase) -> Self:
        """Read the past of every article in one pass over Git's log.

        Without Git, or without a commit, the history knows what the front matter says, and says so.
        """
        try:
            repository = Repository.around(base.folder)
            states = _states(tuple(repository.log()))
            gap = "The clone is shallow: Git has only the newest commits." if repository.is_shallow else None
        except GitUnavailable as exc:
            return cls(gap=f"{exc} Only the front matter's 'changes' are known.")
        if not states:
            gap = "Nothing of this folder is committed yet. Only the front matter's 'changes' are known."
        return cls(states=states, repository=repository, gap=gap)

    def versions(self, article: Article) -> tuple[Version, ...]:
        """List an article's versions, newest first: each entry of `changes`, with the state that Git kept."""
        kept = self._states_by_version(article)
        return tuple(
            Version(
                number=change.version,
                on=change.date,
                by=change.by,
                significance=change.significance,
                note=change.note,
                state=kept.get(change.version),
            )
            for change in sorted(article.changes, key=lambda change: change.version, reverse=True)
        )

    def _states_by_version(self, article: Article) -> Mapping[int, State]:
        """Find for each version number the newest state that carried it."""
        kept: dict[int, State] = {}
        for state in self.states.get(article.path, ()):
            number = self._numbers.get(state.blob)
            if number is not None:
                kept.setdefault(number, state)
        return kept

    @cached_property
    def _numbers(self) -> Mapping[str, int]:
        """The version that the front matter of each kept state names, read through one process."""
        if self.repository is None:
            return {}
        blobs = (state.blob for states in self.states.values() for state in states)
        numbers = {}
        for blob, data in self.repository.contents(blobs):
            number = read_document(data).tree.values.get("version")
            if isinstance(number, str) and number.isdecimal() and len(number) < 7:
                numbers[blob] = int(number)
        return numbers


def _states(commits: tuple[Commit, ...]) -> Mapping[str, tuple[State, ...]]:
    """Follow each file from what it is named today back to where it was added."""
    states: dict[str, list[State]] = defaultdict(list)
    todays_name: dict[str, str | None] = {}
    for commit in commits:
        for change in commit.changes:
            name = todays_name.get(change.path, change.path)
            if not change.path.endswith(".md") or name is None:
                continue
            if not change.blob:
                todays_name[change.path] = None  # deleted: what this path was before is another story
                continue
            states[name].append(
                State(
                    commit=commit.id,
                    on=commit.at.date(),
                    author=commit.author,
                    subject=commit.subject,
                    path=change.path,
                    blob=change.blob,
                )
            )
            if change.is_added or change.old_path != change.path:
                todays_name[change.path] = None
            if change.old_path != change.path:
                todays_name[change.old_path] = name
    return {path: tuple(found) for path, found in states.items()}
