"""The commands that keep articles true: audit, review, remind."""

import csv
import io
import os
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import click
from rich.table import Table

from generator.articles.article import Article, Confidence
from generator.articles.knowledge_base import KnowledgeBase
from generator.articles.locating import Place
from generator.audit import AuditReport, article_as_json, audit, finding_as_json
from generator.catalogue import write_text
from generator.commands.inspecting import find_article
from generator.commands.options import console, format_option, kb_option, load, today_option
from generator.commands.output import as_json, render, tally
from generator.counting import counted
from generator.freshness.evidence import gather
from generator.freshness.signals import Signals, SignalsUnusable, read_signals, unknown_articles
from generator.reviewing.attesting import NotAttested, attested
from generator.reviewing.reminders import SOON, as_mail, reminders
from generator.reviewing.review_list import calendar, review_page
from generator.reviewing.sending import NotSent, send

_SIGNALS_HELP: Final = (
    "What the contact form counted (deflector report writes it): weighs articles by readers."
)
_FILE: Final = click.Path(dir_okay=False, path_type=Path)


@click.command("audit", short_help="List the articles by what to do first.")
@click.option(
    "--fail-on", type=click.Choice(["stale", "error"]), multiple=True, help="Exit with 1 at any of these."
)
@click.option("--signals", "signals_file", metavar="FILE", type=_FILE, help=_SIGNALS_HELP)
@click.option("--html", "page", metavar="FILE", type=_FILE, help="Also write the review list as a page.")
@click.option("--ics", "dates", metavar="FILE", type=_FILE, help="Also write the due reviews as a calendar.")
@format_option("table", "json", "csv")
@kb_option
@today_option
@click.pass_context
def audit_command(
    context: click.Context,
    fail_on: tuple[str, ...],
    signals_file: Path | None,
    page: Path | None,
    dates: Path | None,
    form: str,
    place: Place,
    today: date,
) -> None:
    """List the articles by what to do first, each with its score and reasons, and what the rules find.

    \b
    kb audit                              the table that a team goes through together
    kb audit --signals signals.json       with what readers did: failing articles come first
    kb audit --today 2027-01-01           what will be due then
    kb audit --html reviews.html          the list as a page, grouped by owner
    kb audit --ics reviews.ics            the due reviews for a calendar
    kb audit --fail-on stale              for a weekly job that should turn red
    kb audit --format csv > review.csv    for a spreadsheet

    Exits with 0, with 1 where --fail-on found something, 2 for wrong usage.
    """
    base = load(place)
    report = audit(base, today=today, evidence=gather(base, _signals(base, signals_file)))
    if page is not None:
        _write(page, review_page(report, base, today))
    if dates is not None:
        _write(dates, calendar(report, base, today).decode())
    if form == "json":
        findings = [finding_as_json(finding) for finding in report.findings]
        click.echo(
            as_json({"findings": findings, "articles": [article_as_json(one) for one in report.articles]})
        )
    elif form == "csv":
        click.echo(_as_csv(report), nl=False)
    else:
        console().print(_table(report))
        if text := render(report.findings, "text"):
            click.echo(text)
        click.echo(tally(report.findings, len(base.articles)), err=True)
    fails = ("stale" in fail_on and report.stale) or ("error" in fail_on and report.errors)
    context.exit(int(bool(fails)))


@click.command("review", short_help="Record that an article was found true.")
@click.argument("id")
@click.option(
    "--by", required=True, metavar="NAME", help="Who compared it with reality, a key of people.yml."
)
@click.option(
    "--note", required=True, metavar="TEXT", help="What it was compared with; shown in the history."
)
@click.option("--lang", metavar="LANG", help="The language, where several have the article.")
@kb_option
@today_option
def review_command(id: str, by: str, note: str, lang: str | None, place: Place, today: date) -> None:  # noqa: A002
    """Record that somebody compared an article with reality and found it true.

    \b
    kb review refund-for-a-game --by jon --note "Followed the steps, compared with the policy of October"

    Sets reviewed_on, reviewed_by and confidence, and notes what was checked as a new version without a change
    of meaning. Comments and formatting stay. Exits with 0, or with 1 where nothing was written.
    """
    base = load(place)
    article = find_article(base, id, lang)
    if article.confidence is Confidence.ARCHIVED:
        advice = "To bring it back, set confidence to not_validated first."
        raise click.ClickException(f"{base.spoken_path(article.path)} is archived. {advice}")
    _look_at_reviewer(base, article, by)
    if not note.strip() or not note.isprintable():
        raise click.BadParameter("Say in one line what you compared it with.", param_hint="--note")
    file = base.folder / article.path
    try:
        data = attested(file.read_bytes(), article, by=by, on=today, note=note)
        file.write_bytes(data)
    except NotAttested as exc:
        raise click.ClickException(f"{base.spoken_path(article.path)}: {exc}") from None
    except OSError as exc:
        raise click.ClickException(f"{file}: cannot be written ({exc.strerror}).") from None
    due = today + article.review_every
    click.echo(f"{base.spoken_path(article.path)}: reviewed by {by}. The next review is due on {due}.")
    if article.confidence is Confidence.WORK_IN_PROGRESS:
        click.echo("It was a draft, and is published with the next build.", err=True)


@click.command("remind", short_help="Write to each owner what is stale or due soon.")
@click.option(
    "--days", type=click.IntRange(0, 366), default=SOON.days, show_default=True, help="How far ahead."
)
@click.option("--signals", "signals_file", metavar="FILE", type=_FILE, help=_SIGNALS_HELP)
@click.option(
    "--from", "sender", metavar="ADDRESS", default="kb@localhost", show_default=True, help="Who writes."
)
@click.option("--dry-run", is_flag=True, help="Print the mails and send nothing.")
@kb_option
@today_option
def remind_command(
    days: int, signals_file: Path | None, sender: str, dry_run: bool, place: Place, today: date
) -> None:
    """Write one mail to each owner of articles that are stale or fall due soon.

    \b
    kb remind --dry-run                   see what would be written
    kb remind --from help@playdeck.example

    Sends through DEFLECTOR_SMTP_URL (smtp://host:port, smtps://…, smtp+starttls://…, maildir:folder); without
    it into the Maildir var/mail. Exits with 0, or with 1 where mails could not be sent.
    """
    base = load(place)
    report = audit(base, today=today, evidence=gather(base, _signals(base, signals_file)))
    found = tuple(reminders(report, base, today, timedelta(days=days)))
    for one in found:
        if one.email is None:
            count = f"{len(one.articles)} article{'s' if len(one.articles) > 1 else ''}"
            click.echo(f"{one.owner} has no address in people.yml and {count} to review.", err=True)
    mails = [as_mail(one, sender=sender, today=today) for one in found if one.email is not None]
    if dry_run:
        for mail in mails:
            click.echo(f"To: {mail['To']}\nSubject: {mail['Subject']}\n\n{mail.get_content()}")
        return
    try:
        sent = send(mails, os.environ.get("DEFLECTOR_SMTP_URL") or "maildir:var/mail") if mails else 0
    except NotSent as exc:
        raise click.ClickException(str(exc)) from None
    click.echo(f"Wrote to {counted(sent, 'owner')}." if sent else "Nobody needs a reminder.")


def _signals(base: KnowledgeBase, file: Path | None) -> Signals | None:
    if file is None:
        return None
    try:
        signals = read_signals(file)
    except SignalsUnusable as exc:
        raise click.ClickException(str(exc)) from None
    if unknown := unknown_articles(base, signals):
        click.echo(f"{file} speaks of articles that are not here any more: {unknown:,}.", err=True)
    return signals


def _look_at_reviewer(base: KnowledgeBase, article: Article, by: str) -> None:
    person = base.people.get(by)
    if "people.yml" in base.files and (person is None or person.is_team):
        known = ", ".join(key for key, one in base.people.items() if not one.is_team)
        raise click.BadParameter(f'"{by}" is no person of people.yml. There are: {known}.', param_hint="--by")
    newest = article.last_real_change
    if newest is not None and newest.by == by:
        message = f"{by} wrote version {newest.version}. Four eyes see more: ask somebody else to review."
        if base.four_eyes:
            raise click.ClickException(message)
        click.echo(message, err=True)


def _write(file: Path, text: str) -> None:
    try:
        write_text(file, text)
    except OSError as exc:
        raise click.ClickException(f"{file}: cannot be written ({exc.strerror}).") from None


def _table(report: AuditReport) -> Table:
    table = Table(
        "Score", "Review due", "Article", "Owner", "Confidence", "Reads", "Why", title_justify="left"
    )
    for one in report.articles:
        fresh, article = one.freshness, one.article
        why = "\n".join(f"−{part.points} {part.reason}" for part in fresh.parts)
        due, state = str(article.review_due), article.confidence.value
        table.add_row(str(fresh.score), due, one.path, article.owner, state, str(fresh.reads or ""), why)
    return table


def _as_csv(report: AuditReport) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    names = ["path", "lang", "id", "version", "owner", "confidence", "review_due", "stale", "score", "reads"]
    writer.writerow([*names, "reasons"])
    for one in report.articles:
        row = article_as_json(one) | {"confidence": one.article.confidence}
        writer.writerow([*(row[name] for name in names), " ".join(part["reason"] for part in row["parts"])])
    return out.getvalue()


COMMANDS = (audit_command, review_command, remind_command)
