"""The word engines by name."""

from collections.abc import Mapping

from deflector.search.tantivy_words import TantivyEngine
from deflector.search.whoosh_words import WhooshEngine
from deflector.search.words import WordEngine

ENGINES: Mapping[str, type[WordEngine]] = {"tantivy": TantivyEngine, "whoosh": WhooshEngine}
