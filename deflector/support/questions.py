"""The extra questions of support.yml: what the form asks in some categories beyond the message."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from deflector.support.written import Slug, Slugs, Strict, Words, in_language

LONGEST_ANSWER = 500  # characters


class QuestionType(StrEnum):
    """How a question is answered."""

    TEXT = "text"
    SELECT = "select"
    CHECKBOX = "checkbox"


class UnfitAnswer(ValueError):
    """Says which sentence of `web/strings` tells the person what to mend."""


class Question(Strict):
    """One extra question. Its `id` names the answer in mail and API, so it should stay."""

    id: Slug
    categories: Slugs = Field(min_length=1)
    ask: Words
    help: Words = ""
    type: QuestionType = QuestionType.TEXT
    required: bool = False
    choices: Mapping[Slug, Words] = Field(default={})

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.type is QuestionType.SELECT) != bool(self.choices):
            raise ValueError(
                f"the question '{self.id}' has the type {self.type}; 'choices' belong to the type select, "
                "and only to it"
            )
        if not self.ask:
            raise ValueError(f"the question '{self.id}' asks nothing; write 'ask'")
        return self

    def read(self, value: str) -> str:
        """Check an answer and return it as it is stored, "" for none. Raises `UnfitAnswer`."""
        match self.type:
            case QuestionType.CHECKBOX:
                answer = "" if value in ("", "0", "no", "off", "false") else "yes"
            case QuestionType.SELECT:
                answer = value
                if value and value not in self.choices:
                    raise UnfitAnswer("problem_choice")
            case QuestionType.TEXT:
                answer = value
                if len(value) > LONGEST_ANSWER:
                    raise UnfitAnswer("problem_answer_long")
        return answer

    def said(self, answer: str, lang: str) -> str:
        """Write a stored answer for people."""
        return in_language(self.choices[answer], lang) if answer in self.choices else answer


def asked_in(questions: Sequence[Question], category: str | None) -> list[Question]:
    """List the questions of a category, in the order of support.yml."""
    return [question for question in questions if category in question.categories]
