"""Addresses that lead on to others, so that none ever dies."""

from collections.abc import Iterable, Iterator

from generator.articles.article import Change, Confidence
from generator.articles.knowledge_base import KnowledgeBase
from generator.history.past import Past
from generator.site.chronicle import history_address, version_address
from generator.site.pages import Redirect


def old_addresses(base: KnowledgeBase, past: Past) -> Iterator[tuple[str, str]]:
    """Go through the aliases of all articles, each with where it leads; then what lay below them.

    Below the address of an archived article lay its past, which leads to the article that answers now; below
    a former address of the article itself lay its own past, which it still has.
    """
    archived = {one.address: one for one in base.articles if one.confidence is Confidence.ARCHIVED}
    aliases = [(alias, article) for article in base.published for alias in article.aliases]
    yield from ((alias, article.address) for alias, article in aliases)
    for alias, article in aliases:
        root = f"{alias.rstrip('/')}/"
        if (gone := archived.get(root)) is not None:
            yield from ((below, article.address) for below in _below(root, gone.changes[1:]))
        elif root.endswith(f"/{article.id}/") and article.path in past:
            kept = [one for one in past[article.path][1:] if one.wording is not None]
            yield f"{root}history/", history_address(article)
            yield from ((f"{root}v{one.number}/", version_address(article, one.number)) for one in kept)


def _below(root: str, earlier: Iterable[Change]) -> Iterator[str]:
    yield f"{root}history/"
    yield from (f"{root}v{change.version}/" for change in earlier)


def redirects(wishes: Iterable[tuple[str, str]], taken: Iterable[str]) -> Iterator[Redirect]:
    """Turn wishes, an old address and where it leads, into pages.

    An address that a page has keeps its page (`taken`); of two claims to an old one, the first holds.
    """
    held = set(taken)
    for alias, target in wishes:
        is_file = alias.rpartition("/")[2].endswith((".html", ".htm"))
        address = alias if is_file or alias.endswith("/") else f"{alias}/"
        if address not in held:
            held.add(address)
            yield Redirect(path=address[1:] if is_file else f"{address[1:]}index.html", target=target)
