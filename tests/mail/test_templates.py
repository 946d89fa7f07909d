"""Templates in every language say the same things: the same files, the same facts."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from jinja2 import Environment, nodes
from lxml import html

from deflector.mail import wording
from deflector.mail.wording import TEMPLATES, Templates
from tests.mail.conftest import MailRoom, part

LANGUAGES = Templates().languages
FILES = sorted(wording.templates_of("en"))


def facts(lang: str, file: str) -> set[str]:
    """List what a template fills in, as `answer.title`, without the names that only it uses."""
    tree = Environment(autoescape=True).parse((TEMPLATES / lang / file).read_text(encoding="utf-8"))
    return set(names(tree))


def names(node: nodes.Node) -> Iterator[str]:
    for found in node.find_all((nodes.Name, nodes.Getattr)):
        if isinstance(found, nodes.Getattr) and isinstance(found.node, nodes.Name):
            yield f"{found.node.name}.{found.attr}"
        elif isinstance(found, nodes.Name) and found.ctx == "load":
            yield found.name


def test_mails_are_written_in_english_and_spanish() -> None:
    assert {"en", "es"} <= set(LANGUAGES)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_language_has_every_template(lang: str) -> None:
    assert sorted(wording.templates_of(lang)) == FILES


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("lang", [lang for lang in LANGUAGES if lang != "en"])
def test_a_template_fills_in_the_same_facts_in_every_language(lang: str, file: str) -> None:
    assert facts(lang, file) == facts("en", file)


@pytest.mark.parametrize("file", FILES)
def test_templates_fill_something_in(file: str) -> None:
    assert len(facts("en", file)) > 5  # or the comparison above would compare nothing


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", ["ticket", "acknowledgement"])
def test_both_parts_of_a_mail_fill_in_the_same_facts(lang: str, kind: str) -> None:
    text = facts(lang, f"{kind}.txt") - {"loop", "loop.index"}
    assert text <= facts(lang, f"{kind}.html")  # which also uses the pieces of its frame


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("file", [file for file in FILES if file.endswith(".txt")])
def test_the_subject_of_every_mail_names_the_number(lang: str, file: str) -> None:
    subject = (TEMPLATES / lang / file).read_text(encoding="utf-8").splitlines()[0]
    assert subject.startswith("[{{ number }}] ")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_in_a_mail_is_fetched_from_anywhere(lang: str) -> None:
    for path in [TEMPLATES / "frame.html", *(TEMPLATES / lang).glob("*.html")]:
        html = path.read_text(encoding="utf-8")
        assert not re.search(r"<(img|link|script|iframe|form)\b|url\(|@import|src=", html), path


FACTS = {
    "number": "HC-7Q4K2M",
    "address": "https://help.example/t/x",
    "desk": "Help",
    "home": "https://help.example/",
    "city": "Madrid",
}


def confirmation(own: Path, lang: str) -> wording.Wording:
    until = datetime(2026, 12, 1, tzinfo=UTC)
    return Templates(own).render("confirmation", lang, {**FACTS, "until": until})


def write(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text, encoding="utf-8")


def test_every_element_wears_its_style_and_only_what_must_stays_in_the_sheet(room: MailRoom) -> None:
    page = html.document_fromstring(part(room.to_queue(questions=("charged twice",)), "html"))
    (sheet,) = page.iter("style")
    rules = re.sub(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*\s*\}", "", sheet.text or "")
    assert "@media (prefers-color-scheme: dark)" in (sheet.text or "")
    assert rules.strip() == ""  # a program that drops the sheet drops nothing else
    for name in ("body", "h1", "h2", "p", "a", "th", "li"):
        assert all("color" in element.get("style", "") for element in page.iter(name)), name


def test_a_style_sheet_of_a_desks_own_is_written_into_the_elements(tmp_path: Path) -> None:
    own = tmp_path / "en"
    own.mkdir()
    (own / "confirmation.txt").write_text("Hi {{ number }}\n{{ address }}")
    (own / "confirmation.html").write_text("<style>p { color: #123456 }</style><p>{{ address }}</p>")
    mail = Templates(tmp_path).render("confirmation", "en", {"number": "HC-1", "address": "https://x"})
    assert '<p style="color: #123456;">https://x</p>' in mail.html


def test_a_desk_says_a_mail_in_its_own_words_and_leaves_the_rest_to_us(tmp_path: Path) -> None:
    write(tmp_path / "en", confirmation_txt="[{{ number }}] Is it you?\n\nHello from {{ desk }}.")
    own = confirmation(tmp_path, "en")
    assert (own.subject, own.text) == ("[HC-7Q4K2M] Is it you?", "Hello from Help.")
    assert "Was this you?" in own.html
    assert confirmation(tmp_path, "es").subject == confirmation(tmp_path / "none", "es").subject


def test_a_desk_adds_a_language_by_writing_every_template_of_it(tmp_path: Path) -> None:
    write(tmp_path / "fr", confirmation_txt="[{{ number }}] Est-ce vous ?\n")
    assert "fr" not in Templates(tmp_path).languages
    for file in FILES:
        (tmp_path / "fr" / file).write_text("[{{ number }}] Est-ce vous ?\n", encoding="utf-8")
    assert Templates(tmp_path).best_language("fr-CA", ("en",)) == "fr"
    assert confirmation(tmp_path, "fr").subject == "[HC-7Q4K2M] Est-ce vous ?"


@pytest.mark.parametrize("fault", ["{{ number", "{{ no_such_fact }}", "{{ 1 / 0 }}", "{% include 'x' %}"])
def test_a_fault_in_a_desks_own_template_never_keeps_a_mail_back(
    tmp_path: Path, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path / "en", confirmation_txt=fault)
    assert confirmation(tmp_path, "en") == confirmation(tmp_path / "none", "en")
    assert "own template not used template=en/confirmation" in caplog.text
