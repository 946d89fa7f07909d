"""What the operator decides in the environment. `deflector.support.support_desk` has what support.yml says.

A wrong value stops the start with one sentence that names it.
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit


class WrongSetting(Exception):
    """One sentence that names the setting, says what is wrong and what to write."""


Network = ipaddress.IPv4Network | ipaddress.IPv6Network
# Headers that say something else; a name in one of them would let in whoever sends it.
_NO_NAMES = {"host", "cookie", "authorization", "origin", "referer", "user-agent", "x-forwarded-for"}
DATABASES = ("sqlite", "postgresql")
MAIL_SCHEMES = ("smtp", "smtps", "smtp+starttls", "maildir")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that the environment decides. `from_environment` gives the laptop's defaults."""

    catalogue: Path
    database_url: str
    smtp_url: str  # maildir:<folder> when no server is given
    imap_url: str | None  # where `deflector inbox` reads; None: nowhere
    api_token: str | None  # lets another program tell us where a ticket stands; None: none may
    secret_key: str | None  # None: `serve` keeps one of its own under `var`, on a laptop only
    base_url: str
    redis_url: str | None
    search: Literal["tantivy", "whoosh"]
    model: Path | None
    support: Path | None
    reply_templates: Path  # what agents say often, as Markdown files; need not exist
    mail_templates: Path  # the desk's own wording of mails, as <language>/ticket.txt; need not exist
    var: Path
    protection: bool
    trusted_proxies: int  # how many proxies of ours stand between us and the client
    login_header: str | None  # in which a proxy says who signed in; counts only from `login_networks`
    login_networks: tuple[Network, ...]

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the `DEFLECTOR_…` variables; raise `WrongSetting` for the first one that cannot be meant."""
        read = _Reader(environment)
        var = Path(read.text("VAR", "var"))
        base_url = read.base_url()
        settings = cls(
            catalogue=Path(read.text("CATALOGUE", "build/catalogue.json")),
            database_url=read.database_url(var),
            smtp_url=read.smtp_url(var),
            imap_url=read.imap_url(),
            api_token=read.api_token(),
            secret_key=read.secret_key(),
            base_url=base_url,
            redis_url=read.redis_url(),
            search="whoosh" if read.choice("SEARCH", ("tantivy", "whoosh")) == "whoosh" else "tantivy",
            model=read.model(var),
            support=read.support(),
            reply_templates=Path(read.text("REPLY_TEMPLATES", "templates/replies")),
            mail_templates=Path(read.text("MAIL_TEMPLATES", "theme/mail")),
            var=var,
            protection=read.choice("PROTECTION", ("on", "off")) == "on",
            trusted_proxies=int(read.choice("TRUSTED_PROXIES", ("0", "1", "2", "3", "4"))),
            login_header=read.login_header(),
            login_networks=read.login_networks(),
        )
        settings._check_together()
        return settings

    def _check_together(self) -> None:
        if self.is_laptop:
            return
        if self.secret_key is None:
            raise WrongSetting(
                f"DEFLECTOR_SECRET_KEY is not set, and {self.base_url} is not this machine. "
                "Set it to at least 32 random characters, the same for every process, "
                "e.g. the output of: openssl rand -hex 32"
            )
        if not self.protection:
            raise WrongSetting(
                f"DEFLECTOR_PROTECTION is off, but DEFLECTOR_BASE_URL is {self.base_url}. "
                "It may be off on a loopback address only; remove it."
            )

    @property
    def is_laptop(self) -> bool:
        """Whether the base URL is a loopback address: tools for development are allowed, defaults suffice."""
        return is_loopback(urlsplit(self.base_url).hostname)

    @property
    def maildir(self) -> Path | None:
        """The folder that mail is kept in when there is no server to send it."""
        scheme, _, folder = self.smtp_url.partition(":")
        return Path(folder) if scheme == "maildir" else None


def is_loopback(host: str | None) -> bool:
    """Say whether a host name or address can only mean this machine (RFC 6761, 6.3; RFC 1122, 3.2.1.3)."""
    if host is None:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _Reader:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def text(self, name: str, default: str) -> str:
        return self._environment.get(f"DEFLECTOR_{name}", "").strip() or default

    def choice(self, name: str, allowed: tuple[str, ...]) -> str:
        value = self.text(name, allowed[0]).lower()
        if value not in allowed:
            raise WrongSetting(f'DEFLECTOR_{name} is "{value}". Write one of: {", ".join(allowed)}.')
        return value

    def base_url(self) -> str:
        value = self.text("BASE_URL", "http://127.0.0.1:8000")
        try:
            parts = urlsplit(value)
            usable = (
                parts.scheme in ("http", "https")
                and bool(parts.hostname)
                and not (parts.query or parts.fragment)
            )
            usable = usable and (parts.port is None or parts.port > 0)
        except ValueError:
            usable = False
        if not usable:
            raise WrongSetting(
                f'DEFLECTOR_BASE_URL is "{value}". Write the address that people open, '
                "e.g. https://help.example.com"
            )
        return value.rstrip("/")

    def database_url(self, var: Path) -> str:
        value = self.text("DATABASE_URL", f"sqlite:///{var / 'deflector.db'}")
        scheme = value.split(":", 1)[0].split("+")[0]
        if scheme == "postgres":  # what hosting providers print; SQLAlchemy wants the whole word
            value, scheme = value.replace("postgres", "postgresql", 1), "postgresql"
        if scheme not in DATABASES or "://" not in value:
            raise WrongSetting(
                f'DEFLECTOR_DATABASE_URL starts with "{scheme}". Write sqlite:///path/to/file.db '
                "or postgresql://user@host/name"
            )
        return value.replace("postgresql://", "postgresql+psycopg://", 1)

    def smtp_url(self, var: Path) -> str:
        value = self.text("SMTP_URL", f"maildir:{var / 'mail'}")
        scheme, colon, rest = value.partition(":")
        try:
            usable = scheme in MAIL_SCHEMES and bool(colon) and bool(rest)
            if usable and scheme != "maildir":
                parts = urlsplit(value)
                usable = bool(parts.hostname) and (parts.port is None or parts.port > 0)
        except ValueError:
            usable = False
        if not usable:
            # The value may hold a password, so it is not repeated here.
            raise WrongSetting(
                "DEFLECTOR_SMTP_URL cannot be read. Write smtp://host:port, smtps://user:password@host "
                "or smtp+starttls://user:password@host"
            )
        return value

    def imap_url(self) -> str | None:
        value = self.text("IMAP_URL", "")
        try:
            parts = urlsplit(value)
            usable = parts.scheme in ("imap", "imaps") and bool(parts.hostname) and bool(parts.username)
            usable = usable and (parts.port is None or parts.port > 0)
        except ValueError:
            usable = False
        if value and not usable:
            # The value may hold a password, so it is not repeated here.
            raise WrongSetting(
                "DEFLECTOR_IMAP_URL cannot be read. Write imaps://user:password@host/INBOX,Sent "
                "(a user's @ is written %40)"
            )
        return value or None

    def api_token(self) -> str | None:
        value = self.text("API_TOKEN", "")
        if value and len(value) < 32:
            raise WrongSetting(
                f"DEFLECTOR_API_TOKEN has {len(value)} characters. Write at least 32 random ones, "
                "e.g. the output of: openssl rand -hex 32"
            )
        return value or None

    def redis_url(self) -> str | None:
        value = self.text("REDIS_URL", "")
        if value and value.partition("://")[0] not in ("redis", "rediss", "redis+unix"):
            # The value may hold a password, so it is not repeated here.
            raise WrongSetting("DEFLECTOR_REDIS_URL cannot be read. Write redis://host:6379/0")
        return value or None

    def secret_key(self) -> str | None:
        value = self.text("SECRET_KEY", "")
        if value and len(value) < 32:
            raise WrongSetting(
                f"DEFLECTOR_SECRET_KEY has {len(value)} characters. Write at least 32 random ones, "
                "e.g. the output of: openssl rand -hex 32"
            )
        return value or None

    def login_header(self) -> str | None:
        value = self.text("LOGIN_HEADER", "")
        if value and (not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,63}", value) or value.lower() in _NO_NAMES):
            raise WrongSetting(
                f'DEFLECTOR_LOGIN_HEADER is "{value}". Write the header in which your proxy names who '
                "signed in, e.g. X-Remote-User"
            )
        return value or None

    def login_networks(self) -> tuple[Network, ...]:
        found = []
        for value in self.text("LOGIN_HEADER_FROM", "").replace(",", " ").split():
            try:
                network = ipaddress.ip_network(value)
            except ValueError:
                network = None
            if network is None or network.prefixlen == 0:
                raise WrongSetting(
                    f'DEFLECTOR_LOGIN_HEADER_FROM has "{value}". Write the addresses or networks of your '
                    "proxies, e.g. 127.0.0.1, 10.0.3.0/24; everybody cannot be trusted"
                )
            found.append(network)
        return tuple(found)

    def model(self, var: Path) -> Path | None:
        value = self.text("MODEL", "")
        if value.lower() in ("off", "none"):
            return None
        if not value:
            return var / "models" / "all-MiniLM-L6-v2"
        if not Path(value).is_dir():
            raise WrongSetting(
                f'DEFLECTOR_MODEL is "{value}", and there is no such folder. Write the folder of a '
                "sentence-transformers model in ONNX form, or off."
            )
        return Path(value)

    def support(self) -> Path | None:
        value = self.text("SUPPORT", "")
        if value and not Path(value).is_file():
            raise WrongSetting(f'DEFLECTOR_SUPPORT is "{value}", and there is no such file.')
        return Path(value) if value else None
