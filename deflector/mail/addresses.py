"""Mail addresses: ours, the queues', and those that people type."""

import re
from dataclasses import dataclass
from email.headerregistry import Address
from email.utils import parseaddr

from email_validator import EmailNotValidError, validate_email


class NotAnAddress(ValueError):
    """Says that a text cannot be used as a mail address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailAddress:
    """One mailbox. `domain` is ASCII (punycode for an international one); `local` may hold any letters."""

    local: str
    domain: str
    name: str = ""

    @classmethod
    def typed(cls, address: str) -> "MailAddress":
        """Read the bare address of a person. Raises NotAnAddress."""
        try:
            # Whether a domain exists is for the mail server to say: a look-up here would make tickets wait.
            found = validate_email(address, check_deliverability=False, test_environment=True)
        except EmailNotValidError as exc:
            raise NotAnAddress(str(exc)) from None
        return cls(local=found.local_part, domain=found.ascii_domain or found.domain)

    @classmethod
    def written(cls, text: str) -> "MailAddress":
        """Read an address from a setting, with or without a name: `Playdeck Help <help@playdeck.example>`."""
        name, address = parseaddr(text)
        plain = cls.typed(address)
        return cls(local=plain.local, domain=plain.domain, name=name)

    @property
    def spec(self) -> str:
        """The address as the envelope and the headers carry it."""
        return f"{self.local}@{self.domain}"

    @property
    def needs_smtputf8(self) -> bool:
        """Whether only servers with SMTPUTF8 take it (RFC 6531): the part before the @ is not ASCII."""
        return not self.local.isascii()

    @property
    def mailbox(self) -> str:
        """The address without case and `+tag`, to compare it with others."""
        return f"{self.local.split('+')[0].casefold()}@{self.domain}"

    def header(self, name: str = "") -> Address:
        return Address(display_name=name, username=self.local, domain=self.domain)


# Local parts behind which there is a program or a list, not a person who waits for an answer: RFC 3834, 2,
# RFC 2142 for the roles, and what mail systems use for bounces (VERP, SRS, BATV).
_NOBODY = re.compile(
    r"""
    (mailer|mail)[._-]?daemon | postmaster | hostmaster | daemon | nobody | (dev)?null | root
    | majordomo | listserv | mailman
    | owner-.* | .*-(owner|request|bounces?|errors)
    | bounces?([._+=-].*)?
    | (srs[01]|prvs)[=+-].*
    """,
    re.VERBOSE,
)
_NO_REPLY = re.compile(
    r"(no|do?not|dont|never)(reply|respond|answer)|nichtantworten|no(responder|contestar)|nepasrepondre"
)


def expects_an_answer(address: MailAddress) -> bool:
    """Say whether automatic mail to this address can reach a person (RFC 3834, 2)."""
    local = address.local.casefold()
    if _NOBODY.fullmatch(local) or _NOBODY.fullmatch(local.split("+")[0]):
        return False
    return _NO_REPLY.match(re.sub(r"[._-]", "", local)) is None
