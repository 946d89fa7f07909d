"""Addresses that lead on to others, so that none ever dies."""

from collections.abc import Iterable, Iterator

from generator.site.pages import Redirect


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
