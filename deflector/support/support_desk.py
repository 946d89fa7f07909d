"""The support desk as support.yml describes it: queues, hours, promises, retention.

Read and checked whole at start: `SupportDesk.load` names every fault, a line each.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, time, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from deflector.settings import WrongSetting, is_loopback
from deflector.support.questions import Question
from deflector.support.rules import RuleEntry, faults_of
from deflector.support.triage import Decision, Facts, Priority, Rule, Spans, first_match
from deflector.support.written import (
    MailAddress,
    Openings,
    Period,
    Share,
    Span,
    Strict,
    Words,
    Zone,
    in_language,
)
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


class MailIdentity(Strict):
    """Who our mail comes from."""

    sender: MailAddress = Field("Help centre <help@localhost.example>", alias="from")


class Webhook(Strict):
    """Another program that hears of each ticket. The secret stands in the environment, never in a file."""

    url: str
    secret_env: str = Field(pattern=r"^[A-Z][A-Z0-9_]{0,99}$")

    @field_validator("url")
    @classmethod
    def _can_be_reached(cls, value: str) -> str:
        try:
            parts = urlsplit(value)
            usable = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))
            usable = usable and bool(parts.hostname) and not parts.username and (parts.port or 1) > 0
        except ValueError:
            usable = False
        if not usable:
            raise ValueError(
                f'"{value}" is no address for a webhook; write e.g. https://desk.example.com/hook'
            )
        return value


class Holidays(Strict):
    """The days that the desk is closed, by the `holidays` library and by name."""

    country: str | None = None
    region: str | None = None
    also: tuple[date, ...] = ()


class Hours(Strict):
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


class Promised(Strict):
    """How soon we answer and solve, in open hours. What is not said is said by a more general promise."""

    answer_within: Span | None = None
    solve_within: Span | None = None


class Promises(Promised):
    """A promise, and what differs for a priority."""

    low: Promised = Promised()
    normal: Promised = Promised()
    high: Promised = Promised()
    urgent: Promised = Promised()

    def by(self, priority: Priority) -> Promised:
        promised: Promised = getattr(self, priority)
        return promised


ONE_DAY = BusinessTime.parse("1 business day")
THREE_DAYS = BusinessTime.parse("3 business days")


class Queue(Strict):
    """One place where tickets go."""

    to: MailAddress
    categories: tuple[str, ...] = ()
    promise: Promises = Promises()


class SuggestionRules(Strict):
    """How sure an answer must be, how many are shown, and whether people's own words are learned."""

    be_right: Share = 0.8
    show: int = Field(3, ge=1, le=5)
    learn: bool = True


class PrivacyRules(Strict):
    """How long personal data is kept."""

    keep_questions: Period = timedelta(days=90)
    keep_tickets: Period = timedelta(days=730)


class ProtectionRules(Strict):
    """How much mail to people the messages of strangers may cause."""

    mails_a_day: int = Field(3, ge=1, le=3)  # to one address
    mails_an_hour: int = Field(300, ge=1, le=100_000)  # to all together; more is a flood


class Widget(Strict):
    """Where else our form may stand: the origins whose pages may call the API."""

    origins: tuple[str, ...] = ()

    @field_validator("origins")
    @classmethod
    def _are_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            if not re.fullmatch(r"https?://[a-z0-9.-]+(:\d{1,5})?", origin):
                raise ValueError(f'"{origin}" is no origin; write e.g. https://shop.example.com')
        return value


class Measuring(Strict):
    """How what suggestions do is measured."""

    holdout: Share = 0.0


class SupportDesk(Strict):
    """The desk behind the form: who gets which ticket, when it is open, and what it promises."""

    name: Words = "Help centre"
    languages: tuple[str, ...] = ("en",)
    mail: MailIdentity = MailIdentity()
    hours: Hours = Hours()
    promise: Promises = Promises()
    queues: Mapping[str, Queue] = Field(
        default={"general": Queue(to="support@localhost.example")}, min_length=1
    )
    rules: tuple[RuleEntry, ...] = ()
    questions: tuple[Question, ...] = ()
    suggestions: SuggestionRules = SuggestionRules()
    privacy: PrivacyRules = PrivacyRules()
    protection: ProtectionRules = ProtectionRules()
    measuring: Measuring = Measuring()
    widget: Widget = Widget()
    webhook: Webhook | None = None

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
        if faults := list(self._faults()):
            raise ValueError("\n".join(faults))
        return self

    def _faults(self) -> Iterator[str]:
        yield from faults_of(self.triage_rules, queues=list(self.queues), languages=self.languages)
        ids = [question.id for question in self.questions]
        for repeated in sorted({one for one in ids if ids.count(one) > 1}):
            yield f"the question '{repeated}' stands twice under 'questions'; give each an id of its own"
        hours = self.hours.working_hours()
        for name, queue in self.queues.items():
            spans = [(priority, self.promised_by(queue, priority)) for priority in Priority]
            for (lower, slow), (higher, fast) in pairwise(spans):
                if hours.open_time(fast.answer_within) > hours.open_time(slow.answer_within):
                    yield (
                        f"the queue '{name}' answers {higher} within {fast.answer_within}, later than "
                        f"{lower} within {slow.answer_within}; let the more urgent one be the sooner"
                    )

    def name_in(self, lang: str) -> str:
        """Name the desk for people who read a language."""
        return in_language(self.name, lang)

    def queue_for(self, category: str | None) -> tuple[str, Queue]:
        """Find the queue that takes a category; the first queue takes what no other names."""
        for name, queue in self.queues.items():
            if category in queue.categories:
                return name, queue
        return next(iter(self.queues.items()))

    def promised_by(
        self, queue: Queue, priority: Priority = Priority.NORMAL, rule: Rule | None = None
    ) -> Spans:
        """Find what is promised: by the rule, else for the priority, by the queue, else by the desk."""
        said = (queue.promise.by(priority), self.promise.by(priority), queue.promise, self.promise)
        answers = [rule.answer_within if rule else None, *(one.answer_within for one in said)]
        solves = [rule.solve_within if rule else None, *(one.solve_within for one in said)]
        return Spans(
            answer_within=next((span for span in answers if span), ONE_DAY),
            solve_within=next((span for span in solves if span), THREE_DAYS),
        )

    @cached_property
    def triage_rules(self) -> tuple[Rule, ...]:
        return tuple(entry.rule(self.languages[0]) for entry in self.rules)

    def decide(self, facts: Facts) -> Decision:
        """Decide what happens to a message: by the first rule that fits, else by its category."""
        match = first_match(self.triage_rules, facts)
        rule = match.rule if match else None
        priority = rule.priority if rule else Priority.NORMAL
        name, queue = self.queue_for(facts.category)
        if rule and rule.queue:
            name, queue = rule.queue, self.queues[rule.queue]
        return Decision(
            queue=name,
            priority=priority,
            spans=self.promised_by(queue, priority, rule),
            tags=rule.tags if rule else (),
            skip_suggestions=rule.skip_suggestions if rule else False,
            match=match,
        )

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
            raise WrongSetting("\n".join(_said(path, error) for error in exc.errors())) from None


def _said(path: Path, error: Mapping[str, Any]) -> str:
    where = ".".join(str(part) for part in error["loc"]) or "the file"
    faults = str(error["msg"]).removeprefix("Value error, ").splitlines()
    return "\n".join(f"{path}: {where}: {fault.rstrip('.')}." for fault in faults)
