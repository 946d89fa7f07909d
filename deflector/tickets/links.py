"""Signed links for mail: each for one purpose, about one thing, until one moment.

A link is a key that travels in the open: whoever holds it may do what it says. So it says little, and it
ends. A mail scanner opens every link it finds; therefore a link only ever shows a page, and a button acts.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from itsdangerous import BadSignature, URLSafeSerializer

from deflector.keys import derived


class NotALink(Exception):
    """The token was not made by us, or is for something else."""


class Expired(Exception):
    """The token was good once. `link` says for what."""

    def __init__(self, link: "Link") -> None:
        super().__init__(link.purpose)
        self.link = link


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What a token says: `purpose` names the page behind it, `subject` what it is about."""

    purpose: str
    subject: str
    until: datetime


class Links:
    """Makes and reads the tokens of `/t/TOKEN`."""

    def __init__(self, *, secret: str, base_url: str) -> None:
        self._base = base_url.rstrip("/")
        self._serializer = URLSafeSerializer(
            derived(secret, "links"),
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )

    def token(self, purpose: str, subject: str, *, until: datetime) -> str:
        """Sign a purpose, a subject and the moment at which the link ends (whole seconds)."""
        signed = self._serializer.dumps([purpose, subject, int(until.timestamp())])
        return signed if isinstance(signed, str) else signed.decode("ascii")

    def address(self, purpose: str, subject: str, *, until: datetime) -> str:
        """Return the whole address of a signed link, for a mail."""
        return f"{self._base}/t/{self.token(purpose, subject, until=until)}"

    def read(self, token: str, *, now: datetime) -> Link:
        """Return what a token says. Raises `NotALink`, or `Expired` from the moment of its end on."""
        try:
            purpose, subject, until = self._serializer.loads(token)
        except BadSignature:
            raise NotALink from None
        link = Link(purpose=purpose, subject=subject, until=datetime.fromtimestamp(until, UTC))
        if now >= link.until:
            raise Expired(link)
        return link
