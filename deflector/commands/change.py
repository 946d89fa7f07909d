"""`deflector report --effect-of`: what a merged change to the articles did."""

import json
import subprocess
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from zoneinfo import ZoneInfo

import click

from deflector.commands.environment import Failure
from deflector.measures.change import ChangeEffect, Window, change_effect, windows
from deflector.reporting import data
from deflector.reporting.text import points, share
from deflector.store.store import Store

GIT_SECONDS = 20
A_DAY = timedelta(days=1)


def report_change(
    store: Store, change: str, *, article: str | None, now: datetime, zone: ZoneInfo, as_json: bool
) -> None:
    """Print both windows and their difference."""
    at, changed = _meant(change, zone)
    if at >= now:
        raise Failure(f"{change} lies in the future: there is no time after it to look at.")
    since, until = windows(at, now)
    with store.reading() as tx:
        articles = [key for key in tx.enquiries.articles_shown(since=since) if article in (None, key[0])]
        if changed is not None:
            articles = [key for key in articles if key in changed]
        histories = tx.enquiries.about(articles, since=since, until=until)
        found = change_effect(histories, articles, at=at, now=now)
    if not found.before.shown and not found.after.shown:
        raise Failure(_nothing(change, article, now - at))
    if as_json:
        click.echo(json.dumps(_object(found), ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(_lines(found, zone)))


def _nothing(change: str, article: str | None, since: timedelta) -> str:
    if article is not None:
        return f"The article '{article}' was shown to nobody around {change}. Check its id, or wait."
    young = " It is younger than a day: look again in a week." if since < A_DAY else ""
    return f"No article that {change} changed was shown to anybody around that time.{young}"


def _meant(change: str, zone: ZoneInfo) -> tuple[datetime, set[tuple[str, str]] | None]:
    """Read a date, or ask Git when a revision was made and which articles (id, language) it changed."""
    try:
        moment = datetime.fromisoformat(change)
    except ValueError:
        return _from_git(change)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone), None


def _from_git(revision: str) -> tuple[datetime, set[tuple[str, str]]]:
    # A merge is shown against its first parent: what the pull request brought.
    shown = ["show", "-m", "--first-parent", "--format=%cI", "--name-only", "--end-of-options", revision]
    try:
        done = subprocess.run(  # noqa: S603 (a list of words, no shell; the revision cannot be an option)
            ["git", "-c", "core.quotePath=false", *shown],  # noqa: S607 (whichever Git is the person's)
            capture_output=True,
            text=True,
            timeout=GIT_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        raise Failure(
            f'"{revision}" is neither a date nor a revision of the Git repository here. '
            "Write 2026-11-22, or run the command in the repository of the articles."
        ) from None
    first, *names = [line for line in done.stdout.splitlines() if line.strip()]
    articles = set()
    for name in names:
        path = PurePosixPath(name)
        # kb/<language>/<category>/<id>.md
        if path.suffix == ".md" and len(path.parts) >= 3:
            articles.add((path.stem, path.parts[-3]))
    return datetime.fromisoformat(first), articles


def _lines(found: ChangeEffect, zone: ZoneInfo) -> list[str]:
    named = ", ".join(f"{article} ({lang})" for article, lang in found.articles[:5])
    more = f" and {len(found.articles) - 5} more" if len(found.articles) > 5 else ""
    lines = [f"Change of {found.at.astimezone(zone):%Y-%m-%d %H:%M}: {named}{more}"]
    # Of a young change the hours count: both windows lie within a day or two.
    exactly = "%Y-%m-%d %H:%M" if found.after.until - found.at < 3 * A_DAY else "%Y-%m-%d"
    for name, window in (("Before", found.before), ("After", found.after)):
        versions = ", ".join(f"v{version}" for version in window.versions)
        since, until = window.since.astimezone(zone), window.until.astimezone(zone)
        lines += [
            f"{name}, {since:{exactly}} to {until:{exactly}}: shown to {window.shown} {versions}".rstrip(),
            f"  wrote to us:            {share(window.ticket_rate)}",
            f"  solved:                 {share(window.confirmed_rate)}",
            f"  opened it, then wrote:  {share(window.failing_rate)}",
        ]
    for name, value in (("Wrote to us", found.tickets), ("Solved", found.confirmed)):
        lines.append(f"{name}, after minus before: {points(value) if value else 'too few to say'}")
    lines.append("This compares two times: whatever else changed that day is in it too.")
    return lines


def _object(found: ChangeEffect) -> dict[str, object]:
    return {
        "at": found.at.isoformat(),
        "articles": [{"article": article, "lang": lang} for article, lang in found.articles],
        "before": _window(found.before),
        "after": _window(found.after),
        "tickets": data.difference(found.tickets),
        "confirmed": data.difference(found.confirmed),
        "opened_then_wrote": data.difference(found.failing),
    }


def _window(window: Window) -> dict[str, object]:
    return {
        "since": window.since.isoformat(),
        "until": window.until.isoformat(),
        "shown": window.shown,
        "confirmed": window.confirmed,
        "tickets": window.tickets,
        "opened": window.opened,
        "opened_then_wrote": window.opened_then_wrote,
        "versions": list(window.versions),
    }
