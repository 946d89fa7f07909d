"""The review list for the people who own articles: a page of its own, and dates for their calendars."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path

import jinja2

from generator.articles.article import Confidence
from generator.articles.knowledge_base import KnowledgeBase
from generator.audit import AuditedArticle, AuditReport
from generator.cache.memory import Recall, digest, work_anew
from generator.catalogue import write_json, write_text

_NEVER_DUE = (Confidence.ARCHIVED, Confidence.WORK_IN_PROGRESS)


def write_audit(
    folder: Path,
    report: AuditReport,
    base: KnowledgeBase,
    generated_at: datetime,
    *,
    recall: Recall = work_anew,
    around: bytes = b"",
) -> None:
    """Write audit.json and beside it reviews.html; neither belongs on the public site.

    With `recall` and `around`, a digest of the base but for its articles' texts, the page is remembered.
    """
    write_json(folder / "audit.json", report.as_json(generated_at))
    today = generated_at.date()
    fresh = repr([(one.path, one.freshness) for one in report.articles])
    key = digest(around, today.isoformat().encode(), fresh.encode("utf-8", "surrogatepass"))
    page = recall("reviews", key, lambda: review_page(report, base, today))
    write_text(folder / "reviews.html", page)


def by_owner(report: AuditReport) -> Mapping[str, tuple[AuditedArticle, ...]]:
    """Group what is to be reviewed by who answers for it, what is most urgent first."""
    groups: dict[str, list[AuditedArticle]] = defaultdict(list)
    for one in report.articles:
        if one.article.confidence not in _NEVER_DUE:
            groups[one.article.owner].append(one)
    ranked = sorted(groups, key=lambda owner: (-max(one.freshness.priority for one in groups[owner]), owner))
    return {owner: tuple(groups[owner]) for owner in ranked}


def review_page(report: AuditReport, base: KnowledgeBase, today: date) -> str:
    """Write the review list as one HTML page that needs nothing else."""
    outdated = {finding.path: finding.message for finding in report.findings if finding.rule == "translation"}
    return _template().render(
        owners=by_owner(report),
        people=base.people,
        today=today,
        soon=today + timedelta(days=14),
        outdated=outdated,
        stale=len(report.stale),
        articles=len(report.articles),
    )


def calendar(report: AuditReport, base: KnowledgeBase, today: date) -> bytes:
    """Write the days on which reviews fall due as iCalendar (RFC 5545), one whole day for each article.

    An article keeps its UID, so that a calendar that subscribes moves the day instead of adding another.
    """
    from icalendar import Calendar, Event  # takes long to load, and only calendars need it

    made = Calendar()
    made.add("prodid", "-//Answerfirst//kb//EN")
    made.add("version", "2.0")
    made.add("x-wr-calname", "Reviews of articles")
    due = (one for one in report.articles if one.article.confidence not in _NEVER_DUE)
    for one in sorted(due, key=lambda one: (one.article.review_due, one.path)):
        article = one.article
        owner = base.people.get(article.owner)
        event = Event()
        event.add("uid", f"{article.id}.{article.lang}@answerfirst")
        event.add("dtstamp", datetime.combine(today, time(), UTC))
        event.add("dtstart", article.review_due)
        event.add("summary", f"Review: {article.title}")
        event.add("description", f"{one.path}\nOwner: {owner.name if owner else article.owner}")
        event.add("transp", "TRANSPARENT")
        made.add_component(event)
    return bytes(made.to_ical())


@cache
def _template() -> jinja2.Template:
    text = (files("generator.reviewing") / "templates" / "reviews.html").read_text("utf-8")
    env = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return env.from_string(text)
