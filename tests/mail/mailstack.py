"""A private Postfix and Dovecot on loopback: real queues, mailboxes, bounces, and a real vacation responder.

Every address at help.test and cust.test has a mailbox, but for gone@cust.test, whose mail comes back later.
The password is `test`. Needs root, since Postfix does.
"""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import pytest

from tests.needs import program

OPT_IN = "ANSWERFIRST_MAILSTACK"
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
virtual_mailbox_domains = help.test, cust.test
virtual_mailbox_maps = static:ok
smtpd_reject_unlisted_recipient = no
transport_maps = inline:{{ {{ gone@cust.test = error:5.1.1 there is nobody here }} }}
virtual_transport = lmtp:unix:{d}/dvrun/lmtp-in
recipient_delimiter = +
default_transport = error:5.1.2 no way out of here
relayhost =
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
DOVECOT_CONF = """\
base_dir = {d}/dvrun
state_dir = {d}/dvrun/state
instance_name = answerfirst-test
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
log_path = {d}/dovecot.log
mail_location = maildir:{d}/vmail/%d/%n/Maildir
first_valid_uid = 5000
default_login_user = dovenull
default_internal_user = dovecot
recipient_delimiter = +
submission_host = 127.0.0.1:{smtp}
protocol lmtp {{
  mail_plugins = sieve
}}
plugin {{
  sieve = file:{d}/sieve/%n.sieve
  sieve_extensions = +vacation-seconds
}}
passdb {{
  driver = static
  args = password=test
}}
userdb {{
  driver = static
  args = allow_all_users=yes uid=5000 gid=5000 home={d}/vmail/%d/%n
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service lmtp {{
  unix_listener lmtp-in {{
    mode = 0666
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""
SIEVE = {
    # `away` answers every mail that a person may have written.
    "away": 'require ["vacation", "vacation-seconds"];\nvacation :seconds 1 "I am on holiday.";\n',
}


@dataclass(frozen=True, kw_only=True)
class MailStack:
    """Where the servers listen, and what they wrote down."""

    smtp: int
    imap: int
    folder: Path

    def kill(self) -> None:
        """Kill Postfix with all its helpers, as a power cut does."""
        master = int((self.folder / "spool/pid/master.pid").read_text())
        helpers = subprocess.run(["pgrep", "-P", str(master)], capture_output=True, text=True, check=False)
        for one in [master, *map(int, helpers.stdout.split())]:
            try:
                os.kill(one, 9)
            except ProcessLookupError:
                continue

    def start(self) -> None:
        _run("postfix", "-c", str(self.folder / "pfetc"), "start", log=self.folder / "pf.out")

    def log(self) -> str:
        path = self.folder / "maillog"
        return path.read_text(errors="replace") if path.exists() else ""


@contextmanager
def mail_stack() -> Iterator[MailStack]:
    """Start both servers on free ports; skipped with a sentence where they are not asked for or not here."""
    if not os.environ.get(OPT_IN):
        pytest.skip(f"Postfix and Dovecot are started only where {OPT_IN}=1 is set.")
    program("postfix", package="postfix")
    program("dovecot", package="dovecot-imapd dovecot-lmtpd dovecot-sieve")
    if os.geteuid() != 0:
        pytest.skip("Postfix is started by root only.")
    folder = Path(mkdtemp(prefix="answerfirst-mail-"))
    folder.chmod(0o755)
    smtp, imap = _free_port(), _free_port()
    _configure(folder, smtp, imap)
    stack = MailStack(smtp=smtp, imap=imap, folder=folder)
    try:
        _run("postfix", "-c", str(folder / "pfetc"), "check", log=folder / "check.out")
        _run("dovecot", "-c", str(folder / "dvetc/dovecot.conf"), log=folder / "dv.out")
        stack.start()
        until(lambda: _listens(smtp) and _listens(imap), "the mail servers to listen")
        yield stack
    finally:
        _run("postfix", "-c", str(folder / "pfetc"), "stop", log=folder / "stop.out", must=False)
        _run("doveadm", "-c", str(folder / "dvetc/dovecot.conf"), "stop", log=folder / "stop.out", must=False)
        shutil.rmtree(folder, ignore_errors=True)


def until(happened: Callable[[], bool], what: str, seconds: float = 30) -> None:
    """Wait for something that other programs do; fail with its name when it does not happen."""
    for _ in range(int(seconds / 0.1)):
        if happened():
            return
        time.sleep(0.1)
    raise AssertionError(f"waited in vain for {what}")


def _configure(folder: Path, smtp: int, imap: int) -> None:
    for part in ("pfetc", "pfdata", "spool", "vmail", "dvrun", "dvetc", "sieve"):
        (folder / part).mkdir()
    shutil.chown(folder / "pfdata", "postfix")
    for part in ("vmail", "sieve"):
        os.chown(folder / part, 5000, 5000)
    values = {"d": folder, "smtp": smtp, "imap": imap}
    (folder / "pfetc/main.cf").write_text(MAIN_CF.format(**values))
    (folder / "pfetc/master.cf").write_text(MASTER_CF.format(**values))
    (folder / "dvetc/dovecot.conf").write_text(DOVECOT_CONF.format(**values))
    for user, script in SIEVE.items():
        (folder / f"sieve/{user}.sieve").write_text(script)
        os.chown(folder / f"sieve/{user}.sieve", 5000, 5000)


def _run(*command: str, log: Path, must: bool = True) -> None:
    # Daemons keep the pipe of whoever started them open: their words go to a file.
    with log.open("a") as out:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, check=False)
    assert not must or done.returncode == 0, log.read_text()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
