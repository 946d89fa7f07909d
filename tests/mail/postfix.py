"""A private Postfix on loopback, in a folder of its own: it can be killed and started again. Needs root."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import pytest

PACKAGES = "postfix dovecot-imapd dovecot-lmtpd dovecot-sieve"
MAIN_CF = """\
compatibility_level = 3.6
queue_directory = {d}/spool
data_directory = {d}/pfdata
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.help.test
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtputf8_enable = yes
alias_maps =
alias_database =
local_transport = error:no local delivery
recipient_delimiter = +
disable_dns_lookups = yes
maillog_file = {d}/maillog
maillog_file_prefixes = /tmp, /var
import_environment = MAIL_CONFIG
smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
message_size_limit = 10485760
minimal_backoff_time = 2s
maximal_backoff_time = 4s
queue_run_delay = 2s
"""
MASTER_CF = """\
127.0.0.1:{smtp} inet n - n - - smtpd
pickup    unix n - n 60 1 pickup
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
tlsmgr    unix - - n 1000? 1 tlsmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
verify    unix - - n - 1 verify
flush     unix n - n 1000? 0 flush
proxymap  unix - - n - - proxymap
smtp      unix - - n - - smtp
lmtp      unix - - n - - lmtp
showq     unix n - n - - showq
error     unix - - n - - error
retry     unix - - n - - error
discard   unix - - n - - discard
anvil     unix - - n - 1 anvil
scache    unix - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True, kw_only=True)
class Postfix:
    """One Postfix: its queue, its log, and the port on which it takes mail from this machine."""

    folder: Path
    smtp: int

    def start(self) -> None:
        run("postfix", "-c", str(self.folder / "pfetc"), "start", log=self.folder / "pf.out")
        until(lambda: listens(self.smtp), "Postfix to listen")

    def stop(self) -> None:
        run("postfix", "-c", str(self.folder / "pfetc"), "stop", log=self.folder / "stop.out", must=False)

    def kill(self) -> None:
        """Kill it with all its helpers, as a power cut does."""
        master = int((self.folder / "spool/pid/master.pid").read_text())
        for one in [master, *_children(master)]:
            with suppress(ProcessLookupError):
                os.kill(one, 9)

    def queued(self) -> int:
        """Count the mails that it has taken and not passed on."""
        folders = ("maildrop", "incoming", "active", "deferred")
        return sum(path.is_file() for name in folders for path in (self.folder / "spool" / name).rglob("*"))

    def log(self) -> str:
        path = self.folder / "maillog"
        return path.read_text(errors="replace") if path.exists() else ""


def needed(*programs: str) -> None:
    """Skip with a sentence where no Postfix can be started, or one of the programs is not here.

    Also in CI, which tries to install them: a mail server is more than every machine will have.
    """
    if os.geteuid() != 0:
        pytest.skip("Postfix is started by root only.")
    missing = [name for name in ("postfix", *programs) if shutil.which(name) is None]
    if missing:
        pytest.skip(f"Not here: {', '.join(missing)}. Get them with: apt-get install {PACKAGES}")


@contextmanager
def postfix(routes: str) -> Iterator[Postfix]:
    """Start a Postfix on a free port; `routes` are the lines of main.cf that say where mail goes."""
    needed()
    folder = Path(mkdtemp(prefix="answerfirst-mail-"))
    folder.chmod(0o755)
    server = Postfix(folder=folder, smtp=free_port())
    for part in ("pfetc", "pfdata", "spool"):
        (folder / part).mkdir()
    shutil.chown(folder / "pfdata", "postfix")
    values = {"d": folder, "smtp": server.smtp}
    (folder / "pfetc/main.cf").write_text(MAIN_CF.format(**values) + routes.replace("{d}", str(folder)))
    (folder / "pfetc/master.cf").write_text(MASTER_CF.format(**values))
    try:
        run("postfix", "-c", str(folder / "pfetc"), "check", log=folder / "check.out")
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def until(happened: Callable[[], bool], what: str, seconds: float = 30) -> None:
    """Wait for something that other programs do; fail with its name when it does not happen."""
    for _ in range(int(seconds / 0.1)):
        if happened():
            return
        time.sleep(0.1)
    raise AssertionError(f"waited in vain for {what}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _children(pid: int) -> list[int]:
    with suppress(OSError):
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def run(*command: str, log: Path, must: bool = True) -> None:
    # Daemons keep the pipe of whoever started them open: their words go to a file.
    with log.open("a") as out:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, check=False)
    assert not must or done.returncode == 0, log.read_text()
