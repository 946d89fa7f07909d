"""The calibrations of a site, in one file: written in one step, with versions, followed by the service."""

import json
import logging
import math
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from deflector.search.judgement import NEUTRAL, Calibration

log = logging.getLogger(__name__)

FILE = "calibration.json"
KEPT = 20  # earlier calibrations: they say what the confidences of those days meant


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """One calibration of a site: since when it counts (None: always), and on how many outcomes it rests."""

    version: int
    calibration: Calibration
    at: datetime | None = None
    outcomes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrations:
    """The calibrations of a site, oldest first; none is the shipped rule."""

    fitted: tuple[Fitted, ...] = ()

    @property
    def current(self) -> Calibration:
        return self.fitted[-1].calibration if self.fitted else NEUTRAL

    def in_force(self, moment: datetime) -> Calibration:
        """Find the calibration with which something was promised at a moment."""
        before = [one for one in self.fitted if one.at is None or one.at <= moment]
        return before[-1].calibration if before else NEUTRAL

    def then(self, calibration: Calibration, *, at: datetime, outcomes: int = 0) -> "Calibrations":
        """Give the same with a new one in force from a moment on."""
        version = self.fitted[-1].version + 1 if self.fitted else 1
        new = Fitted(version=version, calibration=calibration, at=at, outcomes=outcomes)
        return Calibrations(fitted=(*self.fitted[-KEPT:], new))


def read_calibrations(var: Path) -> tuple[Calibrations, str | None]:
    """Read a site's calibrations from `var`; none, with a sentence, where the file is unusable."""
    path = var / FILE
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        rows = [*data.get("earlier", ()), data]
        return Calibrations(fitted=tuple(_fitted(row, number) for number, row in enumerate(rows, 1))), None
    except FileNotFoundError:
        return Calibrations(), None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Calibrations(), (
            f"{path}: this is no calibration, so that the shipped rule is used. "
            "Remove the file, or write it again with `deflector calibrate`."
        )


def write_calibrations(var: Path, calibrations: Calibrations) -> Path:
    """Keep calibrations under `var` in one step: who reads gets the old or the new. Return the file."""
    path = var / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    *earlier, last = [_row(one) for one in calibrations.fitted]
    content = json.dumps({**last, "earlier": earlier}, indent=2)
    handle, name = tempfile.mkstemp(prefix=f".{FILE}.", dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(f"{content}\n")
        file.flush()
        os.fsync(file.fileno())
        os.fchmod(file.fileno(), 0o644)
    Path(name).replace(path)
    return path


class FollowedCalibration(Calibration):
    """The calibration that is in a site's file at the moment: what is fitted counts without a restart.

    A file that breaks while it is followed leaves the last good one in force.
    """

    def __init__(self, var: Path) -> None:
        calibrations, problem = read_calibrations(var)
        # The class is frozen for everybody else.
        object.__setattr__(self, "_path", var / FILE)
        object.__setattr__(self, "_read", (_stamp(var / FILE), calibrations.current))
        object.__setattr__(self, "problem", problem)

    problem: str | None
    _path: Path
    _read: tuple[object, Calibration]

    @property
    def slope(self) -> float:
        return self._now().slope

    @property
    def shift(self) -> float:
        return self._now().shift

    def apply(self, log_odds: float) -> float:
        return self._now().apply(log_odds)

    def _now(self) -> Calibration:
        stamp, current = self._read
        if (newest := _stamp(self._path)) != stamp:
            calibrations, problem = read_calibrations(self._path.parent)
            if problem:
                log.warning("calibration kept because=%r", problem)
            else:
                current = calibrations.current
            object.__setattr__(self, "_read", (newest, current))
        return current


def _fitted(row: Mapping[str, Any], number: int) -> Fitted:
    slope, shift = float(row["slope"]), float(row["shift"])
    if not (math.isfinite(slope) and math.isfinite(shift) and slope > 0):
        raise ValueError
    at = datetime.fromisoformat(row["at"]) if row.get("at") else None
    if at is not None and at.tzinfo is None:
        raise ValueError
    return Fitted(
        version=int(row.get("version", number)),
        calibration=Calibration(slope=slope, shift=shift),
        at=at,
        outcomes=int(row.get("outcomes", 0)),
    )


def _row(one: Fitted) -> dict[str, object]:
    return {
        "version": one.version,
        "slope": one.calibration.slope,
        "shift": one.calibration.shift,
        "at": one.at.isoformat() if one.at else None,
        "outcomes": one.outcomes,
    }


def _stamp(path: Path) -> tuple[int, ...]:
    try:
        found = path.stat()
    except OSError:
        return ()
    return (found.st_mtime_ns, found.st_size, found.st_ino)
