"""A question is read as it was meant: spelling, unfinished words, synonyms, languages, length."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deflector.search.analysis import analyser, clean, fold, folded, words
from deflector.search.reading import SEARCHED, Change, Reader
from deflector.search.spelling import Dictionary, Speller
from deflector.search.synonyms import Synonyms
from deflector.search.vocabulary import Vocabulary

TEXT = """how to get a refund for a game you bought with a credit card money back
reset a forgotten password on the sign in page
cancel the subscription and its renewal payment methods
two step verification code on your phone
the subscriptions page lists every subscription"""

SYNONYMS = [["refund", "money back", "reimbursement"], ["sign in", "log in", "login"]]


def reader(text: str = TEXT, lang: str = "en", dictionary: tuple[str, ...] = ()) -> Reader:
    analysis = analyser(lang)
    sections = ([word.text for word in words(line)] for line in text.splitlines())
    vocabulary = Vocabulary.of(sections, analysis)
    return Reader(
        analyser=analysis,
        vocabulary=vocabulary,
        synonyms=Synonyms(SYNONYMS, analysis),
        speller=Speller(vocabulary, analysis, Dictionary(dictionary) if dictionary else None),
    )


READER = reader()


def changes(question: str, *, settled: bool = True, by: Reader = READER) -> dict[str, Change]:
    return {change.word: change for change in by.read(question, settled=settled).changes}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("pasword", "password"),
        ("passwrod", "password"),
        ("apssword", "password"),
        ("xpassword", "password"),
        ("subscrpition", "subscription"),
        ("subcsripton", "subscription"),
        ("verifcation", "verification"),
    ],
)
def test_a_mistyped_word_is_read_as_the_known_one(typed: str, meant: str) -> None:
    assert changes(f"{typed} please")[typed].read_as[0] == meant
    assert meant in READER.read(f"{typed} please", settled=True).corrected


@pytest.mark.parametrize("word", ["card", "pay", "xyzzy", "zeppelin", "2fa", "e404", "paymentz9"])
def test_words_that_are_short_far_off_or_codes_stay_as_they_are(word: str) -> None:
    assert READER.read(f"{word} card", settled=True).corrected == f"{word} card"


def test_a_form_of_a_known_word_is_known() -> None:
    assert all(change.stage != "spelling" for change in changes("refunding refunded games").values())


def test_a_word_of_the_language_is_no_mistake_though_no_article_has_it() -> None:
    with_dictionary = reader(dictionary=("gate", "pillow", "came"))
    assert "gate" not in changes("gate please", by=with_dictionary)
    assert changes("pilow please", by=with_dictionary)["pilow"].read_as == ("pillow",)
    # What an article has goes before what only the language has.
    assert changes("gamme please", by=reader(dictionary=("gamma",)))["gamme"].read_as == ("game",)


KNOWN = sorted({word.text for word in words(TEXT)})


@given(st.lists(st.sampled_from(KNOWN), min_size=1, max_size=8), st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_known_word_is_never_corrected(asked: list[str], settled: bool) -> None:
    reading = READER.read(" ".join(asked) + " ", settled=settled)
    assert all(change.stage != "spelling" for change in reading.changes)
    assert reading.corrected.split() == asked


def test_the_last_word_is_a_beginning_until_the_question_is_settled() -> None:
    assert "password" in changes("reset my pass", settled=False)["pass"].read_as
    assert "subscription" in changes("subscr", settled=False)["subscr"].read_as
    assert "pass" not in changes("reset my pass ", settled=False), "a space ends the word"


def test_a_settled_question_that_breaks_off_in_a_word_is_read_on_too() -> None:
    assert "subscription" in changes("cancel my subscr")["subscr"].read_as


def test_synonyms_add_ways_and_do_not_touch_other_words() -> None:
    assert set(changes("reimbursement for a game")) == {"reimbursement"}
    assert changes("i want my money back")["money back"].stage == "synonym"
    ways = READER.read("login", settled=True).meant[0].ways
    assert ("sign", "in") in [way.terms for way in ways]


def test_stop_words_carry_nothing_unless_there_is_nothing_else() -> None:
    assert [meant.ways[0].terms for meant in READER.read("how do i get the refund", settled=True).meant] == [
        ("get",),
        ("refund",),
    ]
    assert READER.read("how do i", settled=True).meant


@pytest.mark.parametrize(
    ("question", "searched"),
    [
        ("get a refund for a game please", "get a refund for a game"),
        ("Hello! Can you please help me with my password? Thanks", "my password?"),
        ("I'd like to cancel the subscription, thank you", "cancel the subscription"),
        ("I forgot my password, please help!", "I forgot my password"),
        ("where is the thank you page", "where is the thank you page"),
        ("can you help me please", "can you help me please"),
        ("please", "please"),
    ],
)
def test_courtesies_are_left_out_unless_there_is_nothing_else(question: str, searched: str) -> None:
    reading = READER.read(question, settled=True)
    assert reading.corrected == searched
    assert reading.text == question


@pytest.mark.parametrize(
    ("lang", "question", "left"),
    [
        (
            "es",
            "Hola, ¿me pueden ayudar? Quiero recuperar mi contraseña, por favor.",
            "recuperar mi contrasena",
        ),
        ("de", "Guten Tag, ich möchte mein Passwort ändern, bitte", "mein passwort andern"),
        ("fr", "Bonjour, je voudrais annuler, s'il vous plaît", "annuler"),
        ("ar", "مرحبا، أريد استرداد ثمن اللعبة من فضلكم", "استرداد ثمن اللعبة"),
        ("ja", "返品 please", "返品 please"),
    ],
)
def test_each_language_has_its_own_courtesies(lang: str, question: str, left: str) -> None:
    assert reader(lang=lang).read(question, settled=True).words == tuple(left.split())


def test_forms_that_no_stemmer_brings_together_are_one_word() -> None:
    english = analyser("en")
    assert english.terms("forgot") == english.terms("forgotten") == english.terms("forgetting")
    assert english.terms("bought") == english.terms("buy")
    assert english.terms("left") != english.terms("leave"), "a word of its own as often"
    assert analyser("de").terms("made") != analyser("de").terms("make")


def test_of_a_long_message_the_telling_sentences_are_searched() -> None:
    chatter = "Hello there, I hope that you are all well and that it is sunny. " * 40
    message = f"{chatter}I forgot my password and cannot reset it. {chatter}"
    reading = READER.read(message, settled=True)
    assert "forgot my password" in reading.text
    assert len(reading.text) <= SEARCHED


@pytest.mark.parametrize("length", [1, 199, 200, 201, 5_000, 100_000])
def test_no_length_is_searched_beyond_the_limit(length: int) -> None:
    for piece in ("a", "ab ", "word. ", "é", "返品", "\n"):
        text = (piece * length)[:length]
        assert len(READER.read(text, settled=True).text) <= SEARCHED


@given(st.text(max_size=300), st.booleans())
@settings(max_examples=150, deadline=None)
def test_anything_can_be_read(text: str, settled: bool) -> None:
    reading = READER.read(text, settled=settled)
    assert all(meant.idf >= 0 and meant.ways for meant in reading.meant)
    reading.corrected.encode()


def test_languages_without_spaces_are_read_by_pairs_of_characters() -> None:
    japanese = analyser("ja")
    assert japanese.terms("返品方法") == ("返品", "品方", "方法")
    assert japanese.terms("返") == ("返",)
    assert japanese.terms("web版") == ("web", "版")


def test_languages_without_a_stemmer_are_read_by_runs_of_letters() -> None:
    polish = analyser("pl")
    assert set(polish.terms("hasłami")) & set(polish.terms("hasłem"))
    assert polish.terms("kod") == ("kod",)


def test_languages_with_a_stemmer_find_other_forms() -> None:
    assert analyser("es").terms("pedidos") == analyser("es-MX").terms("pedido")
    assert analyser("ru").terms("пароли") == analyser("ru").terms("паролем")
    assert analyser("ar").terms("الحساب") == analyser("ar").terms("حساب")


def test_accents_case_and_width_do_not_matter_and_other_scripts_keep_their_marks() -> None:
    assert fold("Contraseña") == "contrasena"
    assert fold("ＰＡＹＰＡＬ") == "paypal"
    assert fold("Straße") == "strasse"
    assert [word.text for word in words("हिन्दी में")] == ["हिन्दी", "में"]


def test_invisible_characters_and_broken_text_do_not_part_words() -> None:
    assert clean("re\u200ffund\0now\ud800!") == "refund now!"


@pytest.mark.parametrize("character", [" ", "\0", "\t", "\u3000", ". ", "\n"])
def test_a_long_run_of_nothing_costs_no_more_than_text(character: str) -> None:
    def cost(text: str) -> float:
        started = time.thread_time()
        for _ in range(3):
            READER.read(text, settled=True)
        return time.thread_time() - started

    text = "It does not work at all. " * 480
    assert cost("a" + character * (len(text) // len(character)) + "b") < 10 * cost(text) + 0.01


@given(st.text(st.one_of(st.characters(codec="ascii"), st.sampled_from("éßİ品\u0301٣")), max_size=90))
def test_a_text_has_the_same_words_with_and_without_their_places(text: str) -> None:
    assert folded(text) == [word.text for word in words(text)]
