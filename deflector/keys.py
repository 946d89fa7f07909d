"""The secret key, and the keys made of it: one for each purpose, so that none can stand in for another."""

import hashlib
import hmac
import os
from pathlib import Path

from deflector.settings import Settings


def secret_key(settings: Settings) -> str:
    """Return the configured key; on a laptop one is drawn once and kept under `var`."""
    if settings.secret_key is not None:
        return settings.secret_key
    path = settings.var / "secret-key"
    if not path.is_file():
        _draw(path)
    return path.read_text(encoding="ascii")


def _draw(path: Path) -> None:
    """Write a new key to a file of its own, then give it its name: nobody ever reads half a key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    with os.fdopen(
        os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii"
    ) as file:
        file.write(os.urandom(32).hex())
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass  # another process was faster; its key is the one
    finally:
        fresh.unlink()


def derived(secret: str, purpose: str) -> bytes:
    """Make the 32-byte key of one purpose (HMAC-SHA-256 as a key derivation, NIST SP 800-108)."""
    return hmac.new(secret.encode(), f"answerfirst/{purpose}".encode(), hashlib.sha256).digest()
