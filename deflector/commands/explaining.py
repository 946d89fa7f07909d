"""What `deflector check --explain` says: which rule takes a message, why, and what is promised."""

import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from deflector.knowledge import KnowledgeFile
from deflector.search.pipeline import open_search
from deflector.settings import Settings
from deflector.support.support_desk import SupportDesk
from deflector.support.triage import Decision, Facts
from deflector.tickets.guessing import category_of

log = logging.getLogger(__name__)


def explained(settings: Settings, support: SupportDesk, facts: Facts, *, now: datetime) -> dict[str, Any]:
    """Decide as the desk would at a moment; return what a person or a program may read."""
    category = facts.category
    if category is None:
        category = _guessed(settings, support, facts)
    decision = support.decide(Facts(text=facts.text, lang=facts.lang, category=category, page=facts.page))
    hours, spans = support.hours.working_hours(), decision.spans
    return {
        "message": facts.text,
        "lang": facts.lang,
        "category": category,
        "guessed": facts.category is None and category is not None,
        "rule": _rule(decision),
        "queue": decision.queue,
        "to": support.queues[decision.queue].to,
        "priority": str(decision.priority),
        "tags": list(decision.tags),
        "skip_suggestions": decision.skip_suggestions,
        "answer_within": str(spans.answer_within),
        "answer_by": hours.add(now, spans.answer_within).isoformat(timespec="minutes"),
        "solve_within": str(spans.solve_within),
        "solve_by": hours.add(now, spans.solve_within).isoformat(timespec="minutes"),
    }


def in_words(told: dict[str, Any]) -> Iterator[str]:
    """Write an explanation for people, a line each."""
    if told["rule"]:
        yield f'Rule {told["rule"]["place"]}, "{told["rule"]["name"]}", because {told["rule"]["because"]}.'
    else:
        yield "No rule fits: the category alone decides."
    guessed = ", guessed from the message" if told["guessed"] else ""
    yield f"Category     {told['category'] or 'none'}{guessed}"
    yield f"Queue        {told['queue']}, {told['to']}"
    yield f"Priority     {told['priority']}"
    yield f"Tags         {', '.join(told['tags']) or 'none'}"
    yield f"Answers      {'skipped: straight to a person' if told['skip_suggestions'] else 'offered first'}"
    for word in ("answer", "solve"):
        when = datetime.fromisoformat(told[f"{word}_by"])
        promise = f"within {told[f'{word}_within']}: sent now, by {when:%A} {when.day} {when:%B %Y, %H:%M}"
        yield f"{word.capitalize():<12} {promise}"


def _rule(decision: Decision) -> dict[str, Any] | None:
    match = decision.match
    if match is None:
        return None
    return {"place": match.place, "name": match.rule.name, "because": " and ".join(match.reasons)}


def _guessed(settings: Settings, support: SupportDesk, facts: Facts) -> str | None:
    """Guess as the desk would; without a usable catalogue there is no guess, as there would be none."""
    try:
        search = open_search(
            knowledge=KnowledgeFile(settings.catalogue),
            engine=settings.search,
            var=settings.var,
            model=settings.model,
            be_right=support.suggestions.be_right,
        )
        found = search.suggest(facts.text, lang=facts.lang, limit=support.suggestions.show)
        return category_of(found)
    except Exception as exc:  # the rules can be explained without a search
        log.warning("category not guessed because=%s", type(exc).__name__)
        return None


def unknown_categories(support: SupportDesk, known: set[str]) -> Iterator[str]:
    """Name what support.yml says about categories that the catalogue does not have."""
    named = {
        **{f"the queue '{name}'": queue.categories for name, queue in support.queues.items()},
        **{f"the rule '{rule.name}'": rule.when.categories for rule in support.triage_rules},
        **{f"the question '{question.id}'": question.categories for question in support.questions},
    }
    for where, categories in named.items():
        for category in sorted(set(categories) - known):
            yield (
                f"support.yml: {where} names the category '{category}', which no article has. "
                f"Known are: {', '.join(sorted(known))}."
            )
