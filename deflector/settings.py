"""What the operator decides: `Settings` from the environment, `SupportDesk` from support.yml.

Both are checked whole at start. A wrong value stops the start with one sentence that names it.
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from email.headerregistry import Address
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from deflector.working_time import BusinessTime, Opening, WorkingHours, public_holidays


class WrongSetting(Exception):
    """One sentence that names the setting, says what is wrong and what to write."""


# --- the environment -----------------------------------------------------------------------------------------

DATABASES = ("sqlite", "postgresql")
MAIL_SCHEMES = ("smtp", "smtps", "smtp+starttls", "maildir")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that the environment decides. `from_environment` gives the laptop's defaults."""

    catalogue: Path
    database_url: str
    smtp_url: str  # maildir:<folder> when no server is given
    secret_key: str | None  # None: `serve` keeps one of its own under `var`, on a laptop only
    base_url: str
    redis_url: str | None
    search: Literal["tantivy", "whoosh"]
    model: Path | None
    support: Path | None
    var: Path
    protection: bool

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
            secret_key=read.secret_key(),
            base_url=base_url,
            redis_url=read.text("REDIS_URL", "") or None,
            search="whoosh" if read.choice("SEARCH", ("tantivy", "whoosh")) == "whoosh" else "tantivy",
            model=read.model(var),
            support=read.support(),
            var=var,
            protection=read.choice("PROTECTION", ("on", "off")) == "on",
        )
        settings._check_together()
        return settings

    def _check_together(self) -> None:
        if self.is_laptop:
            return
        if self.secret_key is None:
            raise WrongSetting(
                f"DEFLECTOR_SECRET_KEY is not set, and {self.base_url} is not this machine. Set it to at least "
                "32 random characters, the same for every process, e.g. the output of: openssl rand -hex 32"
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
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and not (parts.query or parts.fragment)
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

    def secret_key(self) -> str | None:
        value = self.text("SECRET_KEY", "")
        if value and len(value) < 32:
            raise WrongSetting(
                f"DEFLECTOR_SECRET_KEY has {len(value)} characters. Write at least 32 random ones, "
                "e.g. the output of: openssl rand -hex 32"
            )
        return value or None

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


# --- support.yml ---------------------------------------------------------------------------------------------

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _mail_address(value: str) -> str:
    name, address = parseaddr(value)
    try:
        checked = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise ValueError(f'"{value}" is not a mail address; write e.g. help@example.com') from None
    user, domain = checked.normalized.rsplit("@", 1)
    return str(Address(display_name=name, username=user, domain=domain))


def _zone(value: object) -> ZoneInfo:
    try:
        return ZoneInfo(str(value))
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f'"{value}" is not a time zone; write e.g. Europe/Madrid') from None


def _openings(value: object) -> tuple[Opening, ...]:
    spans = []
    for part in str(value).split(","):
        match = re.fullmatch(r"\s*(\d{1,2}):(\d\d)\s*[-–]\s*(\d{1,2}):(\d\d)\s*", part)
        try:
            if match is None:
                raise ValueError
            start_hour, start_minute, end_hour, end_minute = map(int, match.groups())
            end = time(0, 0) if (end_hour, end_minute) == (24, 0) else time(end_hour, end_minute)
            spans.append(Opening(start=time(start_hour, start_minute), end=end))
        except ValueError:
            raise ValueError(f'"{part.strip()}" is not an opening; write e.g. 09:00-17:00') from None
    return tuple(spans)


def _business_time(value: object) -> BusinessTime:
    return BusinessTime.parse(str(value))


def _share(value: object) -> float:
    """Read "8 times in 10" as 0.8: a unit that a person can picture."""
    match = re.fullmatch(r"\s*(\d+)\s+times?\s+in\s+(\d+)\s*", str(value))
    share = int(match[1]) / int(match[2]) if match and int(match[2]) else -1.0
    if not 0 <= share <= 1:
        raise ValueError(f'"{value}" is not a share; write e.g. 8 times in 10')
    return share


_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}


def _period(value: object) -> timedelta:
    match = re.fullmatch(r"\s*(\d{1,4})\s+(day|week|month|year)s?\s*", str(value))
    if match is None or int(match[1]) == 0:
        raise ValueError(f'"{value}" is not a period; write e.g. 90 days or 2 years')
    return timedelta(days=int(match[1]) * _DAYS[match[2]])


MailAddress = Annotated[str, AfterValidator(_mail_address)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class MailIdentity(_Strict):
    """Who our mail comes from."""

    sender: MailAddress = Field("Help centre <help@localhost.example>", alias="from")


class Holidays(_Strict):
    """The days that the desk is closed, by the `holidays` library and by name."""

    country: str | None = None
    region: str | None = None
    also: tuple[date, ...] = ()


class Hours(_Strict):
    """When the desk is open."""

    time_zone: Annotated[ZoneInfo, BeforeValidator(_zone)] = Field(default=ZoneInfo("UTC"), validate_default=False)
    open: Mapping[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], Annotated[tuple[Opening, ...], BeforeValidator(_openings)]] = Field(
        default={day: (Opening(start=time(9), end=time(17)),) for day in WEEKDAYS[:5]}
    )
    holidays: Holidays = Holidays()

    def working_hours(self) -> WorkingHours:
        return WorkingHours(
            zone=self.time_zone,
            week={WEEKDAYS.index(day): spans for day, spans in self.open.items()},
            holidays=public_holidays(self.holidays.country, self.holidays.region, self.holidays.also),
        )


class Promised(_Strict):
    """How soon we answer and solve, in open hours."""

    answer_within: Annotated[BusinessTime, BeforeValidator(_business_time)] = BusinessTime.parse("1 business day")
    solve_within: Annotated[BusinessTime, BeforeValidator(_business_time)] = BusinessTime.parse("3 business days")


class Queue(_Strict):
    """One place where tickets go."""

    to: MailAddress
    categories: tuple[str, ...] = ()
    promise: Promised | None = None


class SuggestionRules(_Strict):
    """How sure an answer must be, and how many are shown."""

    be_right: Annotated[float, BeforeValidator(_share)] = 0.8
    show: int = Field(3, ge=1, le=5)


class PrivacyRules(_Strict):
    """How long personal data is kept."""

    keep_questions: Annotated[timedelta, BeforeValidator(_period)] = timedelta(days=90)
    keep_tickets: Annotated[timedelta, BeforeValidator(_period)] = timedelta(days=730)


class SupportDesk(_Strict):
    """The desk behind the form: who gets which ticket, when it is open, and what it promises."""

    name: str = "Help centre"
    languages: tuple[str, ...] = ("en",)
    mail: MailIdentity = MailIdentity()
    hours: Hours = Hours()
    promise: Promised = Promised()
    queues: Mapping[str, Queue] = Field(default={"general": Queue(to="support@localhost.example")}, min_length=1)
    suggestions: SuggestionRules = SuggestionRules()
    privacy: PrivacyRules = PrivacyRules()

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.languages:
            raise ValueError("'languages' is empty; write at least one, e.g. [en]")
        taken: dict[str, str] = {}
        for name, queue in self.queues.items():
            for category in queue.categories:
                if category in taken:
                    raise ValueError(
                        f"the category '{category}' stands in the queues '{taken[category]}' and '{name}'; "
                        "keep it in one"
                    )
                taken[category] = name
        return self

    def queue_for(self, category: str | None) -> tuple[str, Queue]:
        """Find the queue that takes a category; the first queue takes what no other names."""
        for name, queue in self.queues.items():
            if category in queue.categories:
                return name, queue
        return next(iter(self.queues.items()))

    def promised_by(self, queue: Queue) -> Promised:
        return queue.promise or self.promise

    @classmethod
    def load(cls, path: Path | None) -> Self:
        """Read support.yml; with no file given, ./support.yml where it exists, else the defaults.

        Raises `WrongSetting` with every fault of the file, a line each.
        """
        if path is None:
            path = Path("support.yml")
            if not path.is_file():
                return cls()
        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
        except yaml.MarkedYAMLError as exc:
            line = exc.problem_mark.line + 1 if exc.problem_mark else 1
            raise WrongSetting(f"{path}:{line}: {exc.problem}. Mend the YAML there.") from None
        except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as exc:
            raise WrongSetting(f"{path} cannot be read: {exc}.") from None
        try:
            return cls.model_validate({} if content is None else content)
        except ValidationError as exc:
            raise WrongSetting("\n".join(_fault(path, error) for error in exc.errors())) from None


def _fault(path: Path, error: Mapping[str, Any]) -> str:
    where = ".".join(str(part) for part in error["loc"]) or "the file"
    what = str(error["msg"]).removeprefix("Value error, ").rstrip(".")
    return f"{path}: {where}: {what}."
