"""A private PostgreSQL on loopback for the tests; it can be killed and started again."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.needs import missing


def programs() -> Path:
    """Find the folder of the server's programs; skipped with a sentence where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if not on_path:
        missing("PostgreSQL", "Get it with: apt-get install postgresql")
    return Path(on_path).parent


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True, kw_only=True)
class Server:
    """One server in a folder of its own. `durable`: what is committed is on the disk (fsync)."""

    folder: Path
    port: int
    durable: bool

    @property
    def url(self) -> str:
        """Name the server without a database."""
        return f"postgresql+psycopg://test@127.0.0.1:{self.port}"

    def prepare(self) -> None:
        if self._user:
            shutil.chown(self.folder, self._user)
        # Nothing is worth waiting for the disk yet; what is committed later is `durable`, or not.
        words = ["-A", "trust", "-U", "test", "--no-locale", "-E", "UTF8", "--no-sync"]
        self._run("initdb", "-D", str(self.folder / "data"), *words)

    def start(self) -> None:
        """Start it, also after a kill: then until what is left of the old one has let go."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder}"
        options += f" -c fsync={'on' if self.durable else 'off'}"
        command = ["-D", str(self.folder / "data"), "-w", "-l", str(self.folder / "log"), "-o", options]
        for _ in range(20):
            with suppress(AssertionError):
                return self._run("pg_ctl", *command, "start")
            time.sleep(0.2)
        raise AssertionError((self.folder / "log").read_text())

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")

    def create(self, database: str) -> str:
        """Make an empty database, and return its URL."""
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "test", database)
        return f"{self.url}/{database}"

    def kill(self) -> None:
        """Kill -9 all of it at once."""
        postmaster = self._postmaster()
        _kill(postmaster, *_children(postmaster))

    def kill_one_connection(self, number: int) -> None:
        """Kill -9 the process behind one connection: the server then ends all of them and recovers."""
        clients = [pid for pid in _children(self._postmaster()) if b"127.0.0.1(" in _title(pid)]
        if clients:
            _kill(sorted(clients)[number % len(clients)])

    @property
    def _user(self) -> str | None:
        # PostgreSQL refuses to run as root; Debian's package made a user for it.
        return "postgres" if os.geteuid() == 0 else None

    def _postmaster(self) -> int:
        return int((self.folder / "data/postmaster.pid").read_text().split()[0])

    def _run(self, program: str, *words: str) -> None:
        command = [str(programs() / program), *words]
        done = subprocess.run(
            command, user=self._user, capture_output=True, text=True, cwd=self.folder, check=False
        )
        assert done.returncode == 0, done.stderr


@contextmanager
def running(*, durable: bool = False) -> Iterator[Server]:
    """Run a server on a free port."""
    programs()
    folder = Path(tempfile.mkdtemp(prefix="answerfirst-pg-"))
    server = Server(folder=folder, port=_free_port(), durable=durable)
    try:
        server.prepare()
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def server() -> Iterator[str]:
    """Run a server on a free port; yields its URL without a database name."""
    with running() as one:
        yield one.url


def _children(pid: int) -> list[int]:
    with suppress(OSError):
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def _title(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def _kill(*pids: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
