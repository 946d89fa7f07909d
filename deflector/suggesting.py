"""The desk's port to the search, and the guard that keeps a failing or slow search away from people."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Protocol

from deflector.model import Suggestions

log = logging.getLogger(__name__)


class Suggester(Protocol):
    """Whatever can find the sections that answer a question."""

    def suggest(self, question: str, *, lang: str, settled: bool = True, limit: int = 3) -> Suggestions: ...

    def degraded(self) -> tuple[str, ...]:
        """Say in sentences what does not work at the moment; empty when all is well."""
        ...


class NoSearch:
    """Stands in when the search could not be opened: nothing is suggested, every message goes through."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def suggest(self, question: str, *, lang: str, settled: bool = True, limit: int = 3) -> Suggestions:  # noqa: ARG002 (the port's signature)
        return Suggestions(question=question)

    def degraded(self) -> tuple[str, ...]:
        return (self._reason,)


class Guarded:
    """Gives a search a deadline, and a rest after it missed one or failed.

    A person must get through whatever the search does. So a search that raises, or takes longer than
    `patience` seconds, counts as "no answer", and is left alone for `rest` seconds before the next try.
    """

    def __init__(
        self,
        search: Suggester,
        *,
        monotonic: Callable[[], float],
        patience: float = 2.0,
        rest: float = 20.0,
        threads: int = 8,
    ) -> None:
        self._search = search
        self._monotonic = monotonic
        self._patience = patience
        self._rest = rest
        self._rests_until = float("-inf")
        self._trouble: str | None = None
        self._pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="search")

    def suggest(self, question: str, *, lang: str, settled: bool = True, limit: int = 3) -> Suggestions:
        nothing = Suggestions(question=question)
        if self._monotonic() < self._rests_until:
            return nothing
        work = self._pool.submit(self._search.suggest, question, lang=lang, settled=settled, limit=limit)
        try:
            found = work.result(timeout=self._patience)
        except FutureTimeout:
            work.cancel()
            self._pause(f"The search took longer than {self._patience:g} s")
            return nothing
        except Exception as exc:  # any failure of the search is the same to the person who writes
            self._pause(f"The search failed ({type(exc).__name__})")
            return nothing
        self._trouble = None
        return found

    def degraded(self) -> tuple[str, ...]:
        trouble = (self._trouble,) if self._trouble else ()
        return (*trouble, *self._search.degraded())

    def _pause(self, trouble: str) -> None:
        self._rests_until = self._monotonic() + self._rest
        self._trouble = f"{trouble}; messages go through without suggestions."
        # No traceback: it could hold the question.
        log.warning("search resting seconds=%g reason=%r", self._rest, trouble)
