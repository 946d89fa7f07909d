"""One catalogue, indexed and open: what questions are answered from until the next takes its place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from deflector.knowledge import Knowledge
from deflector.search.encoder import Encoder
from deflector.search.gathering import AnalysedBefore
from deflector.search.index import LanguageIndex, Shelf
from deflector.search.learned import Learned, LearnedQuestion
from deflector.search.store import IndexFolders
from deflector.search.vectors import VectorStore
from deflector.search.words import WordEngine


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A catalogue and the open index of each of its languages."""

    knowledge: Knowledge
    languages: Mapping[str, LanguageIndex]
    wordings: Sequence[LearnedQuestion] = ()
    learned: Mapping[str, Learned] = field(default_factory=dict)

    def index(self, lang: str) -> LanguageIndex | None:
        """Find the index of a language; "es-MX" finds "es"."""
        return self.languages.get(lang) or self.languages.get(lang.lower().split("-")[0])

    def taught(self, wordings: Sequence[LearnedQuestion], encoder: Encoder | None) -> "Snapshot":
        """Give the same catalogue with other learned wordings."""
        learned = {lang: Learned(wordings, index, encoder) for lang, index in self.languages.items()}
        return replace(self, wordings=wordings, learned=learned if wordings else {})


class Indexer:
    """Builds and opens indexes with one engine and one model."""

    def __init__(self, *, engine: WordEngine, encoder: Encoder | None, folders: IndexFolders) -> None:
        self.engine = engine
        self.encoder = encoder
        self._folders = folders
        self._variant = f"{engine.name}-{encoder.id if encoder else 'words'}"

    def is_built(self, knowledge: Knowledge) -> bool:
        """Say whether some process has built the index of this catalogue."""
        return self._folders.whole(knowledge.content_hash, self._variant) is not None

    def build(self, knowledge: Knowledge) -> Path:
        """Build the index unless it is there; wait while another process builds it."""
        return self._folders.build(
            knowledge.content_hash, self._variant, lambda folder: self._write(folder, knowledge)
        )

    def open(self, knowledge: Knowledge) -> Snapshot:
        """Open the index, building it where it is missing, and once more where it turns out to be broken."""
        folder = self.build(knowledge)
        stamp = self._folders.stamp(folder)
        try:
            return self._open(folder, knowledge)
        except Exception:  # a truncated or foreign folder fails in as many ways as there are libraries
            folder = self._folders.build(
                knowledge.content_hash,
                self._variant,
                lambda parts: self._write(parts, knowledge),
                broken=stamp,
            )
            return self._open(folder, knowledge)

    def _open(self, folder: Path, knowledge: Knowledge) -> Snapshot:
        return Snapshot(
            knowledge=knowledge,
            languages={
                lang: LanguageIndex.open(folder / name, Shelf(knowledge, lang), self.engine, self.encoder)
                for lang, name in _languages(knowledge)
            },
        )

    def _write(self, folder: Path, knowledge: Knowledge) -> None:
        earlier = self._folders.all()
        for lang, name in _languages(knowledge):
            (folder / name).mkdir()
            others = [other / name for other in earlier]
            LanguageIndex.build(
                folder / name,
                Shelf(knowledge, lang),
                engine=self.engine,
                before=AnalysedBefore(others),
                store=VectorStore(others, self.encoder) if self.encoder else None,
            )


def _languages(knowledge: Knowledge) -> list[tuple[str, str]]:
    """List the languages that have articles, each with a folder name that holds nothing but its letters."""
    found = dict.fromkeys(article.lang for article in knowledge.articles)
    return [
        (
            lang,
            "".join(c if c.isalnum() else "-" for c in lang)[:40] + (f"-{n}" if not lang.isalnum() else ""),
        )
        for n, lang in enumerate(found)
    ]
