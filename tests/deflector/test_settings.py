"""The environment and support.yml: sensible on a laptop, refused in a sentence when they cannot be meant."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from deflector.settings import Settings, WrongSetting
from deflector.support.support_desk import SupportDesk

KEY = "k" * 40


def test_an_empty_environment_works_on_a_laptop() -> None:
    settings = Settings.from_environment({})

    assert settings.is_laptop
    assert settings.database_url == "sqlite:///var/deflector.db"
    assert settings.maildir == Path("var/mail")
    assert settings.search == "tantivy"
    assert settings.secret_key is None
    assert settings.protection


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("SEARCH", "lucene", 'DEFLECTOR_SEARCH is "lucene". Write one of: tantivy, whoosh.'),
        ("PROTECTION", "maybe", "DEFLECTOR_PROTECTION"),
        ("BASE_URL", "help.example.com", "DEFLECTOR_BASE_URL"),
        ("BASE_URL", "ftp://help.example.com", "DEFLECTOR_BASE_URL"),
        ("BASE_URL", "http://[::1", "DEFLECTOR_BASE_URL"),
        ("BASE_URL", "http://127.0.0.1:99999", "DEFLECTOR_BASE_URL"),
        ("DATABASE_URL", "mysql://localhost/help", "DEFLECTOR_DATABASE_URL"),
        ("DATABASE_URL", "deflector.db", "DEFLECTOR_DATABASE_URL"),
        ("SMTP_URL", "mail.example.com", "DEFLECTOR_SMTP_URL"),
        ("SMTP_URL", "smtp://", "DEFLECTOR_SMTP_URL"),
        ("SECRET_KEY", "short", "DEFLECTOR_SECRET_KEY has 5 characters"),
        ("MODEL", "/no/such/folder", "DEFLECTOR_MODEL"),
        ("SUPPORT", "/no/such/file.yml", "DEFLECTOR_SUPPORT"),
    ],
)
def test_a_wrong_value_is_refused_with_a_sentence_that_names_it(variable: str, value: str, says: str) -> None:
    with pytest.raises(WrongSetting) as caught:
        Settings.from_environment({f"DEFLECTOR_{variable}": value})

    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_password_in_a_wrong_mail_address_is_not_repeated() -> None:
    with pytest.raises(WrongSetting) as caught:
        Settings.from_environment({"DEFLECTOR_SMTP_URL": "imap://me:hunter2@mail.example.com"})

    assert "hunter2" not in str(caught.value)


def test_a_public_address_needs_a_secret_key_and_protection() -> None:
    public = {"DEFLECTOR_BASE_URL": "https://help.example.com"}

    with pytest.raises(WrongSetting, match="DEFLECTOR_SECRET_KEY is not set"):
        Settings.from_environment(public)
    with pytest.raises(WrongSetting, match="DEFLECTOR_PROTECTION is off"):
        Settings.from_environment({**public, "DEFLECTOR_SECRET_KEY": KEY, "DEFLECTOR_PROTECTION": "off"})
    assert not Settings.from_environment({**public, "DEFLECTOR_SECRET_KEY": KEY}).is_laptop


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgres://u@h/db", "postgresql+psycopg://u@h/db"),
        ("postgresql://u@h/db", "postgresql+psycopg://u@h/db"),
        ("postgresql+psycopg://u@h/db", "postgresql+psycopg://u@h/db"),
        ("sqlite:////var/lib/help.db", "sqlite:////var/lib/help.db"),
    ],
)
def test_the_usual_ways_to_name_a_database_are_understood(given: str, used: str) -> None:
    assert Settings.from_environment({"DEFLECTOR_DATABASE_URL": given}).database_url == used


def write(folder: Path, text: str) -> Path:
    path = folder / "support.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_support_yml_names_queues_hours_and_promises(tmp_path: Path) -> None:
    desk = SupportDesk.load(
        write(
            tmp_path,
            """
            name: Tiny Help
            languages: [en, es]
            mail: {from: Tiny Help <help@tiny.example>}
            hours: {time_zone: Europe/London, open: {mon: "09:00-12:00, 13:00-17:00"}}
            promise: {answer_within: 4 hours}
            queues:
              first: {to: a@tiny.example}
              money: {to: b@tiny.example, categories: [payments], promise: {answer_within: 2 hours}}
            suggestions: {be_right: 9 times in 10, show: 2}
            privacy: {keep_questions: 2 weeks}
            """,
        )
    )

    assert desk.queue_for("payments")[0] == "money"
    assert desk.queue_for("anything else")[0] == desk.queue_for(None)[0] == "first"
    assert str(desk.promised_by(desk.queues["money"]).answer_within) == "2 hours"
    assert str(desk.promised_by(desk.queues["first"]).answer_within) == "4 hours"
    assert desk.suggestions.be_right == 0.9
    assert desk.privacy.keep_questions == timedelta(days=14)


def test_every_fault_of_support_yml_is_named_in_one_go(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """
        hours: {time_zone: Mars, open: {mon: 9-5}}
        queues: {general: {to: nobody}}
        suggestions: {be_right: 0.8}
        privacy: {keep_tickets: forever}
        surprise: 1
        """,
    )

    with pytest.raises(WrongSetting) as caught:
        SupportDesk.load(path)

    faults = str(caught.value).splitlines()
    for place in (
        "hours.time_zone",
        "hours.open.mon",
        "queues.general.to",
        "suggestions.be_right",
        "privacy.keep_tickets",
        "surprise",
    ):
        assert any(f"{path}: {place}: " in fault for fault in faults), place
    assert len(faults) == 6


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("hours: {open: {mon: []", ":1:"),
        ("- a\n- list", "should be"),
        ("queues: {}", "queues"),
        ("languages: []", "languages"),
        ("hours: {open: {}}", "hours"),
        ("hours: {holidays: {country: XX}}", "hours"),
        ("name: {en: 3}", "support.yml: name: this is no text; write one in quotes, or one for each"),
        ("name: {}", "support.yml: name: this is no text;"),
        ("name: {klingon: x}", 'support.yml: name: "klingon" is not a language; write e.g. en or pt-BR.'),
        (
            "queues: {a: {to: a@x.example, categories: [one]}, b: {to: b@x.example, categories: [one]}}",
            "'one' stands in the queues 'a' and 'b'",
        ),
    ],
)
def test_a_support_yml_that_cannot_be_meant_is_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(WrongSetting) as caught:
        SupportDesk.load(write(tmp_path, text))

    assert says in str(caught.value)


def test_the_manual_shows_every_key_of_support_yml_in_examples_that_load() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "operating.md").read_text(encoding="utf-8")
    section = manual.partition("\n## support.yml\n")[2].partition("\n## ")[0]
    shown: dict[str, object] = {}
    for example in re.findall(r"```yaml\n(.*?)```", section, re.DOTALL):
        shown |= yaml.safe_load(example)

    desk = SupportDesk.model_validate(shown)

    assert shown.keys() == SupportDesk.model_fields.keys()
    assert desk.rules
    assert desk.questions


def test_without_a_file_there_are_defaults_that_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    desk = SupportDesk.load(None)

    assert desk.queue_for(None)[1].to
    assert desk.hours.working_hours()


def test_a_redis_address_that_is_none_is_named_without_its_password() -> None:
    with pytest.raises(WrongSetting, match="DEFLECTOR_REDIS_URL") as wrong:
        Settings.from_environment({"DEFLECTOR_REDIS_URL": "http://user:hunter2@host"})
    assert "hunter2" not in str(wrong.value)


def test_the_number_of_proxies_is_a_small_figure() -> None:
    assert Settings.from_environment({}).trusted_proxies == 0
    assert Settings.from_environment({"DEFLECTOR_TRUSTED_PROXIES": "2"}).trusted_proxies == 2
    with pytest.raises(WrongSetting, match="DEFLECTOR_TRUSTED_PROXIES"):
        Settings.from_environment({"DEFLECTOR_TRUSTED_PROXIES": "all"})
