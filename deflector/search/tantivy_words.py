"""The default word engine: tantivy, in Rust; its index is memory-mapped and shared between processes."""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from tantivy import Document, Filter, Index, Occur, Query, SchemaBuilder, TextAnalyzerBuilder, Tokenizer

from deflector.search.words import FIELD_WEIGHTS, Hit, Meant, Way

_USED = "fields.json"  # the fields that hold anything: an empty one need not be asked
_WRITER_MEMORY = 64_000_000  # bytes
REMEMBERED = 8_192  # ways to say something, as queries of about 1 kB


class TantivyEngine:
    """Builds and opens tantivy indexes."""

    name = "tantivy"

    def build(self, folder: Path, sections: Iterable[Mapping[str, str]]) -> None:
        """Write the index as one segment, so that every process sees the same statistics."""
        schema = SchemaBuilder()
        for field in FIELD_WEIGHTS:
            schema.add_text_field(field, stored=False, tokenizer_name="terms", index_option="freq")
        schema.add_unsigned_field("section", stored=False, indexed=False, fast=True)
        index = Index(schema.build(), path=str(folder), reuse=False)
        _register(index)
        writer = index.writer(heap_size=_WRITER_MEMORY, num_threads=1)
        used: set[str] = set()
        for ordinal, section in enumerate(sections):
            document = Document()
            document.add_unsigned("section", ordinal)
            for field, terms in section.items():
                if terms:
                    document.add_text(field, terms)
                    used.add(field)
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        (folder / _USED).write_text(json.dumps(sorted(used)), encoding="utf-8")

    def open(self, folder: Path) -> "TantivyWords":
        """Open the index for reading."""
        used = json.loads((folder / _USED).read_text(encoding="utf-8"))
        return TantivyWords(Index.open(str(folder)), frozenset(used))


class TantivyWords:
    """A tantivy index that is never written again."""

    def __init__(self, index: Index, used: frozenset[str]) -> None:
        self._weights = [(field, weight) for field, weight in FIELD_WEIGHTS.items() if field in used]
        _register(index)
        index.config_reader(reload_policy="manual")
        index.reload()
        self._schema = index.schema
        self._searcher = index.searcher()
        # Every key asks again for the words before it.
        self._terms = lru_cache(maxsize=REMEMBERED)(self._terms_of)

    def search(self, question: tuple[Meant, ...], limit: int) -> list[Hit]:
        """Add up, over the words of the question, what the best way to say each scores."""
        parts = [(Occur.Should, query) for meant in question for query in self._parts(meant)]
        if not parts or limit < 1:
            return []
        hits = self._searcher.search(Query.boolean_query(parts), limit, count=False).hits
        ordinals = self._searcher.fast_field_values("section", [address for _, address in hits])
        found = sorted((-score, ordinal or 0) for (score, _), ordinal in zip(hits, ordinals, strict=True))
        return [Hit(int(ordinal), -worse) for worse, ordinal in found]

    def _parts(self, meant: Meant) -> Sequence[Query]:
        """Give the queries whose scores add up to what a part of the question scores.

        What can be said in one way only adds its terms to the whole one by one: a sum within a sum costs
        tantivy a buffer and another pass.
        """
        if len(meant.ways) == 1:
            return self._terms(meant.ways[0])
        ways = [_sum(terms) for way in meant.ways if (terms := self._terms(way))]
        return ways if len(ways) < 2 else (Query.disjunction_max_query(ways),)

    def _terms_of(self, way: Way) -> tuple[Query, ...]:
        """Ask for each term of a way in each field that has it."""
        return tuple(
            Query.boost_query(Query.term_query(self._schema, field, term, "freq"), weight * way.weight)
            for term in way.terms
            for field, weight in self._weights
            if self._searcher.doc_freq(field, term)
        )


def _sum(queries: Sequence[Query]) -> Query:
    return queries[0] if len(queries) == 1 else Query.boolean_query([(Occur.Should, one) for one in queries])


def _register(index: Index) -> None:
    # Terms come analysed and joined by spaces; 40 characters is the longest word, four-byte letters at most.
    analyser = TextAnalyzerBuilder(Tokenizer.whitespace()).filter(Filter.remove_long(200)).build()
    index.register_tokenizer("terms", analyser)
