"""Say in words what each stage made of a question."""

from collections.abc import Iterator

from deflector.search.fusion import (
    EXACT_COUNTS,
    LIKENESS_COUNTS,
    MAXSIM_COUNTS,
    PHRASING_COUNTS,
    SHARE_COUNTS,
    STALE_COSTS,
    WORDS_COUNT,
    Found,
)
from deflector.search.pipeline import Answered

EXPLAINED = 5

_STAGES = {"spelling": "spelling", "completion": "unfinished word", "synonym": "synonyms"}


def explained(answered: Answered) -> Iterator[str]:
    """Tell, a line each, how the question was read, and what speaks for the best articles."""
    reading = answered.reading
    yield f"Language {answered.index.shelf.lang}: {len(answered.index.shelf.articles)} articles."
    yield f"Searched: {reading.text!r}"
    for change in reading.changes:
        yield f"  {_STAGES[change.stage]}: {change.word!r} read as {', '.join(map(repr, change.read_as[:5]))}"
    if reading.corrected != reading.text:
        yield f"  the sentence model reads: {reading.corrected!r}"
    weights = ", ".join(f"{meant.ways[0].terms[0]} {meant.idf:.1f}" for meant in reading.meant)
    yield f"  telling words: {weights or 'none'}"
    if answered.index.meaning is None:
        yield "  no sentence model for this language: by words alone"
    if not answered.found:
        yield "Nothing was found."
    else:
        yield f"Anything answers: {answered.anything:.0%} of the time."
    for rank, (one, confidence) in enumerate(answered.found[:EXPLAINED], 1):
        yield from _one(rank, one, confidence)


def _one(rank: int, one: Found, confidence: float) -> Iterator[str]:
    article, section, signs = one.place.article, one.place.section, one.signs
    heading = f" › {section.heading}" if section.heading and section.heading != article.title else ""
    named = f"{rank}. {article.title}{heading} [{article.id}]"
    yield f"{named}: right {confidence:.0%} of the time, score {one.score:.3f}"
    if signs.near is not None:
        yield f"     meaning {signs.near:.3f}: cosine to its nearest passages"
    yield f"     words +{WORDS_COUNT * signs.words:.3f}: BM25 per unit of idf, {signs.words:.2f} of 1"
    yield f"     share +{SHARE_COUNTS * signs.share:.3f}: it has {signs.share:.0%} of the question by weight"
    likeness, phrasing = LIKENESS_COUNTS * signs.likeness, PHRASING_COUNTS * signs.phrasing
    yield f"     likeness +{likeness:.3f}: to its best title or wording, {signs.likeness:.2f}"
    yield f"     phrasing +{phrasing:.3f}: {signs.phrasing:.0%} of it stands there letter by letter"
    if signs.near is not None:
        counts = MAXSIM_COUNTS * signs.maxsim
        yield f"     word by word +{counts:.3f}: mean cosine {signs.maxsim:.2f} to its nearest words"
    if signs.lead:
        yield f"     lead {signs.lead:.3f}: how far its score is ahead of the next, for its confidence only"
    if signs.exact:
        yield f"     exact +{EXACT_COUNTS:.3f}: these are the very words of a title or wording"
    if article.stale:
        yield f"     stale -{STALE_COSTS:.3f}: its review is overdue"
