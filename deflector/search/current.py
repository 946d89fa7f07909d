"""The index that answers now, and how the next catalogue takes its place while questions go on.

A request never builds: it is answered from what is open, and the change happens beside it. The index of a new
catalogue is written by a process of its own, so that a web worker neither writes it nor slows down for it.
"""

import logging
import subprocess
import sys
import threading
from pathlib import Path

from deflector.knowledge import Knowledge, KnowledgeFile, KnownArticle
from deflector.search.learned import LearnedQuestions
from deflector.search.snapshot import Indexer, Snapshot

log = logging.getLogger(__name__)


class CurrentIndex:
    """Holds the open snapshot and replaces it at once. Safe to use from many threads."""

    def __init__(
        self,
        *,
        file: KnowledgeFile,
        indexer: Indexer,
        var: Path,
        model: Path | None,
        learned: LearnedQuestions | None,
    ) -> None:
        self.indexer = indexer
        self._file = file
        self._var = var
        self._model = model
        self._learned = learned
        self._snapshot: Snapshot | None = None
        self._problem: str | None = None
        self._failed: Knowledge | None = None  # not tried again until the file changes
        self._changing = threading.Lock()

    def get(self) -> Snapshot | None:
        """Give what is open; where the catalogue has moved on, start the change and do not wait for it."""
        knowledge = self._file.current()
        snapshot = self._snapshot
        if knowledge is not None and not self._is_up_to_date(snapshot, knowledge):
            self._start_change(knowledge)
        return snapshot

    def refresh(self) -> None:
        """Take over the newest catalogue here and now."""
        knowledge = self._file.current()
        if knowledge is not None and not self._is_up_to_date(self._snapshot, knowledge):
            with self._changing:
                self._change(knowledge, elsewhere=False)

    def has(self, article: KnownArticle) -> bool:
        """Say whether the newest catalogue still has an article."""
        knowledge = self._file.current()
        return knowledge is not None and knowledge.article(article.id, article.lang) is not None

    def problems(self) -> tuple[str, ...]:
        """Say what is wrong with the catalogue or its index, one sentence each."""
        return tuple(problem for problem in (self._file.problem, self._problem) if problem)

    def _is_up_to_date(self, snapshot: Snapshot | None, knowledge: Knowledge) -> bool:
        if knowledge is self._failed:
            return True
        if snapshot is None or snapshot.knowledge is not knowledge:
            return False
        return self._learned is None or self._learned.wordings(knowledge) is snapshot.wordings

    def _start_change(self, knowledge: Knowledge) -> None:
        if self._changing.acquire(blocking=False):
            threading.Thread(target=self._change_beside, args=(knowledge,), daemon=True).start()

    def _change_beside(self, knowledge: Knowledge) -> None:
        try:
            self._change(knowledge, elsewhere=True)
        finally:
            self._changing.release()

    def _change(self, knowledge: Knowledge, *, elsewhere: bool) -> None:
        try:
            snapshot = self._snapshot
            if snapshot is None or snapshot.knowledge is not knowledge:
                if elsewhere and not self.indexer.is_built(knowledge):
                    self._build_elsewhere()
                    if not self.indexer.is_built(knowledge):
                        raise RuntimeError("the process that builds it ended without an index")
                snapshot = self.indexer.open(knowledge)
            if self._learned is not None:
                snapshot = snapshot.taught(self._learned.wordings(knowledge), self.indexer.encoder)
            self._snapshot = snapshot
            self._problem = None
            log.info("search index open catalogue=%s", knowledge.content_hash[:12])
        except Exception as exc:
            self._failed = knowledge
            self._problem = (
                f"The search index under {self._var} cannot be built ({exc}). "
                "Check that the folder can be written and has room; `deflector index` builds it by hand."
            )
            log.exception("search index not built catalogue=%s", knowledge.content_hash[:12])

    def _build_elsewhere(self) -> None:
        command = [sys.executable, "-m", "deflector.search.building", str(self._file.path), str(self._var)]
        command += [self.indexer.engine.name, *([str(self._model)] if self._model else [])]
        subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)  # noqa: S603
