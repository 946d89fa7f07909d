"""Drafts of articles for gaps: whole front matter, people's own wordings, ready for a pull request."""

import re
import unicodedata
from collections.abc import Container, Sequence
from datetime import date

import yaml

from deflector.measures.gaps import Gap
from deflector.model import Ticket
from deflector.redaction import redact
from deflector.tickets.life import TicketStory

MOST_WORDINGS = 10
LONGEST_ID = 60
LONGEST_TITLE = 100

_BODY = """\
Answer the question here, in one or two sentences, before anything else.

## Do the first thing

1. Open **Menu > Page**.
2. Select **Button**. Say what the reader sees then.

## If that does not work

Say what to try next, and when to ask a person for help.
"""

_FROM_A_TICKET = "## What the person wrote (read it, then delete this part)"


def draft(gap: Gap, *, id: str, category: str, owner: str, by: str, today: date) -> str:  # noqa: A002
    """Write the Markdown file of a new article; it passes the checks of `kb` once its text is written."""
    title = title_of(gap.question)
    return article(title, _wordings(gap), _BODY, id=id, category=category, owner=owner, by=by, today=today)


def draft_from_ticket(
    story: TicketStory,
    questions: Sequence[str],
    *,
    id: str,  # noqa: A002
    category: str,
    owner: str,
    by: str,
    today: date,
) -> str:
    """Write a new article on what a ticket was about, without who wrote it.

    What the person wrote stands below as plain text, redacted, for the writer to read and to delete.
    """
    said = [story.ticket.message, *(event.text for event in story.events if event.text)]
    asked = asked_in(story, questions)
    title = title_of(asked[0])
    wordings = [text for text in asked if 3 <= len(text) <= 150][:MOST_WORDINGS] or [title]
    lines = "\n\n".join(anonymous(text, story.ticket) for text in said).splitlines()
    body = _BODY + f"\n{_FROM_A_TICKET}\n\n" + "".join(f"    {line}".rstrip() + "\n" for line in lines)
    return article(title, wordings, body, id=id, category=category, owner=owner, by=by, today=today)


def asked_in(story: TicketStory, questions: Sequence[str]) -> list[str]:
    """List what a ticket asked: the questions before it, or the first sentence of its message."""
    fit = [anonymous(one, story.ticket) for one in questions]
    return [one for one in fit if "[" not in one] or [
        _first_sentence(anonymous(story.ticket.message, story.ticket))
    ]


def anonymous(text: str, ticket: Ticket) -> str:
    """Take out what the redaction knows, and the person's name and address in any case."""
    names = [word for word in re.split(r"\W+", ticket.requester.name) if len(word) > 1]
    for word in sorted({ticket.requester.name, ticket.requester.email, *names}, key=len, reverse=True):
        if word.strip():
            text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", "[name]", text, flags=re.IGNORECASE)
    return redact(text)


def _first_sentence(text: str) -> str:
    return re.split(r"(?<=[.!?؟])\s|\n", text.strip(), maxsplit=1)[0]


def article(
    title: str,
    questions: Sequence[str],
    body: str,
    *,
    id: str,  # noqa: A002
    category: str,
    owner: str,
    by: str,
    today: date,
) -> str:
    """Write an article's file with its whole front matter."""
    front = {
        "id": id,
        "title": title,
        "summary": "Say in one sentence what the reader gets here.",
        "category": category,
        "questions": list(questions),
        "type": "how_to",
        "audience": "public",
        "confidence": "work_in_progress",
        "owner": owner,
        "review_every": "6 months",
        "applies_to": [],
        "sources": [],
        "aliases": [],
        "tags": [],
        "version": 1,
        "changes": [
            {"version": 1, "date": today, "by": by, "significance": "major", "note": "First version"}
        ],
    }
    head = yaml.safe_dump(front, allow_unicode=True, sort_keys=False, width=110)
    return f"---\n{head}---\n\n{body}"


def title_of(question: str) -> str:
    """Make a title of a question: one line, no mark at its end, the first letter large."""
    text = " ".join(question.split()).rstrip("?!.… ").lstrip("¿¡ ")[:LONGEST_TITLE].rstrip()
    return (text[:1].upper() + text[1:]) or "Untitled"


def new_id(question: str, taken: Container[str]) -> str:
    """Make an id in kebab case that no other article has."""
    plain = unicodedata.normalize("NFKD", title_of(question)).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    if len(slug) > LONGEST_ID:
        slug = slug[: LONGEST_ID + 1].rpartition("-")[0] or slug[:LONGEST_ID]
    slug = slug or "question"
    number, found = 2, slug
    while found in taken:
        found, number = f"{slug}-{number}", number + 1
    return found


def _wordings(gap: Gap) -> list[str]:
    # What held personal data is no wording to publish, even with the data taken out.
    fit = [text for text in gap.wordings if "[" not in text and 3 <= len(text) <= 150]
    return fit[:MOST_WORDINGS] or [title_of(gap.question)]
