"""What has to be done from time to time: each chore at its own pace, and no fault of one ends it."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from deflector.desk.acknowledging import Sparing
from deflector.desk.backstage import backstage
from deflector.desk.learning import Learning
from deflector.desk.privacy import Privacy
from deflector.keys import secret_key
from deflector.knowledge import KnowledgeFile
from deflector.settings import Settings
from deflector.store.cabinet import Cabinet
from deflector.store.store import Store
from deflector.support.support_desk import SupportDesk

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chore:
    """Something to do every so often. Doing it twice at once, from two processes, must harm nothing."""

    name: str
    every: timedelta
    do: Callable[[], object]


class Housekeeping:
    """Does chores when they are due, by a clock that only goes forward."""

    def __init__(self, chores: Sequence[Chore], *, monotonic: Callable[[], float]) -> None:
        self._chores = chores
        self._monotonic = monotonic
        self._due = dict.fromkeys((chore.name for chore in chores), float("-inf"))

    def run(self, stop: threading.Event, pause: float) -> None:
        """Work until `stop` is set, resting `pause` seconds between rounds."""
        while not stop.is_set():
            self.run_once()
            stop.wait(pause)

    def run_once(self) -> list[str]:
        """Do what is due; return the names of what was done without a fault."""
        done = []
        for chore in self._chores:
            if self._monotonic() < self._due[chore.name]:
                continue
            self._due[chore.name] = self._monotonic() + chore.every.total_seconds()
            try:
                chore.do()
            except Exception as exc:
                # The fault's own words may quote a row, so only its kind is logged.
                log.error("chore failed name=%s fault=%s", chore.name, type(exc).__name__)
            else:
                done.append(chore.name)
        return done


def chores(
    settings: Settings, support: SupportDesk, store: Store, *, now: Callable[[], datetime]
) -> Sequence[Chore]:
    """List the chores of a support desk."""
    sparing = Sparing.of(support.protection, secret=secret_key(settings))
    privacy = Privacy(
        store=store,
        cabinet=Cabinet(settings.var / "attachments", store),
        maildir=settings.maildir,
        sparing=sparing,
        now=now,
    )
    behind = backstage(settings, support, store=store, knowledge=KnowledgeFile(settings.catalogue), now=now)
    learning = Learning(store=store, keep_questions=support.privacy.keep_questions, now=now)
    learn = Chore(name="learn from people", every=timedelta(minutes=10), do=learning.listen)
    return (
        *([learn] if support.suggestions.learn else []),
        Chore(name="how was it", every=timedelta(minutes=1), do=behind.asking.ask),
        Chore(
            name="mail after a flood",
            every=timedelta(minutes=1),
            do=lambda: sparing.after_the_flood(store),
        ),
        Chore(
            name="purge",
            every=timedelta(hours=6),
            do=lambda: privacy.purge(support.privacy, thorough=False),
        ),
    )
