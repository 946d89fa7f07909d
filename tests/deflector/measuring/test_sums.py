"""The sums do not depend on where they are kept: the same events give the same rows on every database."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Table, create_engine, select, text

from deflector.measures.period import Period, from_events, from_sums
from deflector.measures.rollup import catch_up
from deflector.model import Event, EventKind
from deflector.outcomes.tallies import Tally
from deflector.store import figure_tables, migration
from deflector.store.store import Store
from tests.deflector.measuring.histories import MADRID, histories, keep, moment

AS_OF = moment("2026-10-26 12:00")  # some are open, some provisional, some final
TABLES: list[Table] = [
    figure_tables.daily_outcomes,
    figure_tables.daily_articles,
    figure_tables.daily_reasons,
    figure_tables.daily_sides,
    figure_tables.enquiry_facts,
]
Open = Callable[[str], Store]


@pytest.fixture
def open_store(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Open]:
    opened: list[Store] = []

    def make(kind: str) -> Store:
        url = f"sqlite:///{tmp_path}/sums.db"
        if kind == "postgresql":
            server, name = request.getfixturevalue("postgres_url"), "sums"
            admin = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
            with admin.connect() as connection:
                connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
                connection.execute(text(f"CREATE DATABASE {name}"))
            admin.dispose()
            url = f"{server}/{name}"
        store = Store.open(url)
        opened.append(store)
        migration.upgrade(store.engine)
        return store

    yield make
    for store in opened:
        store.close()


def live_through(store: Store) -> None:
    """Keep the histories, count, then let something happen in those that were counted, and beside them."""
    keep(store)
    catch_up(store, MADRID)
    first = next(histories()).enquiry
    at = first.started_at
    late = [
        Event(
            kind=EventKind.TICKET, at=at + timedelta(days=2), enquiry=first.id, data={"number": "HC-LATE22"}
        ),
        Event(kind=EventKind.SATISFACTION, at=at + timedelta(days=3), enquiry=first.id, data={"mark": 2}),
        Event(
            kind=EventKind.SITE_SEARCH, at=at, enquiry=None, data={"results": 0, "lang": "en", "text": "hat"}
        ),
    ]
    with store.writing() as tx:
        tx.enquiries.record(late)
    catch_up(store, MADRID)


def rows(store: Store, table: Table) -> list[tuple[object, ...]]:
    """Read a table in the order of its key; a row whose counts came back to nothing says nothing."""
    counts = [column.name for column in table.c if column not in list(table.primary_key.columns)]
    with store.reading() as tx:
        found = [row._mapping for row in tx.connection.execute(select(table).order_by(*table.primary_key))]
    return sorted(
        (tuple(row[column.name] for column in table.c) for row in found if any(row[name] for name in counts)),
        key=str,
    )


def counted(store: Store) -> list[Tally]:
    """Count both ways. The numbers of events are the database's own: PostgreSQL leaves gaps."""
    with store.reading() as tx:
        found = [
            from_sums(tx, Period(), zone=MADRID, as_of=AS_OF),
            from_events(tx, Period(), zone=MADRID, as_of=AS_OF),
        ]
    return [
        replace(tally, unanswered=tuple(replace(asked, event=0) for asked in tally.unanswered))
        for tally in found
    ]


def test_the_same_events_give_the_same_sums_on_postgresql_as_on_sqlite(open_store: Open) -> None:
    stores = [open_store(kind) for kind in ("sqlite", "postgresql")]
    for store in stores:
        live_through(store)

    for table in TABLES:
        on_sqlite, on_postgresql = (rows(store, table) for store in stores)
        assert on_sqlite, f"{table.name} is empty, so it proves nothing"
        assert on_sqlite == on_postgresql, table.name
    assert counted(stores[0]) == counted(stores[1])


def test_made_anew_in_one_go_the_sums_are_those_that_were_kept_up_to_date(open_store: Open) -> None:
    store = open_store("sqlite")
    live_through(store)
    kept = {table.name: rows(store, table) for table in TABLES}

    with store.writing() as tx:
        tx.connection.execute(figure_tables.figures_made.update().values(definitions=0))
    assert catch_up(store, MADRID) == len(list(histories())) + 1

    assert {table.name: rows(store, table) for table in TABLES} == kept
