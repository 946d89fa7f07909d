"""What a message brings besides its words: files, answers to the extra questions, language, time zone."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from deflector.mail.particulars import size_of
from deflector.model import Attachment, ContactMessage
from deflector.store.attachments import Filed
from deflector.store.cabinet import Cabinet
from deflector.support.questions import LONGEST_ANSWER, Question, QuestionType, UnfitAnswer, asked_in
from deflector.support.support_desk import SupportDesk
from deflector.support.written import in_language
from deflector.tickets.uploads import MOST_FILES, UnfitFile, accept, fit_together
from deflector.web import language
from deflector.web.clean import clean_line
from deflector.zones import known_zone

FILES = "files"
ANSWER = "answers."  # and the id of the question
KEPT = "kept."  # and the place of a file that was sent in an earlier step
GUESSED = "guessed"
LANGUAGE = "language"
ZONE = "zone"


@dataclass(frozen=True, kw_only=True)
class Particulars:
    """What came besides the words. `problems` has a sentence for each field that must be mended."""

    answers: Mapping[str, str]
    zone: str | None
    lang: str
    guessed: bool
    kept: Sequence[tuple[Filed, Attachment]]
    new: tuple[Attachment, ...]
    problems: Mapping[str, str]

    def added_to(self, message: ContactMessage) -> ContactMessage:
        return replace(
            message,
            requester=replace(message.requester, lang=self.lang),
            zone=self.zone,
            answers=self.answers,
            guessed=self.guessed,
            attachments=(*(attachment for _, attachment in self.kept), *self.new),
        )

    def keep(self, cabinet: Cabinet, now: datetime, lang: str) -> list[dict[str, str]]:
        """Keep the files for the next step; return each with its field, key, name and size."""
        filed = [*(one for one, _ in self.kept), *cabinet.keep(self.new, now)]
        return [
            {"field": f"{KEPT}{place}", "key": one.id, "name": one.name, "size": size_of(one.size, lang)}
            for place, one in enumerate(filed)
        ]


def read(
    fields: Mapping[str, Any],
    files: Sequence[tuple[str, bytes]],
    *,
    support: SupportDesk,
    cabinet: Cabinet,
    lang: str,
    enforced: bool = True,
) -> Particulars:
    """Check what came besides the words of a message. Required questions are `enforced`, or not."""
    words = language.strings(lang)
    problems: dict[str, str] = {}
    category = _text(fields, "category")
    guessed = bool(category) and category == _text(fields, GUESSED)
    answers: dict[str, str] = {}
    for question in asked_in(support.questions, category):
        field = f"{ANSWER}{question.id}"
        try:
            answer = question.read(clean_line(_answer(fields, question)))
        except UnfitAnswer as exc:
            problems[field] = words[str(exc)].format(most=LONGEST_ANSWER)
            continue
        if answer:
            answers[question.id] = answer
        elif question.required and enforced and not guessed:  # a guess of ours is no reason to stop anybody
            problems[field] = words["problem_answer_missing"]
    kept = cabinet.kept([_text(fields, f"{KEPT}{place}") for place in range(MOST_FILES)])
    new: tuple[Attachment, ...] = ()
    try:
        new = accept(files)
        fit_together([*(attachment for _, attachment in kept), *new])
    except UnfitFile as exc:
        problems[FILES] = words[exc.problem].format(name=exc.name)
        new = ()
    wanted = _text(fields, LANGUAGE)
    zone = known_zone(_text(fields, ZONE))
    return Particulars(
        answers=answers,
        zone=zone.key if zone else None,
        lang=wanted if wanted in support.languages else lang,
        guessed=guessed,
        kept=kept,
        new=new,
        problems=problems,
    )


def shown(questions: Sequence[Question], values: Mapping[str, str], lang: str) -> list[dict[str, Any]]:
    """Describe the extra questions for a template; `values` is what stands in the form."""
    return [
        {
            "field": f"{ANSWER}{question.id}",
            "id": question.id,
            "ask": in_language(question.ask, lang),
            "help": in_language(question.help, lang),
            "type": str(question.type),
            "required": question.required,
            "choices": [
                {"key": key, "label": in_language(label, lang)} for key, label in question.choices.items()
            ],
            "value": values.get(f"{ANSWER}{question.id}", ""),
        }
        for question in questions
    ]


def stylesheet(questions: Sequence[Question]) -> str:
    """Hide each question until one of its categories is chosen. A browser without :has() shows them all."""
    rules = []
    for question in questions:
        chosen = ", ".join(f'[value="{category}"]' for category in question.categories)
        rules.append(
            f".contact-form:not(:has(#category option:is({chosen}):checked)) "
            f'[data-question="{question.id}"] {{ display: none; }}'
        )
    return "\n".join(rules) + "\n"


def in_form(fields: Mapping[str, str], questions: Sequence[Question]) -> dict[str, str]:
    """Take what a form must carry to its next step."""
    names = [GUESSED, LANGUAGE, ZONE, *(f"{ANSWER}{question.id}" for question in questions)]
    return {name: clean_line(fields.get(name, ""))[:LONGEST_ANSWER] for name in names}


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return clean_line(value)[:LONGEST_ANSWER] if isinstance(value, str) else ""


def _answer(fields: Mapping[str, Any], question: Question) -> str:
    """Find an answer in a form's fields, or in the object `answers` of a JSON body."""
    value = fields.get(f"{ANSWER}{question.id}")
    given = fields.get("answers")
    if value is None and isinstance(given, Mapping):
        value = given.get(question.id)
    if isinstance(value, bool) and question.type is QuestionType.CHECKBOX:
        return "yes" if value else ""
    return re.sub(r"\s+", " ", value) if isinstance(value, str) else ""
