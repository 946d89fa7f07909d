"""Which words of a question choose the sections that are looked at, so that no catalogue is too large.

What a word costs to look up is the sections that it stands in, and a word that stands in very many chooses
none of them. So an engine is asked for a bounded number: of what a word may go on to, or may have been meant
to be, what is not everywhere; of the words of a question the rarest. All words still count where a section is
looked at closely. In a catalogue of some hundred articles nothing is left out.
"""

from dataclasses import replace

from deflector.search.vocabulary import Vocabulary
from deflector.search.words import Meant

# Chosen among catalogues of 5,000 and 20,000 articles, where half of each hardly changes what is found.
GUESSED = 10_000  # sections that the ways to say one word stand in together
LOOKED_UP = 30_000  # sections that the words of a question stand in together


def choosing(question: tuple[Meant, ...], vocabulary: Vocabulary) -> tuple[Meant, ...]:
    """Leave out what stands in too many sections to choose among them; never everything."""
    if vocabulary.sections * sum(len(meant.ways) for meant in question) <= GUESSED:
        return question
    parts = [_bounded(meant, vocabulary) for meant in question]
    chosen: list[Meant] = []
    spent = 0
    for cost, place in sorted((_cost(meant, vocabulary), place) for place, meant in enumerate(parts)):
        spent += cost
        if chosen and spent > LOOKED_UP:
            break
        chosen.append(parts[place])
    return tuple(chosen)


def _bounded(meant: Meant, vocabulary: Vocabulary) -> Meant:
    """Keep of several ways, in their order, those that stand in few enough sections together."""
    if len(meant.ways) == 1:
        return meant
    ways = []
    room = GUESSED
    for way in meant.ways:
        reach = vocabulary.reach(way.terms)
        if reach <= room:
            ways.append(way)
            room -= reach
    return meant if len(ways) == len(meant.ways) else replace(meant, ways=tuple(ways) or meant.ways[:1])


def _cost(meant: Meant, vocabulary: Vocabulary) -> int:
    return sum(vocabulary.reach(way.terms) for way in meant.ways)
