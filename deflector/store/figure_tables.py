"""The tables behind the figures: sums that are kept up to date. All can be recomputed from the events."""

from sqlalchemy import JSON, Boolean, Column, Float, Index, Integer, String, Table

from deflector.store.dialect import UtcDateTime
from deflector.store.tables import Counter, metadata

figures_due = Table(
    "figures_due",
    metadata,
    Column("id", Counter, primary_key=True),
    Column("enquiry", String(32)),
    Column("event", Counter),
)

# No foreign key: counts stay when the words they were made of are erased.
enquiry_facts = Table(
    "enquiry_facts",
    metadata,
    Column("enquiry", String(32), primary_key=True),
    Column("started_at", UtcDateTime, nullable=False, index=True),
    Column("day", String(10), nullable=False, index=True),
    Column("lang", String(16), nullable=False),
    Column("category", String(100), nullable=False),
    Column("arm", String(16), nullable=False),
    Column("bot", Boolean, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("offered", Boolean, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("clawed_back", Integer, nullable=False),
    Column("tickets", Integer, nullable=False),
    Column("parts", JSON, nullable=False),
)

CELL = ("day", "lang", "category", "arm", "bot", "urgent", "offered", "outcome")

daily_outcomes = Table(
    "daily_outcomes",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("lang", String(16), primary_key=True),
    Column("category", String(100), primary_key=True),
    Column("arm", String(16), primary_key=True),
    Column("bot", Boolean, primary_key=True),
    Column("urgent", Boolean, primary_key=True),
    Column("offered", Boolean, primary_key=True),
    Column("outcome", String(16), primary_key=True),
    Column("enquiries", Integer, nullable=False),
    Column("tickets", Integer, nullable=False),
    Column("clawed_back", Integer, nullable=False),
)

PART = ("day", "article", "lang", "version", "rank")

daily_articles = Table(
    "daily_articles",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("article", String(200), primary_key=True),
    Column("lang", String(16), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("rank", Integer, primary_key=True),
    Column("shown", Integer, nullable=False),
    Column("impressions", Integer, nullable=False),
    Column("opened", Integer, nullable=False),
    Column("solved", Integer, nullable=False),
    Column("opened_then_wrote", Integer, nullable=False),
    Column("declined", Integer, nullable=False),
    Column("helpful", Integer, nullable=False),
    Column("unhelpful", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
)

REASON = ("day", "article", "lang", "version", "reason")

daily_reasons = Table(
    "daily_reasons",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("article", String(200), primary_key=True),
    Column("lang", String(16), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("reason", String(100), primary_key=True),
    Column("votes", Integer, nullable=False),
)

SIDE = ("day", "lang", "kind")

# What happens outside enquiries: searches on the site, marks for satisfaction, answered tickets.
daily_sides = Table(
    "daily_sides",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("lang", String(16), primary_key=True),
    Column("kind", String(32), primary_key=True),
    Column("times", Integer, nullable=False),
)

unanswered = Table(
    "unanswered",
    metadata,
    Column("event", Counter, primary_key=True, autoincrement=False),
    Column("enquiry", String(32), index=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("lang", String(16), nullable=False),
    Column("category", String(100), nullable=False),
    Column("wrote", Boolean, nullable=False),
    Column("article", String(200)),
    Column("article_lang", String(16)),
    Column("version", Integer),
    Index(None, "lang", "at"),
)

# One row: what the sums were made with. Another time zone makes other days, so everything is made again.
figures_made = Table(
    "figures_made",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("zone", String(64), nullable=False),
    Column("definitions", Integer, nullable=False),
)
