"""Triage: phrases in what people write, and the rule that decides. The cases stand in YAML beside this."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from deflector.cli import main
from deflector.settings import WrongSetting
from deflector.support.phrases import Phrase, Text
from deflector.support.support_desk import SupportDesk
from deflector.support.triage import Facts, Priority

HERE = Path(__file__).parent
PLAYDECK = SupportDesk.load(HERE.parents[1] / "support.yml")


def cases(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((HERE / name).read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("case", cases("phrases.yml"), ids=lambda case: f"{case['phrase']} | {case['text']}")
def test_a_phrase_is_found_in_its_forms_and_with_slips(case: dict[str, Any]) -> None:
    found = Text(case["text"]).find(Phrase(case["phrase"], case.get("lang", "en")))

    assert (found or "none") == case["found"]


@pytest.mark.parametrize("case", cases("triage.yml"), ids=lambda case: case["says"] or "nothing")
def test_a_message_meets_the_rule_that_a_support_lead_expects(case: dict[str, Any]) -> None:
    decision = PLAYDECK.decide(
        Facts(
            text=case["says"],
            lang=case.get("lang", "en"),
            category=case.get("category"),
            page=case.get("page"),
        )
    )

    assert (decision.match.rule.name if decision.match else "none") == case["rule"]


def test_urgent_matters_go_to_people_at_once_and_say_why() -> None:
    decision = PLAYDECK.decide(Facts(text="My card was chargd twice!", lang="en", category="technical"))

    assert decision.match is not None
    assert decision.match.reasons == ('"chargd twice" says "charged twice" (en)',)
    assert decision.queue == "payments"  # the rule's, though technical goes elsewhere
    assert decision.urgent
    assert decision.skip_suggestions
    assert "double-charge" in decision.tags


def desk(tmp_path: Path, text: str) -> SupportDesk:
    path = tmp_path / "support.yml"
    path.write_text(text, encoding="utf-8")
    return SupportDesk.load(path)


QUEUES = "queues: {general: {to: a@tiny.example}, money: {to: b@tiny.example, categories: [payments]}}\n"


def test_the_first_rule_that_fits_decides_and_without_one_the_category(tmp_path: Path) -> None:
    tiny = desk(
        tmp_path,
        QUEUES
        + """
languages: [en, es]
rules:
  - {name: cheap, when: {says: refund, categories: [payments]}, then: {queue: general, tags: [cheap]}}
  - {name: dear, when: {says: [refund, money back]}, then: {priority: high}}
  - {name: spanish, when: {languages: es}, then: {priority: low}}
  - {name: quiet, when: {pages: ["/en/*"]}, then: {skip_suggestions: true}}
""",
    )

    def name(text: str, lang: str = "en", **more: Any) -> str:
        match = tiny.decide(Facts(text=text, lang=lang, **more)).match
        return match.rule.name if match else "none"

    assert name("a refund please", category="payments") == "cheap"
    assert name("a refund please", category="other") == "dear"
    assert name("refunds", lang="es-MX") == "dear"  # phrases count whatever language the form has
    assert name("hola", lang="es-MX") == "spanish"
    assert name("hola", lang="est") == "none"
    assert name("hello", page="/en/payments/") == "quiet"
    plain = tiny.decide(Facts(text="hello", lang="en", category="payments"))
    assert (plain.queue, plain.priority, plain.match) == ("money", Priority.NORMAL, None)
    quiet = tiny.decide(Facts(text="hello", lang="en", page="/en/"))
    assert quiet.skip_suggestions
    assert not quiet.urgent


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        ("[{name: a, when: {says: x}, then: {queue: nowhere}}]", "'nowhere', which is not under 'queues'"),
        ("[{name: a, when: {says: x}, then: {priority: asap}}]", "rules.0.then.priority"),
        ("[{name: a, when: {says: '?!'}, then: {}}]", "holds no word"),
        ("[{name: a, when: {say: x}, then: {}}]", "rules.0.when.say"),
        ("[{name: a, when: {languages: [fr]}, then: {}}]", "'fr', which is not under 'languages'"),
        ("[{name: a, when: {says: {klingon: x}}, then: {}}]", '"klingon" is not a language'),
        ("[{name: a, when: {says: x}, then: {answer_within: soon}}]", "rules.0.then.answer_within"),
        ("[{name: a, when: {says: x}, then: {tags: [Big Tag]}}]", '"Big Tag" is not a key'),
        (
            "[{name: a, when: {says: x}, then: {}}, {name: a, when: {says: y}, then: {}}]",
            "has the name of an earlier rule",
        ),
        ("[{name: a, then: {}}, {name: b, when: {says: y}, then: {}}]", '"b", can never decide'),
        (
            "[{name: a, when: {says: twice}, then: {}}, {name: b, when: {says: [charged twice]}, then: {}}]",
            '"b", can never decide: rule 1, "a", fits every message',
        ),
        (
            "[{name: a, when: {pages: ['/en/*']}, then: {}},"
            " {name: b, when: {pages: ['/en/pay/*'], says: x}, then: {}}]",
            '"b", can never decide',
        ),
    ],
)
def test_a_rule_that_cannot_be_meant_stops_the_start_with_a_sentence(
    tmp_path: Path, rules: str, says: str
) -> None:
    with pytest.raises(WrongSetting) as caught:
        desk(tmp_path, f"{QUEUES}rules: {rules}\n")

    assert says in str(caught.value)


@pytest.mark.parametrize(
    "rules",
    [
        "[{name: a, when: {says: charged twice}, then: {}}, {name: b, when: {says: twice}, then: {}}]",
        "[{name: a, when: {says: x, categories: [c]}, then: {}}, {name: b, when: {says: x}, then: {}}]",
        "[{name: a, when: {pages: ['/?']}, then: {}}, {name: b, when: {pages: ['/*']}, then: {}}]",
        "[{name: a, when: {languages: [en]}, then: {}}, {name: b, when: {says: x}, then: {}}]",
    ],
)
def test_a_rule_that_still_has_something_to_decide_is_no_shadow(tmp_path: Path, rules: str) -> None:
    assert len(desk(tmp_path, f"{QUEUES}rules: {rules}\n").rules) == 2


def test_every_fault_of_the_rules_is_named_in_a_line_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting) as caught:
        desk(
            tmp_path,
            QUEUES
            + """
rules:
  - {name: a, when: {says: x}, then: {queue: nowhere}}
  - {name: b, when: {says: x}, then: {queue: neither}}
""",
        )

    lines = str(caught.value).splitlines()
    assert len(lines) == 3
    assert all(line.startswith(f"{tmp_path}/support.yml: the file: rule ") for line in lines)


def check(catalogue: Path, tmp_path: Path, *words: str, support: str = "support.yml") -> Result:
    environment = {
        "DEFLECTOR_VAR": str(tmp_path / "var"),
        "DEFLECTOR_CATALOGUE": str(catalogue),
        "DEFLECTOR_SUPPORT": str(HERE.parents[1] / support),
        "DEFLECTOR_MODEL": "off",
    }
    return CliRunner().invoke(main, ["check", *words], env=environment)


def test_a_support_lead_is_told_which_rule_takes_a_message_and_why(catalogue: Path, tmp_path: Path) -> None:
    told = check(catalogue, tmp_path, "--explain", "my card was chargd twice")

    assert told.exit_code == 0, told.output
    assert 'Rule 3, "Charged twice", because "chargd twice" says "charged twice" (en).' in told.output
    assert "payments@playdeck.example" in told.output
    assert "skipped: straight to a person" in told.output
    assert "within 4 hours" in told.output


def test_an_explanation_can_be_read_by_programs(catalogue: Path, tmp_path: Path) -> None:
    ask = ["--explain", "How do I get my money back?", "--page", "/en/", "--lang", "en", "--format", "json"]

    guessed = json.loads(check(catalogue, tmp_path, *ask).output)
    chosen = json.loads(check(catalogue, tmp_path, *ask, "--category", "privacy").output)

    assert (guessed["rule"], guessed["category"], guessed["guessed"]) == (None, "payments", True)
    assert chosen["rule"] == {"place": 6, "name": "Privacy request", "because": "its category is privacy"}
    assert not chosen["guessed"]


def test_a_category_that_no_article_has_is_named_with_those_that_are(catalogue: Path, tmp_path: Path) -> None:
    told = check(catalogue, tmp_path)

    assert told.exit_code == 1
    assert "the rule 'Privacy request' names the category 'privacy'" in told.output
    assert "Known are: payments." in told.output
