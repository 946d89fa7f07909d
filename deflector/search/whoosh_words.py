"""The pure-Python word engine: Whoosh 2.7.4, for where a compiled library is not wanted."""

import threading
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path

from deflector.search.words import FIELD_WEIGHTS, Hit, Meant, Way

with warnings.catch_warnings():
    # Whoosh is from 2016: compiling it for the first time warns of escapes in its own regular expressions.
    for _category in (DeprecationWarning, SyntaxWarning):
        warnings.filterwarnings("ignore", category=_category, module=r".*whoosh")
    import whoosh.codec.whoosh3  # noqa: F401 - else Whoosh imports it in the middle of a request
    from whoosh.fields import KEYWORD, NUMERIC, Schema
    from whoosh.filedb.filestore import FileStorage
    from whoosh.query import DisjunctionMax, Or, Query, Term


class WhooshEngine:
    """Builds and opens Whoosh indexes."""

    name = "whoosh"

    def build(self, folder: Path, sections: Iterable[Mapping[str, str]]) -> None:
        """Write the index as one segment."""
        fields = {field: KEYWORD(scorable=True) for field in FIELD_WEIGHTS}
        index = FileStorage(str(folder)).create_index(Schema(section=NUMERIC(stored=True), **fields))
        writer = index.writer(limitmb=64)
        for ordinal, section in enumerate(sections):
            writer.add_document(
                section=ordinal, **{field: terms for field, terms in section.items() if terms}
            )
        writer.commit(optimize=True)
        index.close()

    def open(self, folder: Path) -> "WhooshWords":
        """Open the index for reading."""
        return WhooshWords(folder)


class WhooshWords:
    """A Whoosh index that is never written again."""

    def __init__(self, folder: Path) -> None:
        self._searcher = FileStorage(str(folder)).open_index().searcher()
        # Whoosh's readers move a file position, so that two threads must not read at once.
        self._one_at_a_time = threading.Lock()

    def search(self, question: tuple[Meant, ...], limit: int) -> list[Hit]:
        """Add up, over the words of the question, what the best way to say each scores."""
        if limit < 1:
            return []
        with self._one_at_a_time:
            parts = [query for meant in question if (query := self._any_way(meant)) is not None]
            if not parts:
                return []
            results = self._searcher.search(Or(parts), limit=limit, scored=True)
            found = [Hit(section=hit["section"], score=hit.score) for hit in results]
        return sorted(found, key=lambda hit: (-hit.score, hit.section))

    def _any_way(self, meant: Meant) -> Query | None:
        ways = [query for way in meant.ways if (query := self._way(way)) is not None]
        if len(ways) < 2:
            return ways[0] if ways else None
        return DisjunctionMax(ways)

    def _way(self, way: Way) -> Query | None:
        reader = self._searcher.reader()
        parts = [
            Term(field, term, boost=weight * way.weight)
            for term in way.terms
            for field, weight in FIELD_WEIGHTS.items()
            if (field, term) in reader
        ]
        if len(parts) < 2:
            return parts[0] if parts else None
        return Or(parts)
