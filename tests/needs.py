"""What a test needs of the machine: skipped with a sentence where it is missing, a failure in CI."""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

SHARED = Path(__file__).parents[2] / "shared"


def missing(what: str, how: str) -> NoReturn:
    """Skip the test and say how to get what it needs. In CI everything must be there."""
    sentence = f"{what} is not here. {how}"
    if os.environ.get("CI"):
        pytest.fail(sentence)
    pytest.skip(sentence)


def program(name: str, *, package: str) -> str:
    """Find a program, or say how to get it."""
    found = shutil.which(name)
    if found is None:
        missing(name, f"Get it with: apt-get install {package}")
    return found


def shared(part: str) -> Path:
    """Find public data that lies beside the checkout where the project is developed; skipped elsewhere."""
    path = SHARED / part
    if not path.exists():
        pytest.skip(
            f"The public data {part} does not lie beside this checkout; the project works without it."
        )
    return path
