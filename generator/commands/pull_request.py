"""What a pull request does to articles, for those who review it: a comment in GitHub's Markdown."""

from collections.abc import Iterator, Sequence

from generator.articles.article import Article, Confidence
from generator.articles.knowledge_base import KnowledgeBase
from generator.commands.output import cell, render
from generator.findings import Finding
from generator.history.against import Earlier


def comment(findings: Sequence[Finding], base: KnowledgeBase, earlier: Earlier) -> str:
    """Say what must be mended, then which articles change, how, and who has looked at them."""
    rows = [*_changed(base, earlier), *_removed(base, earlier)]
    said = render(findings, "markdown")
    if not rows:
        return said
    head = "| Article | Version | What changes | Review |\n|---|---|---|---|"
    return "\n\n".join((said, "### Articles in this change", "\n".join((head, *rows))))


def _changed(base: KnowledgeBase, earlier: Earlier) -> Iterator[str]:
    for article in sorted(base.articles, key=lambda one: one.path):
        if article.path in earlier.unchanged:
            continue
        before = earlier.by_id.get((article.lang, article.id))
        since = before.version if before else 0
        version = "new" if before is None else str(article.version)
        if before is not None and before.version != article.version:
            version = f"{before.version} → {article.version}"
        notes = (f"{one.significance}: {one.note}" for one in article.changes if one.version > since)
        yield _row(base, article, version, "; ".join(notes) or "no new version", _review(base, article))


def _removed(base: KnowledgeBase, earlier: Earlier) -> Iterator[str]:
    for before in sorted(earlier.articles, key=lambda one: one.path):
        if (before.lang, before.id) not in base.by_id:
            yield _row(base, before, str(before.version), "removed", "")


def _row(base: KnowledgeBase, article: Article, *cells: str) -> str:
    title = f"{cell(article.title)} (`{cell(base.spoken_path(article.path))}`)"
    return f"| {' | '.join((title, *map(cell, cells)))} |"


def _review(base: KnowledgeBase, article: Article) -> str:
    """Say who vouches for an article as it stands, or who is asked to."""
    owner, review = _name(base, article.owner), article.review
    match article.confidence:
        case Confidence.WORK_IN_PROGRESS:
            return "A draft: no reader sees it"
        case Confidence.ARCHIVED:
            return "Archived"
        case Confidence.VALIDATED if review is not None and article.unseen_change is None:
            return f"{_name(base, review.by)} on {review.on}, next on {review.due}"
    author = article.last_real_change or article.last_change
    return f"Asked of {owner}, not of {_name(base, author.by)}, who wrote it"


def _name(base: KnowledgeBase, key: str) -> str:
    return base.people[key].name if key in base.people else key
