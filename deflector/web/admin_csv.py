"""The tables behind the dashboard's charts, as rows."""

from collections.abc import Iterable

from deflector.web.admin_figures import Filters, overview, stale_by_owner
from deflector.web.services import Services

Table = tuple[list[str], Iterable[Iterable[object]]]


def table(name: str, filters: Filters, held: Services) -> Table | None:
    """Find a table by name; None where there is none."""
    if name == "outcomes":
        stack = overview(filters, held).stack
        return [stack.step, *(band.name for band in stack.bands)], ([day, *n] for day, n in stack.rows)
    if name == "articles":
        header = ["article", "lang", "version", "shown", "opened", "solved", "opened_then_wrote"]
        header += ["declined", "helpful", "unhelpful", "seconds", "pull", "failing"]
        return header, (
            [
                *(one.about.article, one.about.lang, one.about.version),
                *(getattr(one, field) for field in header[3:11]),
                *(round(one.pull, 3), round(one.failing, 3)),
            ]
            for one in overview(filters, held).figures.articles
        )
    if name == "stale":
        return ["owner", "article", "lang", "review_due", "reasons"], (
            [owner, row["title"], row["lang"], row["due"], " ".join(row["reasons"])]
            for owner, rows in stale_by_owner(held).items()
            for row in rows
        )
    return None
