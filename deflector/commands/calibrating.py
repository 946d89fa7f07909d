"""`deflector calibrate`: fit the confidence to what became of a site's own suggestions."""

import json
import math
from collections.abc import Sequence
from pathlib import Path

import click

from deflector.commands.environment import Failure
from deflector.commands.search_options import var_option
from deflector.search.calibration import (
    Checked,
    TooLittle,
    calibrated,
    fit,
    off_by,
    read_calibration,
    reliability,
    write_calibration,
)


@click.command()
@var_option
@click.option(
    "--outcomes",
    type=click.Path(path_type=Path),
    required=True,
    help='JSON lines {"confidence": 0..1, "right": true|false}: what was promised, and what became of it.',
)
@click.option("--dry-run", is_flag=True, help="Only say what it would do.")
def calibrate(var: Path, outcomes: Path, dry_run: bool) -> None:
    """Fit the confidence to a site's own outcomes, and say how true it was before and after."""
    checked = _read(outcomes)
    try:
        found = fit(checked)
    except TooLittle as exc:
        raise Failure(str(exc)) from None
    current, _ = read_calibration(var)
    _tell("before", checked)
    _tell("after", calibrated(checked, found))
    if dry_run:
        click.echo("Nothing was written (--dry-run).")
        return
    path = write_calibration(var, found.after(current))
    click.echo(f"Written to {path}; it counts from the next start of the service.")


def _tell(when: str, checked: Sequence[Checked]) -> None:
    click.echo(f"{when}: off by {off_by(checked):.1%} on average over {len(checked)} outcomes")
    for step in reliability(checked):
        click.echo(f"  promised {step.promised:.0%}, right {step.right:.0%} ({step.count})")


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
