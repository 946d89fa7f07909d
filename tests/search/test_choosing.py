"""No catalogue is too large: words that are everywhere do not choose which sections are looked at."""

from hypothesis import given
from hypothesis import strategies as st

from deflector.search.choosing import LOOKED_UP, choosing
from deflector.search.vocabulary import Vocabulary
from deflector.search.words import Meant, Way

SECTIONS = 100_000
# Each term by how many sections it stands in.
COUNTS = {"the": 95_000, "use": 40_000, "card": 9_000, "check": 8_000, "pay": 700, "gift": 400, "zloty": 3}
LARGE = Vocabulary(sections=SECTIONS, counts=COUNTS, terms=COUNTS)
SMALL = Vocabulary(sections=500, counts=COUNTS, terms={term: n // 200 for term, n in COUNTS.items()})


def said(*ways: str) -> Meant:
    return Meant(ways=tuple(Way(terms=(way,)) for way in ways))


def looked_up(question: tuple[Meant, ...]) -> int:
    return sum(LARGE.reach(way.terms) for meant in question for way in meant.ways)


def test_in_a_small_catalogue_every_word_chooses() -> None:
    question = (said("use"), said("the", "card", "check"))
    assert choosing(question, SMALL) == question


def test_what_an_unfinished_word_may_become_is_looked_up_where_it_is_not_everywhere() -> None:
    assert choosing((said("c", "the", "card", "check", "gift"),), LARGE) == (said("c", "card", "gift"),)


def test_of_the_words_of_a_question_the_rarest_choose() -> None:
    assert choosing((said("the"), said("zloty"), said("use")), LARGE) == (said("zloty"),)
    question = (said("the"), said("zloty"), said("use"), said("gi", "gift"))
    assert choosing(question, LARGE) == (said("zloty"), said("gi", "gift"))


def test_a_question_of_words_that_are_everywhere_still_asks_for_one() -> None:
    assert choosing((said("the", "use"),), LARGE) == (said("the"),)


@given(st.lists(st.lists(st.sampled_from(sorted(COUNTS)), min_size=1, max_size=12), min_size=1, max_size=20))
def test_the_work_is_bounded_and_something_is_always_asked(words: list[list[str]]) -> None:
    question = tuple(said(*ways) for ways in words)
    chosen = choosing(question, LARGE)
    assert chosen
    # One word is asked for even if it is in every section.
    assert looked_up(chosen) <= LOOKED_UP or (len(chosen) == 1 and looked_up(chosen) <= SECTIONS)
