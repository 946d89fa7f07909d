"""The dashboard speaks the language of whoever looks, and lacks no word in any."""

import json
import re
from datetime import date, timedelta
from pathlib import Path
from string import Formatter

import pytest
from flask.testing import FlaskClient

from deflector.measures.gaps import ToDo
from deflector.measures.intervals import Difference, Rate, wilson
from deflector.model import Outcome
from deflector.outcomes.reasons import OTHER, REASONS
from deflector.roles import StaffRole
from deflector.settings import Settings
from deflector.web import admin_words as module
from deflector.web.admin_figures import SPANS
from deflector.web.admin_words import LANGUAGES, AdminWords, admin_words
from tests.deflector.admin.test_admin import ANSWERED, UNANSWERED, ask, sign_in

TEMPLATES = Path(module.__file__).parent / "templates/admin"


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_has_every_text_with_the_same_places_in_it(lang: str) -> None:
    english, theirs = admin_words("en").texts, admin_words(lang).texts

    assert theirs.keys() == english.keys()
    assert {name: places(text) for name, text in theirs.items()} == {
        name: places(text) for name, text in english.items()
    }


def test_every_text_that_a_page_asks_for_is_there_and_every_text_is_asked_for() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in TEMPLATES.glob("*.html"))
    source += Path(module.__file__).with_name("admin.py").read_text(encoding="utf-8")
    source += Path(module.__file__).read_text(encoding="utf-8")
    asked = set(re.findall(r"\bt\.(\w+)", source)) | set(re.findall(r'say\("(\w+)"', source))
    asked |= set(re.findall(r'_sign_in_page\("(\w+)"', source)) | {"no_account"}
    for name in re.findall(r'count\("(\w+)"', source):
        asked |= {f"{name}_one", f"{name}_other"}
    asked |= {f"means_{name}" for name in re.findall(r'means\("(\w+)"', source)} | {
        "means_friction",
        "means_pull",
    }
    asked |= {f"nav_{page}" for page in ("first_page", "gaps", "articles", "enquiries", "stale")}
    asked |= {f"role_{role}" for role in StaffRole} | {f"span_{span}" for span in SPANS}
    asked |= {f"outcome_{kind}" for kind in Outcome} | {f"to_do_{kind}" for kind in ToDo}
    asked |= {f"reason_{reason}" for reason in (*REASONS, OTHER)} | {"step_day", "step_week"}
    counted = ("review_overdue", "first_review_overdue", "sources_changed", "links_dead")
    asked |= {f"stale_{why}_{form}" for why in counted for form in ("one", "other")}
    plain = ("unreviewed", "change_unreviewed", "product_released", "readers_wrote", "votes_against")
    asked |= {f"stale_{why}" for why in plain}
    asked |= {f"appearance_{one}" for one in ("system", "light", "dark")}
    columns = ("version", "shown", "opened", "solved", "opened_then_wrote", "unhelpful", "pull")
    asked |= {f"column_{name}" for name in (*columns, "when", "asked", "ended", "about")}

    assert asked == set(admin_words("en").texts)


@pytest.mark.parametrize(
    ("accepts", "heading"),
    [
        ("es-MX,es;q=0.9,en;q=0.8", "Cómo va"),
        ("en-GB", "How it goes"),
        ("fr,es;q=0.5", "Cómo va"),
        ("fr", "How it goes"),
        ("", "How it goes"),
    ],
)
def test_the_browser_chooses_the_language_and_the_filter_does_not(
    client: FlaskClient, accepts: str, heading: str
) -> None:
    sign_in(client)

    page = client.get("/admin?lang=es", headers={"Accept-Language": accepts})

    assert f"<h1>{heading}</h1>" in page.text
    assert f'<html lang="{page.headers["Content-Language"]}"' in page.text


def test_no_page_in_spanish_has_an_english_sentence_of_ours(client: FlaskClient) -> None:
    ask(client, ANSWERED)
    ask(client, UNANSWERED, write=True)
    sign_in(client)
    english, spanish = admin_words("en").texts, admin_words("es").texts
    ours = {
        text
        for name, text in english.items()
        if len(text) > 12 and text != spanish[name] and not places(text)
    }

    for path in ("", "/gaps", "/articles", "/enquiries", "/stale"):
        page = client.get(f"/admin{path}", headers={"Accept-Language": "es"}).text
        assert [text for text in ours if text in page] == []
        assert "Pagos" in page or path == "/stale"  # the catalogue's own words, too


def test_languages_are_called_by_their_names(client: FlaskClient) -> None:
    sign_in(client)

    page = client.get("/admin", headers={"Accept-Language": "es"}).text

    assert re.findall(r'<option value="(\w+)">(\w+)</option>', page.split('name="lang"')[1])[:2] == [
        ("en", "inglés"),
        ("es", "español"),
    ]
    assert admin_words("en").language("xx-none") == "xx-none"


LONG = timedelta(hours=53, minutes=20)


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        (
            "en",
            ["43%", "36% to", "+1.5 points", "2 days 5 h", "1 enquiry", "1,250 enquiries", "5 Nov 2026"],
        ),
        ("es", ["43 %", "36 %", "+1,5 puntos", "2 días 5 h", "1 consulta", "1.250 consultas", "5 nov 2026"]),
    ],
)
def test_numbers_and_dates_are_written_as_people_of_the_language_do(lang: str, said: list[str]) -> None:
    words = AdminWords(lang)
    rate: Rate = wilson(86, 200)
    found = words.rate(rate)

    points = words.points(Difference(value=0.015, low=-0.01, high=0.04))[0]
    told = [found[0], found[1], points, words.span(LONG)]
    told += [words.count("enquiries", n) for n in (1, 1250)] + [words.day(date(2026, 11, 5))]

    plain = [text.replace("\xa0", " ") for text in told]
    assert all(wanted in text for wanted, text in zip(said, plain, strict=True)), plain
    assert words.rate(wilson(3, 11))[0] in ("3 of 11", "3 de 11")
    assert words.rate(wilson(0, 0))[0] == "–"


OVERDUE = {"points": 47, "reason": "Its review was due.", "why": "review_overdue"}


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (
            OVERDUE | {"facts": {"day": "2026-11-11", "n": 11}},
            "su revisión venció hace 11 días",
        ),
        (OVERDUE | {"facts": {"day": "2026-11-21", "n": 1}}, "su revisión venció hace 1 día"),
        ({"why": "change_unreviewed", "facts": {"version": 3}}, "la versión 3 no se ha revisado"),
        (
            {"why": "product_released", "facts": {"what": "App 5.0", "day": "2026-11-10"}},
            "App 5.0 salió el 10 nov 2026, después de la revisión",
        ),
        ({"why": "unreviewed", "facts": {}}, "nadie lo ha revisado todavía"),
    ],
)
def test_why_an_article_is_stale_is_said_in_the_language_of_whoever_looks(
    part: dict[str, object], said: str
) -> None:
    assert admin_words("es").stale_because(part) == (said, "es")


def test_the_list_of_reviews_due_gives_its_reasons_in_spanish(
    client: FlaskClient, settings: Settings
) -> None:
    part = OVERDUE | {"facts": {"day": "2026-11-11", "n": 11}}
    row = {"id": "lag", "lang": "en", "stale": True, "reasons": [part["reason"]], "parts": [part]}
    audit = settings.catalogue.with_name("audit.json")
    audit.write_text(json.dumps({"articles": [row]}), encoding="utf-8")
    sign_in(client)

    page = client.get("/admin/stale", headers={"Accept-Language": "es"}).text

    assert '<span lang="es">su revisión venció hace 11 días</span>' in page


@pytest.mark.parametrize(
    "changed",
    [
        {"why": "moon_phase"},
        {"facts": {"day": "2026-11-11"}},
        {"facts": {"day": "soon", "n": 3}},
        {"facts": 7},
    ],
)
def test_a_reason_that_another_program_wrote_is_shown_as_it_is(changed: dict[str, object]) -> None:
    part = OVERDUE | {"facts": {"day": "2026-11-11", "n": 11}} | changed

    assert admin_words("es").stale_because(part) == ("Its review was due.", "en")
