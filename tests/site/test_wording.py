"""The site's words are the same set in every language."""

import re
from datetime import date

import pytest
from babel import Locale

from generator.site.wording import Wording, languages

ENGLISH = Wording.of("en")
PLACE = re.compile(r"\{(\w+)\}")


@pytest.mark.parametrize("lang", languages())
def test_every_language_says_everything(lang: str) -> None:
    assert Wording.of(lang).texts.keys() == ENGLISH.texts.keys()
    assert Wording.of(lang).counts.keys() == ENGLISH.counts.keys()


@pytest.mark.parametrize("lang", languages())
def test_every_text_leaves_room_for_the_same_values(lang: str) -> None:
    for key, text in Wording.of(lang).texts.items():
        assert set(PLACE.findall(text)) == set(PLACE.findall(ENGLISH.texts[key])), key


@pytest.mark.parametrize("lang", languages())
def test_every_count_has_the_plural_forms_of_its_language(lang: str) -> None:
    wording = Wording.of(lang)
    wanted = {*Locale.parse(wording.locale, sep="-").plural_form.tags, "other"}

    for key, forms in wording.counts.items():
        assert forms.keys() == wanted, key


@pytest.mark.parametrize(
    ("lang", "spoken"),
    [
        ("en", "1 October 2026"),
        ("es", "1 de octubre de 2026"),
        ("ar", "1 أكتوبر 2026"),
        ("de", "1. Oktober 2026"),
    ],
)
def test_days_are_written_as_the_language_writes_them(lang: str, spoken: str) -> None:
    assert Wording.of(lang).day(date(2026, 10, 1)) == spoken


@pytest.mark.parametrize(
    ("lang", "number", "spoken"),
    [("en", 1, "1 article"), ("en", 2, "2 articles"), ("es", 5000, "5.000 artículos"), ("ar", 2, "مقالتان")],
)
def test_numbers_of_things_are_said_in_the_right_form(lang: str, number: int, spoken: str) -> None:
    assert Wording.of(lang).count("articles", number) == spoken


@pytest.mark.parametrize(
    ("lang", "name", "direction"), [("de", "Deutsch", "ltr"), ("he", "עברית", "rtl"), ("qqq", "qqq", "ltr")]
)
def test_a_language_without_a_table_speaks_english_under_its_own_name(
    lang: str, name: str, direction: str
) -> None:
    wording = Wording.of(lang)

    assert (wording.lang, wording.name, wording.direction) == (lang, name, direction)
    assert wording("search.ask") == ENGLISH("search.ask")


def test_a_language_is_named_in_the_readers_own() -> None:
    assert Wording.of("es").language("en") == "inglés"


def test_what_is_put_into_a_text_cannot_be_markup() -> None:
    said = ENGLISH("article.checked", date="today", person="<b>Jon</b>")

    assert said == "Checked today by &lt;b&gt;Jon&lt;/b&gt;"
