"""Public question sets as catalogues, and what people do to questions while they type."""

import json
import random
import string
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deflector.search.evaluation import AskedQuestion, read_questions

SETS = ("stackfaq", "feedbackqa-uk", "banking77-oos", "hint3-sofmattress")
TYPO_LETTERS = 4  # a shorter word is not mistyped


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionSet:
    """A set: its catalogue on disk, and the questions of one split."""

    name: str
    catalogue: Path
    questions: list[AskedQuestion]

    @property
    def answerable(self) -> list[AskedQuestion]:
        return [question for question in self.questions if question.answers]


def load(root: Path, name: str, split: str, into: Path, *, plain: bool = False) -> QuestionSet:
    """Write the catalogue of a set and read its questions.

    An article is a row of the corpus. Where the row is a part of a page and the page has a title, that is the
    article's title and the row's own the heading; `plain` leaves the page's title out.
    """
    folder = root / name
    rows = [json.loads(line) for line in (folder / "corpus.jsonl").read_text().splitlines()]
    path = into / f"{name}{'-plain' if plain else ''}.json"
    path.write_text(json.dumps({"schema_version": 1, "articles": [_article(row, plain) for row in rows]}))
    return QuestionSet(
        name=f"{name}, titles of parts only" if plain else name,
        catalogue=path,
        questions=read_questions(
            folder / "queries.jsonl", folder / "qrels.tsv", folder / "noanswer.jsonl", split
        ),
    )


def kinds(root: Path, name: str) -> dict[str, str]:
    """Give the kind of each question without an answer, where the set tells kinds apart."""
    lines = (root / name / "noanswer.jsonl").read_text().splitlines()
    return {row["id"]: row["kind"] for row in map(json.loads, lines) if "kind" in row}


def _article(row: dict[str, Any], plain: bool) -> dict[str, Any]:
    page = "" if plain else row.get("page_title", "")
    heading = ". ".join(row.get("headers") or [row["title"]]) if page else ""
    return {
        "id": row["id"],
        "title": page or row["title"],
        "url": f"/{row['id']}/",
        "sections": [{"anchor": "", "heading": heading, "text": row["text"]}],
    }


def mistyped(text: str, dice: random.Random, words: int = 2) -> str:
    """Put one slip of the finger into each of two words: a swap, a letter missing, added or wrong."""
    parts = text.split(" ")
    places = [i for i, part in enumerate(parts) if len(part) >= TYPO_LETTERS and part.isalpha()]
    dice.shuffle(places)
    for place in places[:words]:
        word = parts[place]
        at = dice.randrange(len(word) - 1)
        letter = dice.choice(string.ascii_lowercase)
        parts[place] = dice.choice([
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at + 1 :],
            word[:at] + letter + word[at:],
            word[:at] + letter + word[at + 1 :],
        ])  # fmt: skip
    return " ".join(parts)


def broken_off(text: str, share: float = 0.75) -> str:
    """Give what is there when three quarters of the letters are typed."""
    return text[: max(1, int(len(text) * share))]


def help_centre(root: Path, articles: int, dice: random.Random) -> Iterator[dict[str, Any]]:
    """Make up articles of real sentences, with titles of their own, two sections and about 250 words each.

    Every article also has two words that no other has, as names and codes do: the vocabulary grows too.
    """
    titles: list[str] = []
    sentences: list[str] = []
    for name in SETS:
        for line in (root / name / "corpus.jsonl").read_text().splitlines():
            row = json.loads(line)
            titles.append(row["title"])
            sentences += [s.strip() for s in row["text"].replace("\n", ". ").split(". ") if len(s) > 20]
    for number in range(articles):
        own = ["".join(dice.choices(string.ascii_lowercase, k=8)) for _ in range(2)]
        title = f"{dice.choice(titles)} {' '.join(dice.choice(titles).split()[:3])} {own[0]}"
        sections = [
            {
                "anchor": f"s{at}",
                "heading": " ".join(dice.choice(sentences).split()[:5]),
                "text": ". ".join([*dice.choices(sentences, k=6), own[1]]),
            }
            for at in range(2)
        ]
        yield {"id": f"a{number}", "title": title, "url": f"/a{number}/", "sections": sections}
