"""Who a proxy of ours says is at the door: a header that counts from its networks, and from nowhere else."""

import ipaddress
import logging

from flask import request

from deflector.keys import derived, secret_key
from deflector.settings import Settings
from deflector.staff import Session
from deflector.store.store import Store

log = logging.getLogger(__name__)


class ProxyLogin:
    """Lets in whom the proxy names, with the role that `deflector user` gave them.

    Off where one of the two settings is missing.
    """

    def __init__(self, *, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings

    def session(self) -> Session | None:
        """Find whom the header of this request names; None where it names nobody who may be believed."""
        name = self.named()
        if name is None:
            return None
        with self._store.reading() as tx:
            found = tx.staff.find(name)
        if found is None:
            log.warning("login header names nobody who has an account")
            return None
        # Forms prove where they come from by a token that only this server can make.
        token = derived(secret_key(self._settings), f"forms of {name}, signed in by a proxy").hex()
        return Session(member=found[0], token=token, by_proxy=True)

    def named(self) -> str | None:
        """Read the name in the header, if it comes from a proxy that is trusted; an attempt is logged."""
        header, networks = self._settings.login_header, self._settings.login_networks
        if header is None or not networks or header not in request.headers:
            return None
        peer = _peer()
        if peer is None or not any(peer in network for network in networks):
            # The value is a stranger's word and the address is theirs, so neither is written down.
            log.warning("login header ignored: it came from elsewhere path=%s", request.path)
            return None
        names = request.headers.getlist(header)
        return names[0].strip().lower()[:64] if len(names) == 1 else None


def _peer() -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Tell who really speaks to us: the other end of the connection, not whom it says that it speaks for."""
    before = request.environ.get("werkzeug.proxy_fix.orig", {})
    try:
        found = ipaddress.ip_address(str(before.get("REMOTE_ADDR") or request.environ.get("REMOTE_ADDR", "")))
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, ipaddress.IPv6Address) else found
