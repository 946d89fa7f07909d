"""The usual Whoosh recipe: BM25F over all fields, the last word a prefix in each. What most sites run."""

import json
import re
from pathlib import Path

from whoosh.analysis import StemmingAnalyzer
from whoosh.fields import ID, TEXT, Schema
from whoosh.index import create_in
from whoosh.qparser import MultifieldParser, OrGroup

import deflector.search.whoosh_words  # noqa: F401 - imports Whoosh without its warnings

FIELDS = ("title", "heading", "body")


class StockWhoosh:
    """An index of a catalogue, and its questions."""

    def __init__(self, catalogue: Path, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        fields = {field: TEXT(analyzer=StemmingAnalyzer()) for field in FIELDS}
        index = create_in(str(folder), Schema(id=ID(stored=True), **fields))
        writer = index.writer(limitmb=256)
        for article in json.loads(catalogue.read_text())["articles"]:
            writer.add_document(
                id=article["id"],
                title=article["title"],
                heading=" ".join(section["heading"] for section in article["sections"]),
                body=" ".join(section["text"] for section in article["sections"]),
            )
        writer.commit()
        self._searcher = index.searcher()
        self._parser = MultifieldParser(list(FIELDS), index.schema, group=OrGroup)

    def search(self, question: str) -> list[str]:
        """Give the ids of the best ten."""
        words = re.findall(r"\w+", question)
        if not words:
            return []
        query = self._parser.parse(" ".join([*words[:-1], f"{words[-1]}*"]))
        return [hit["id"] for hit in self._searcher.search(query, limit=10)]
