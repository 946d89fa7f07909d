"""The rules for a change: what may become of an article between a revision and now."""

import difflib
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from generator.articles.article import Article, Confidence, Significance
from generator.articles.frontmatter import read_document
from generator.articles.knowledge_base import KnowledgeBase
from generator.articles.languages import is_language
from generator.articles.reading import read_article
from generator.findings import Finding, Severity
from generator.history.git import Repository

MOST_WORDS_OF_A_TYPO: Final = 12
"""More words than these are no slip of the pen."""


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """The articles of a revision, as far as they differ from today's; `name` is what to call it."""

    name: str
    articles: tuple[Article, ...] = field(default_factory=tuple)
    unchanged: frozenset[str] = frozenset()
    """The paths whose files are as they were."""

    @classmethod
    def read(cls, repository: Repository, revision: str, base: KnowledgeBase) -> "Earlier":
        """Read what a revision had where it differs; raise ValueError with a sentence if it names none.

        Compared is the point where the work parted from the revision, so that what others have merged since
        is not taken for a change of this work.
        """
        commit = repository.resolve(revision)
        if commit is None:
            advice = "Name a branch, a tag or a commit, e.g. origin/main."
            if repository.is_shallow:
                way = "git fetch --unshallow, in a workflow with fetch-depth: 0"
                advice = f"The clone is shallow: fetch the rest with {way}."
            raise ValueError(f'Git knows no revision "{revision}". {advice}')
        tree = repository.tree(repository.fork_point(commit))
        changed = {
            path: blob
            for path, blob in tree.items()
            if _is_article(path) and _blob_now(base, path, len(blob)) != blob
        }
        same = frozenset(path for path in tree if path not in changed)
        contents = dict(repository.contents(changed.values()))
        found = (
            read_article(read_document(contents[blob]), path)[0]
            for path, blob in changed.items()
            if blob in contents
        )
        articles = tuple(article for article in found if article is not None)
        return cls(name=revision, articles=articles, unchanged=same)

    @cached_property
    def by_id(self) -> Mapping[tuple[str, str], Article]:
        return {(article.lang, article.id): article for article in self.articles}


def check_against(base: KnowledgeBase, earlier: Earlier) -> tuple[Finding, ...]:
    """Find what a change left undone: a version, a review of the new text, the old address."""
    findings = [*_lost_addresses(base, earlier)]
    for article in base.articles:
        before = earlier.by_id.get((article.lang, article.id))
        if before is not None:
            findings.extend(_undone(base, article, before, earlier.name))
    return tuple(sorted(findings))


def _undone(base: KnowledgeBase, article: Article, before: Article, name: str) -> Iterator[Finding]:
    was_draft = before.confidence is Confidence.WORK_IN_PROGRESS
    if article.version < before.version:
        was = f"it was {before.version} in {name}"
        message = f"'version' is {article.version}, and {was}. Versions only grow: raise it."
        yield _finding(base, article, "version", "version-lowered", message)
    elif article.version == before.version:
        if _says(article) != _says(before) and not was_draft:
            message = (
                f"The text differs from version {before.version} in {name}. "
                f"Raise 'version' to {before.version + 1} and add an entry to 'changes': "
                "what is new, and whether that is typo, minor or major."
            )
            yield _finding(base, article, "version", "version-not-raised", message)
    else:
        yield from _unseen(base, article, before)
    if article.review is not None:
        yield from _claimed(base, article, before, name)


def _unseen(base: KnowledgeBase, article: Article, before: Article) -> Iterator[Finding]:
    """A typo keeps the review; anything more needs a new one, or the article is not validated any more."""
    new = [change for change in article.changes if change.version > before.version]
    real = [change for change in new if change.significance is not Significance.TYPO]
    is_same_review = (article.reviewed_on, article.reviewed_by) == (before.reviewed_on, before.reviewed_by)
    is_seen = bool(real) and article.attested_version > max(change.version for change in real)
    if real and is_same_review and not is_seen and article.confidence is Confidence.VALIDATED:
        message = (
            f"Version {real[0].version} is a {real[0].significance} change that nobody has reviewed. "
            "Set confidence to not_validated, or have it reviewed."
        )
        yield _finding(base, article, "confidence", "review-missing", message)

    elif new and not real and (why := _is_more_than_a_typo(article, before)):
        message = (
            f"Version {article.version} is called a typo, and {why}. Call it minor or major, or undo that."
        )
        yield _finding(base, article, "changes", "not-a-typo", message, Severity.WARNING)


def _claimed(base: KnowledgeBase, article: Article, before: Article, name: str) -> Iterator[Finding]:
    """A review says what was checked, and is never taken back to an earlier day."""
    was = before.reviewed_on
    if article.reviewed_on == was and article.reviewed_by == before.reviewed_by:
        return
    if was is not None and article.reviewed_on is not None and article.reviewed_on < was:
        message = f"'reviewed_on' is {article.reviewed_on}, and it was {was} in {name}. Keep the later day."
        yield _finding(base, article, "reviewed_on", "review-moved-back", message)
    elif article.version == before.version and _says(article) == _says(before):
        message = (
            "The review is new, and nothing says what was checked. "
            f'Add it: kb review {article.id} --by {article.reviewed_by} --note "What you compared it with".'
        )
        yield _finding(base, article, "reviewed_on", "review-without-note", message)


def _is_more_than_a_typo(article: Article, before: Article) -> str | None:
    """Say why a change is more than a slip of the pen: another number, or many other words."""
    old, new = (_words(one) for one in (before, article))
    changed = [
        (old[a:b], new[c:d])
        for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        if kind != "equal"
    ]
    for gone, come in changed:
        if sorted(_numbers(gone)) != sorted(_numbers(come)):
            one, other = " ".join(gone) or "nothing", " ".join(come) or "nothing"
            return f'"{one[:60]}" became "{other[:60]}"'
    count = sum(max(len(gone), len(come)) for gone, come in changed)
    return f"{count} words changed" if count > MOST_WORDS_OF_A_TYPO else None


def _words(article: Article) -> list[str]:
    text = (article.title, article.summary, *article.questions, *article.applies_to, article.body)
    return " ".join(text).split()


def _numbers(words: list[str]) -> list[str]:
    return re.findall(r"\d+(?:[.,:]\d+)*", " ".join(words))


def _lost_addresses(base: KnowledgeBase, earlier: Earlier) -> Iterator[Finding]:
    reached = {article.address.rstrip("/") for article in base.published}
    reached |= {alias.rstrip("/") for article in base.published for alias in article.aliases}
    published = [article for article in earlier.articles if article.is_published]
    for before, address in [(one, address) for one in published for address in (one.address, *one.aliases)]:
        if address.rstrip("/") in reached:
            continue
        now = base.by_id.get((before.lang, before.id))
        is_still_there = now is not None and now.is_published
        whose = "" if is_still_there else " of the article that answers this now"
        yield Finding(
            path=base.spoken_path((now or before).path),
            line=now.line_of("aliases") if now else 1,
            rule="address-lost",
            severity=Severity.ERROR,
            message=f"{address} leads nowhere any more. Add it to 'aliases'{whose}.",
        )


def _says(article: Article) -> tuple[object, ...]:
    """What a reader sees of an article; who owns it and when it was reviewed is no part of it."""
    text = "\n".join(line.rstrip() for line in article.body.strip().split("\n"))
    return article.title, article.summary, article.questions, article.applies_to, text


def _is_article(path: str) -> bool:
    parts = path.split("/")
    return len(parts) == 3 and path.endswith(".md") and is_language(parts[0])


def _blob_now(base: KnowledgeBase, path: str, digits: int) -> str | None:
    """Name a file's content as Git does (gitformat-pack: the hash of "blob", its size, NUL and its bytes)."""
    try:
        data = (base.folder / path).read_bytes()
    except OSError:
        return None
    hasher = hashlib.sha1(usedforsecurity=False) if digits == 40 else hashlib.sha256()
    hasher.update(b"blob %d\0" % len(data) + data)
    return hasher.hexdigest()


def _finding(
    base: KnowledgeBase,
    article: Article,
    key: str,
    rule: str,
    message: str,
    severity: Severity = Severity.ERROR,
) -> Finding:
    path = base.spoken_path(article.path)
    return Finding(path=path, line=article.line_of(key), rule=rule, severity=severity, message=message)
