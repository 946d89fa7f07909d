"""Chores are done at their own pace, and one that fails stops neither itself nor the others."""

from datetime import timedelta

from deflector.desk.housekeeping import Chore, Housekeeping, chores
from deflector.settings import Settings
from deflector.store import migration
from deflector.store.store import Store
from deflector.support.support_desk import SupportDesk
from tests.deflector.conftest import Clock


class Ticks:
    """A clock that only goes forward, when it is told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_each_chore_comes_round_at_its_own_pace_and_a_fault_stops_none() -> None:
    def fail() -> None:
        raise RuntimeError("ada@example.com")

    ticks = Ticks()
    keeping = Housekeeping(
        [
            Chore(name="often", every=timedelta(seconds=10), do=lambda: None),
            Chore(name="broken", every=timedelta(seconds=10), do=fail),
            Chore(name="seldom", every=timedelta(seconds=60), do=lambda: None),
        ],
        monotonic=ticks,
    )

    assert keeping.run_once() == ["often", "seldom"]
    assert keeping.run_once() == []
    ticks.now = 10
    assert keeping.run_once() == ["often"]
    ticks.now = 60
    assert keeping.run_once() == ["often", "seldom"]


def test_the_desks_own_chores_run_on_a_real_store(
    settings: Settings, support: SupportDesk, clock: Clock
) -> None:
    store = Store.open(settings.database_url)
    migration.upgrade(store.engine)
    listed = chores(settings, support, store, now=clock)

    done = Housekeeping(listed, monotonic=Ticks()).run_once()

    assert done == [chore.name for chore in listed]
    assert {"mail after a flood", "purge"} <= set(done)
    store.close()
