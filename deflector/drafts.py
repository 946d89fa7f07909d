"""Drafts of articles for gaps: whole front matter, people's own wordings, ready for a pull request."""

import re
import unicodedata
from collections.abc import Container
from datetime import date

import yaml

from deflector.measures.gaps import Gap

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


def draft(gap: Gap, *, id: str, category: str, owner: str, by: str, today: date) -> str:  # noqa: A002
    """Write the Markdown file of a new article; it passes the checks of `kb` once its text is written."""
    title = title_of(gap.question)
    front = {
        "id": id,
        "title": title,
        "summary": "Say in one sentence what the reader gets here.",
        "category": category,
        "questions": _wordings(gap),
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
    return f"---\n{head}---\n\n{_BODY}"


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
