"""A private Postfix and Dovecot on loopback: real queues, mailboxes, bounces, and a real vacation responder.

Every address at help.test and cust.test has a mailbox, but for gone@cust.test, whose mail comes back later.
The password is `test`. Needs root, since Postfix does.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.mail.postfix import Postfix, free_port, listens, needed, postfix, run, until

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


ROUTES = """\
virtual_mailbox_domains = help.test, cust.test
virtual_mailbox_maps = static:ok
smtpd_reject_unlisted_recipient = no
transport_maps = inline:{ { gone@cust.test = error:5.1.1 there is nobody here } }
virtual_transport = lmtp:unix:{d}/dvrun/lmtp-in
default_transport = error:5.1.2 no way out of here
"""


@dataclass(frozen=True, kw_only=True)
class MailStack:
    """Where the servers listen, and what they wrote down."""

    postfix: Postfix
    imap: int

    @property
    def smtp(self) -> int:
        return self.postfix.smtp


@contextmanager
def mail_stack() -> Iterator[MailStack]:
    """Start both servers on free ports; skipped with a sentence where they are not here."""
    needed("dovecot", "sievec")
    imap = free_port()
    with postfix(ROUTES) as server:
        folder = server.folder
        _configure(folder, server.smtp, imap)
        try:
            run("dovecot", "-c", str(folder / "dvetc/dovecot.conf"), log=folder / "dv.out")
            until(lambda: listens(imap), "Dovecot to listen")
            yield MailStack(postfix=server, imap=imap)
        finally:
            stop = ("doveadm", "-c", str(folder / "dvetc/dovecot.conf"), "stop")
            run(*stop, log=folder / "stop.out", must=False)


def _configure(folder: Path, smtp: int, imap: int) -> None:
    for part in ("vmail", "dvrun", "dvetc", "sieve"):
        (folder / part).mkdir()
    for part in ("vmail", "sieve"):
        os.chown(folder / part, 5000, 5000)
    (folder / "dvetc/dovecot.conf").write_text(DOVECOT_CONF.format(d=folder, smtp=smtp, imap=imap))
    for user, script in SIEVE.items():
        (folder / f"sieve/{user}.sieve").write_text(script)
        os.chown(folder / f"sieve/{user}.sieve", 5000, 5000)
