"""`deflector calibrate`: fit the confidence to what became of a site's own suggestions."""

import json
import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from deflector.app import utc_now
from deflector.commands.environment import (
    Failure,
    open_store,
    read_settings,
    read_support,
    said_in_a_sentence,
)
from deflector.commands.report import since_option, zoned
from deflector.commands.search_options import var_option
from deflector.outcomes.facts import FINAL_AFTER
from deflector.outcomes.promises import KeptOrBroken, promise_of
from deflector.search.calibration import (
    BINS,
    Checked,
    TooLittle,
    as_the_rule_said,
    calibrated,
    fit,
    off_by,
    reliability,
)
from deflector.search.calibration_file import Calibrations, read_calibrations, write_calibrations
from deflector.search.judgement import EXACT, NEUTRAL, Calibration

A_YEAR = timedelta(days=365)


@click.command()
@var_option
@click.option(
    "--outcomes",
    type=click.Path(path_type=Path),
    help='Read JSON lines {"confidence": 0..1, "right": true|false} in place of the database.',
)
@since_option
@click.option("--dry-run", is_flag=True, help="Only say what it would do.")
@click.option("--reset", is_flag=True, help="Go back to the shipped rule.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@said_in_a_sentence
def calibrate(
    var: Path, outcomes: Path | None, since: datetime | None, dry_run: bool, reset: bool, form: str
) -> None:
    """Fit the confidence to a site's own outcomes, and say how true it was before and after.

    \b
    deflector calibrate --dry-run
    deflector calibrate
    deflector calibrate --reset

    An outcome is an enquiry that is over (7 days) and said whether its answer was right: "This solved it", or
    "not solved", or a ticket. Running services take the numbers up at once.
    """
    if reset and (outcomes is not None or dry_run):
        raise click.UsageError("--reset stands alone.")
    known, problem = read_calibrations(var)
    if problem:
        click.echo(problem, err=True)
    now = utc_now()
    if reset:
        _keep(var, known, NEUTRAL, now, 0)
        click.echo("The shipped rule counts again.")
        return
    notes: list[str] = []
    if outcomes is not None:
        by_rule = [_by_rule(one, known.current) for one in _read(outcomes)]
    else:
        by_rule = _from_store(known, since, now, notes)
    try:
        found = fit(by_rule)
    except TooLittle as exc:
        raise Failure(" ".join([str(exc), *notes])) from None
    before, after = calibrated(by_rule, known.current), calibrated(by_rule, found)
    be_right = read_support(read_settings()).suggestions.be_right
    if form == "json":
        click.echo(json.dumps(_as_json(before, after, found, be_right, written=not dry_run), indent=2))
    else:
        console = Console(highlight=False)
        _tell(console, "Before", before)
        _tell(console, "After", after)
        asked = [sum(one.confidence >= be_right for one in checked) for checked in (before, after)]
        console.print(
            f"Sure enough to be put before a message is sent ({be_right:.0%}): {asked[0]} of these answers "
            f"before, {asked[1]} after.",
            soft_wrap=True,
        )
        for note in notes:
            console.print(note, soft_wrap=True)
    if dry_run:
        click.echo("Nothing was written (--dry-run).", err=form == "json")
        return
    path = _keep(var, known, found, now, len(by_rule))
    click.echo(
        f"Written to {path}; running services take it up. Back: deflector calibrate --reset",
        err=form == "json",
    )


def _from_store(
    known: Calibrations, since: datetime | None, now: datetime, notes: list[str]
) -> list[Checked]:
    """Read the settled outcomes of the search that answers now, as the shipped rule would have promised."""
    settings = read_settings()
    zone = read_support(settings).hours.time_zone
    with open_store(settings).reading() as tx:
        begun = tx.enquiries.histories(
            since=zoned(zone)(since) or now - A_YEAR, until=now - FINAL_AFTER, as_of=now
        )
        told = [found for enquiry, events in begun if (found := promise_of(enquiry, events)) is not None]
    # Another engine, or a model, is another rule; its promises say nothing about this one's.
    engine = max(told, key=lambda one: one.at).engine if told else ""
    same = [one for one in told if one.engine == engine]
    if len(same) < len(told):
        notes.append(f"Left out: {len(told) - len(same)} answers that were not found by {engine}.")
    ruled = [one for one in same if not _is_exact(one)]
    if len(ruled) < len(same):
        notes.append(f"Left out: {len(same) - len(ruled)} that were asked in the very words of an article.")
    return [
        _by_rule(Checked(confidence=one.confidence, right=one.right), known.in_force(one.at)) for one in ruled
    ]


def _is_exact(one: KeptOrBroken) -> bool:
    return math.isclose(one.confidence, EXACT, abs_tol=5e-5)  # stored with four figures


def _by_rule(one: Checked, calibration: Calibration) -> Checked:
    return Checked(confidence=as_the_rule_said(one.confidence, calibration), right=one.right)


def _keep(var: Path, known: Calibrations, new: Calibration, now: datetime, outcomes: int) -> Path:
    try:
        return write_calibrations(var, known.then(new, at=now, outcomes=outcomes))
    except OSError as exc:
        raise Failure(f"{var}: cannot be written ({exc.strerror}). Name another folder with --var.") from None


def _tell(console: Console, when: str, checked: Sequence[Checked]) -> None:
    points = f"{off_by(checked) * 100:.0f} points"
    console.print(
        f"{when}: promise and truth lie {points} apart on average, over {len(checked)} outcomes.",
        soft_wrap=True,
    )
    table = Table("Promised", "Answers", "On average", "Were right", box=None)
    for step in reliability(checked):
        low = min(BINS - 1, int(step.promised * BINS)) / BINS
        right = round(step.right * step.count)
        table.add_row(
            f"{low:.0%} to {low + 1 / BINS:.0%}",
            str(step.count),
            f"{step.promised:.0%}",
            f"{step.right:.0%} ({right} of {step.count})",
        )
    console.print(table)


def _as_json(
    before: Sequence[Checked],
    after: Sequence[Checked],
    found: Calibration,
    be_right: float,
    *,
    written: bool,
) -> dict[str, Any]:
    def told(checked: Sequence[Checked]) -> dict[str, object]:
        steps = reliability(checked)
        return {
            "off_by": off_by(checked),
            "sure_enough": sum(one.confidence >= be_right for one in checked),
            "bins": [{"count": s.count, "promised": s.promised, "right": s.right} for s in steps],
        }

    return {
        "outcomes": len(before),
        "before": told(before),
        "after": told(after),
        "calibration": {"slope": found.slope, "shift": found.shift},
        "written": written,
    }


def _read(path: Path) -> list[Checked]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        raise Failure(f"{path}: cannot be read ({exc}). Name a file of outcomes.") from None
    checked = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            confidence, right = float(row["confidence"]), row["right"]
            fits = isinstance(right, bool) and math.isfinite(confidence) and 0 <= confidence <= 1
        except (ValueError, KeyError, TypeError, RecursionError):
            fits = False
        if not fits:
            raise Failure(f'{path}:{number}: write one {{"confidence": 0.8, "right": true}} a line.')
        checked.append(Checked(confidence=confidence, right=right))
    return checked
