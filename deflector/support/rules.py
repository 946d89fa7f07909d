"""The rules of support.yml as they are written: `when` a message is like this, `then` do that."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from deflector.support.phrases import Phrase, words
from deflector.support.triage import Conditions, Priority, Rule, shadows
from deflector.support.written import Language, Slug, Slugs, Span, Strict


def _texts(value: object) -> object:
    return [value] if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_texts)]
Languages = Annotated[tuple[Language, ...], BeforeValidator(_texts)]


class When(Strict):
    """What a message must be like: all that is named, and of each list any one."""

    categories: Slugs = ()
    says: Texts | Mapping[Language, Texts] = ()
    languages: Languages = ()
    pages: Texts = ()

    @model_validator(mode="after")
    def _can_hold(self) -> Self:
        for phrase in self.phrases("en"):
            if not words(phrase.text, phrase.lang):
                raise ValueError(f"'says' has \"{phrase.text}\", which holds no word")
        return self

    def phrases(self, lang: str) -> list[Phrase]:
        """List what a message may say; phrases without a language are in `lang`."""
        says = self.says if isinstance(self.says, Mapping) else {lang: self.says}
        return [Phrase(text, of) for of, texts in says.items() for text in texts]


class Then(Strict):
    """What happens to such a message. What is not said follows from its category and from `promise`."""

    queue: Slug | None = None
    priority: Priority = Priority.NORMAL
    answer_within: Span | None = None
    solve_within: Span | None = None
    tags: Slugs = ()
    skip_suggestions: bool | None = None  # None: when it is urgent


class RuleEntry(Strict):
    """One rule; the first that fits a message decides."""

    name: str = Field(min_length=1, max_length=100)
    when: When = When()
    then: Then

    def rule(self, lang: str) -> Rule:
        """Turn into a rule of triage; `lang` is the language of phrases that name none."""
        then = self.then
        urgent = then.priority is Priority.URGENT
        return Rule(
            name=self.name,
            when=Conditions(
                categories=self.when.categories,
                phrases=tuple(self.when.phrases(lang)),
                languages=self.when.languages,
                pages=self.when.pages,
            ),
            queue=then.queue,
            priority=then.priority,
            answer_within=then.answer_within,
            solve_within=then.solve_within,
            tags=then.tags,
            skip_suggestions=urgent if then.skip_suggestions is None else then.skip_suggestions,
        )


def faults_of(rules: Sequence[Rule], *, queues: Sequence[str], languages: Sequence[str]) -> Iterator[str]:
    """Say in a sentence each what is wrong with rules that are well-formed one by one."""
    names: set[str] = set()
    for place, rule in enumerate(rules, 1):
        where = f'rule {place}, "{rule.name}"'
        if rule.name in names:
            yield f"{where}, has the name of an earlier rule; give it one of its own"
        names.add(rule.name)
        if rule.queue is not None and rule.queue not in queues:
            known = ", ".join(queues)
            yield f"{where}, sends to the queue '{rule.queue}', which is not under 'queues': {known}"
        for lang in rule.when.languages:
            if not any(f"{one}-".startswith(f"{lang}-") for one in languages):
                yield f"{where}, waits for the language '{lang}', which is not under 'languages'"
    for later, earlier in shadows(rules):
        yield (
            f'rule {rules.index(later) + 1}, "{later.name}", can never decide: '
            f'rule {rules.index(earlier) + 1}, "{earlier.name}", fits every message that it fits. '
            "Move it up, or narrow the earlier one"
        )
