"""Plain language: warnings with the sentence and a better way. They never stop a build.

Limits of sentence length: 25 words (GOV.UK content design; ISO 24495-1 asks for short sentences).
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Final

import yaml

from generator.articles.article import Article
from generator.articles.knowledge_base import KnowledgeBase
from generator.articles.prose import Sentence, sentences
from generator.findings import Finding, Severity
from generator.rules.readability import reading_ease

LONGEST: Final = 30
"""More words than these are warned of; 25 are advised."""
_KINDS: Final = {"dismissive": "dismissive-word", "blame": "blame", "jargon": "jargon"}
_PARTICIPLE: Final = (
    r"(?:\w+ed|done|made|sent|given|taken|shown|seen|known|written|found|kept|paid|chosen|lost|held)"
)
_PASSIVE: Final = {
    "en": re.compile(
        rf"\b(?:is|are|was|were|be|been|being)\s+(?:(?:\w+ly|not|then|now|also)\s+)?{_PARTICIPLE}\b", re.I
    ),
    "es": re.compile(r"\b(?:es|son|fue|fueron|será|serán|sido|ser)\s+\w+[aeií]d[oa]s?\b", re.I),
}
MOST_PASSIVES: Final = 3
"""So many passives in a row make a chain: nobody knows any more who does what."""


def plain_language(base: KnowledgeBase) -> Iterator[Finding]:
    """Look at the words of every article that readers see, and at those of drafts."""
    own = {term: (advice, "jargon") for term, advice in base.jargon.items()}
    for article in base.articles:
        words = {**_words(article.lang.partition("-")[0]), **own}
        for line, rule, message in _remarks(article, words):
            path = base.spoken_path(article.path)
            yield Finding(path=path, line=line, rule=rule, severity=Severity.WARNING, message=message)


def _remarks(article: Article, words: Mapping[str, tuple[str, str]]) -> Iterator[tuple[int, str, str]]:
    found = list(sentences(article.body))
    offset = article.body_line - 1
    pattern = _pattern(tuple(words))
    for sentence in found:
        line, shown = sentence.line + offset, _shown(sentence)
        if len(sentence.words) > LONGEST:
            message = (
                f"{shown} has {len(sentence.words)} words. Say it in two sentences of 25 words or fewer."
            )
            yield line, "long-sentence", message
        for match in pattern.finditer(sentence.text) if pattern else ():
            advice, rule = words[match[0].casefold()]
            yield line, rule, f'{shown} says "{match[0]}". {advice}'
    yield from ((line + offset, "passive", message) for line, message in _chains(found, article.lang))
    ease = reading_ease((sentence.words for sentence in found), article.lang)
    if ease is not None and ease.is_hard:
        message = (
            f"The text is hard to read: {ease.words_a_sentence:.0f} words a sentence, "
            f"{ease.syllables_a_word:.1f} syllables a word, reading ease {ease.score:.0f}. "
            "Use shorter words, and sentences with one thought each."
        )
        yield article.body_line, "hard-to-read", message


def _chains(found: list[Sentence], lang: str) -> Iterator[tuple[int, str]]:
    """Find runs of passive sentences."""
    passive = _PASSIVE.get(lang.partition("-")[0])
    if passive is None:
        return
    run: list[Sentence] = []
    for sentence in [*found, Sentence(text="", line=0)]:
        if passive.search(sentence.text) and not sentence.is_step:
            run.append(sentence)
            continue
        if len(run) >= MOST_PASSIVES:
            message = f"{len(run)} sentences in a row are passive, from {_shown(run[0])}. Say who does what."
            yield run[0].line, message
        run = []


def _shown(sentence: Sentence) -> str:
    text = sentence.text if len(sentence.text) <= 90 else sentence.text[:89] + "…"
    return f'"{text}"'


@cache
def _pattern(terms: tuple[str, ...]) -> re.Pattern[str] | None:
    if not terms:
        return None
    longest_first = sorted(terms, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE)


@cache
def _words(lang: str) -> Mapping[str, tuple[str, str]]:
    """Load the words of a language: word → what to do instead, and the rule."""
    text = (files("generator.rules") / "language.yml").read_text("utf-8")
    table = yaml.safe_load(text).get(lang, {})
    return (
        {
            str(word).casefold(): (advice, rule)
            for kind, rule in _KINDS.items()
            for word, advice in table[kind].items()
        }
        if table
        else {}
    )
