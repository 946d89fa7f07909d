"""Keeps the sums behind the figures up to date: takes in what happened since the last time, and no more."""

from zoneinfo import ZoneInfo

from deflector.outcomes.facts import facts_of
from deflector.store.store import Store

# A quarter of a second for each transaction, which is as long as a ticket may have to wait for it.
AT_ONCE = 1000
# What a page takes in before it is shown, two to three seconds of work.
FOR_A_PAGE = 5000


def catch_up(store: Store, zone: ZoneInfo, *, most: int | None = None) -> int:
    """Take in everything that happened; return how many enquiries and events were looked at.

    Each step is a transaction of its own, so a first run over a large history never keeps tickets waiting.
    `most` stops after about so many: a page must not wait for a year of history, and the next one goes on.
    """
    taken = 0
    while most is None or taken < most:
        with store.reading() as tx:
            if not tx.figures.is_behind(zone):
                return taken
        with store.writing() as tx:
            tx.figures.hold(zone)
            limit = AT_ONCE if most is None else min(AT_ONCE, most - taken)
            notes, enquiries, loose = tx.figures.due(limit)
            facts = [
                (facts_of(enquiry, events), events)
                for enquiry, events in tx.enquiries.histories_of(enquiries)
            ]
            tx.figures.take_in(facts, tx.enquiries.events_numbered(loose), zone)
            tx.figures.done(notes)
            taken += len(facts) + len(loose)
    return taken
