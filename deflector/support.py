"""The support desk as support.yml describes it: queues, hours, promises, retention.

Read and checked whole at start: `SupportDesk.load` names every fault, a line each.
"""

import re
from collections.abc import Mapping
from datetime import date, time, timedelta
from email.headerregistry import Address
from email.utils import parseaddr
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from email_validator import EmailNotValidError, validate_email
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from deflector.settings import WrongSetting
from deflector.working_time import BusinessTime, Opening, WorkingHours, public_holidays


class Weekday(StrEnum):
    """A day of the week as support.yml writes it."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


OFFICE_DAYS = (Weekday.MON, Weekday.TUE, Weekday.WED, Weekday.THU, Weekday.FRI)
OFFICE_HOURS = (Opening(time(9), time(17)),)


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
    return tuple(Opening.parse(part) for part in str(value).split(","))


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


Span = Annotated[BusinessTime, BeforeValidator(_business_time)]
Zone = Annotated[ZoneInfo, BeforeValidator(_zone)]
Openings = Annotated[tuple[Opening, ...], BeforeValidator(_openings)]
Period = Annotated[timedelta, BeforeValidator(_period)]
Share = Annotated[float, BeforeValidator(_share)]
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

    time_zone: Zone = ZoneInfo("UTC")
    open: Mapping[Weekday, Openings] = Field(default=dict.fromkeys(OFFICE_DAYS, OFFICE_HOURS))
    holidays: Holidays = Holidays()

    @model_validator(mode="after")
    def _can_promise(self) -> Self:
        self.working_hours()  # raises ValueError: overlapping openings, a week without one, no such country
        return self

    def working_hours(self) -> WorkingHours:
        return WorkingHours(
            zone=self.time_zone,
            week={day: self.open.get(name, ()) for day, name in enumerate(Weekday)},
            holidays=public_holidays(self.holidays.country, self.holidays.region, self.holidays.also),
        )


class Promised(_Strict):
    """How soon we answer and solve, in open hours."""

    answer_within: Span = BusinessTime.parse("1 business day")
    solve_within: Span = BusinessTime.parse("3 business days")


class Queue(_Strict):
    """One place where tickets go."""

    to: MailAddress
    categories: tuple[str, ...] = ()
    promise: Promised | None = None


class SuggestionRules(_Strict):
    """How sure an answer must be, and how many are shown."""

    be_right: Share = 0.8
    show: int = Field(3, ge=1, le=5)


class PrivacyRules(_Strict):
    """How long personal data is kept."""

    keep_questions: Period = timedelta(days=90)
    keep_tickets: Period = timedelta(days=730)


class SupportDesk(_Strict):
    """The desk behind the form: who gets which ticket, when it is open, and what it promises."""

    name: str = "Help centre"
    languages: tuple[str, ...] = ("en",)
    mail: MailIdentity = MailIdentity()
    hours: Hours = Hours()
    promise: Promised = Promised()
    queues: Mapping[str, Queue] = Field(
        default={"general": Queue(to="support@localhost.example")}, min_length=1
    )
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
