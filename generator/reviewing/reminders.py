"""One kind mail for each owner, about what falls due soon."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid
from typing import Final

from generator.articles.knowledge_base import KnowledgeBase
from generator.audit import AuditedArticle, AuditReport
from generator.reviewing.review_list import by_owner

SOON: Final = timedelta(days=14)
_ADDRESS: Final = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """What one owner should look at; `email` is None where people.yml has no usable address."""

    owner: str
    name: str
    email: str | None
    articles: tuple[AuditedArticle, ...]


def reminders(
    report: AuditReport, base: KnowledgeBase, today: date, within: timedelta = SOON
) -> Iterator[Reminder]:
    """Find for each owner what is stale or falls due within some days, what is most urgent first."""
    for owner, articles in by_owner(report).items():
        due = tuple(one for one in articles if one.is_stale or one.article.review_due <= today + within)
        if due:
            person = base.people.get(owner)
            email = person.email if person and person.email and _ADDRESS.fullmatch(person.email) else None
            yield Reminder(owner=owner, name=person.name if person else owner, email=email, articles=due)


def as_mail(reminder: Reminder, *, sender: str, today: date) -> EmailMessage:
    """Write the mail; every line of it is ours but titles and paths, which stand in the text alone."""
    count = len(reminder.articles)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = reminder.email or ""
    mail["Subject"] = f"{count} article{'s' if count > 1 else ''} to review"
    mail["Auto-Submitted"] = "auto-generated"
    mail["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2].rstrip(">") or "localhost")
    mail.set_content(_text(reminder, today), cte="quoted-printable")
    return mail


def _text(reminder: Reminder, today: date) -> str:
    lines = [
        f"Hello {reminder.name},",
        "",
        "these articles are waiting for somebody to compare them with how things work today.",
        "The most urgent stand first.",
        "",
    ]
    for one in reminder.articles:
        due = one.article.review_due
        lines.append(f"- {one.article.title} ({one.path})")
        lines.append(
            f"  Review {'was due on' if due < today else 'due on'} {due}. Score {one.freshness.score}."
        )
        lines.extend(f"  {part.reason}" for part in one.freshness.parts if "due on" not in part.reason)
    first = reminder.articles[0].article
    lines += [
        "",
        "Follow the steps of an article. If it is true, say so:",
        "",
        f'  kb review {first.id} --lang {first.lang} --by YOUR-KEY --note "What you compared it with"',
        "",
        "If it is not, change it and ask somebody else to review it. If nobody needs it, archive it.",
        "",
    ]
    return "\n".join(lines)
