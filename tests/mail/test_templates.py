"""Templates in every language say the same things: the same files, the same facts."""

import re
from collections.abc import Iterator

import pytest
from jinja2 import Environment, nodes

from deflector.mail import wording
from deflector.mail.wording import TEMPLATES

LANGUAGES = wording.languages()
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
