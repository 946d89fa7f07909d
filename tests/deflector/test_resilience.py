"""The ticket path never depends on search, and /readyz says what is degraded."""

import json
import shutil
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from deflector.model import Suggestions, Verdict
from deflector.settings import Settings
from deflector.suggesting import Guarded
from tests.deflector.conftest import ANSWERED, CATALOGUE, AppFactory, services_of
from tests.deflector.test_contact_form import FORM


def missing(settings: Settings) -> None:
    settings.catalogue.unlink()


def not_json(settings: Settings) -> None:
    settings.catalogue.write_text("{", encoding="utf-8")


def wrong_schema(settings: Settings) -> None:
    settings.catalogue.write_text(json.dumps(CATALOGUE | {"schema_version": 99}), encoding="utf-8")


def unwritable_index(settings: Settings) -> None:
    (settings.var / "index").mkdir(parents=True)
    shutil.rmtree(settings.var / "index")
    (settings.var / "index").write_text("a file where the folder should be", encoding="utf-8")


@pytest.mark.parametrize("breakage", [missing, not_json, wrong_schema, unwritable_index])
def test_the_form_sends_whatever_is_wrong_with_the_search(
    make_app: AppFactory, settings: Settings, breakage: object
) -> None:
    assert callable(breakage)
    breakage(settings)
    app = make_app()
    client = app.test_client()

    assert client.get("/contact").status_code == 200
    assert client.get("/api/suggest?q=refund").get_json()["suggestions"] == []
    assert client.post("/contact", data=FORM | {"message": ANSWERED}).status_code == 303
    assert len(services_of(app).store.outbox.entries()) == 2
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.get_json()["ready"] is True
    assert ready.get_json()["degraded"]


def test_a_new_catalogue_is_taken_over_and_a_broken_one_is_not(
    make_app: AppFactory, settings: Settings
) -> None:
    client = make_app().test_client()

    def found() -> list[str]:
        answer = client.get("/api/suggest", query_string={"q": "teleport a kitten"}).get_json()
        return [item["article"] for item in answer["suggestions"]]

    def replace_catalogue(text: str) -> None:
        fresh = settings.catalogue.with_suffix(".new")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(settings.catalogue)

    assert found() == []
    kitten = {**CATALOGUE["articles"][0], "id": "kitten", "title": "Teleport a kitten", "questions": []}
    replace_catalogue(json.dumps(CATALOGUE | {"articles": [*CATALOGUE["articles"], kitten]}))
    # The old index answers until the new one is built beside it.
    for _ in range(200):
        if found():
            break
        time.sleep(0.05)
    assert found() == ["kitten"]
    replace_catalogue("{")
    assert found() == ["kitten"]
    assert any("catalogue" in sentence for sentence in client.get("/readyz").get_json()["degraded"])


def test_a_database_that_is_not_ready_takes_no_tickets_and_says_so(
    make_app: AppFactory, settings: Settings
) -> None:
    app = make_app()
    with services_of(app).store.writing() as tx:
        tx.connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'older'")

    ready = app.test_client().get("/readyz")

    assert ready.status_code == 503
    assert "deflector db upgrade" in ready.get_json()["degraded"][0]


class Slow:
    """A search that does not come back before it is let go."""

    def __init__(self) -> None:
        self.release = threading.Event()
        self.asked = 0

    def suggest(self, question: str, *, lang: str, settled: bool = True, limit: int = 3) -> Suggestions:
        self.asked += 1
        self.release.wait(30)
        return Suggestions(question=question, verdict=Verdict.ANSWERS)

    def degraded(self) -> tuple[str, ...]:
        return ()


class Failing(Slow):
    """A search that breaks."""

    def suggest(self, question: str, *, lang: str, settled: bool = True, limit: int = 3) -> Suggestions:
        self.asked += 1
        raise RuntimeError(question)


@pytest.mark.parametrize("search", [Slow(), Failing()], ids=["slow", "failing"])
def test_a_search_that_hangs_or_breaks_counts_as_no_answer_and_is_left_alone_for_a_while(
    search: Slow,
) -> None:
    moment = [0.0]
    guarded = Guarded(search, monotonic=lambda: moment[0], patience=0.05, rest=20)

    assert guarded.suggest("refund", lang="en").verdict is Verdict.NOTHING
    assert guarded.suggest("refund", lang="en").verdict is Verdict.NOTHING
    assert search.asked == 1
    assert "messages go through without suggestions" in guarded.degraded()[0]
    moment[0] = 21
    guarded.suggest("refund", lang="en")
    assert search.asked == 2
    search.release.set()


def test_the_figures_and_the_description_are_served(
    make_app: AppFactory, settings: Settings, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    (site / "en" / "lag").mkdir(parents=True)
    (site / "index.html").write_text("home", encoding="utf-8")
    (site / "404.html").write_text("not here", encoding="utf-8")
    (site / "en" / "lag" / "index.html").write_text("lag", encoding="utf-8")
    client = make_app(replace(settings), site=site).test_client()
    client.post("/contact", data=FORM)

    assert "answerfirst_tickets 1.0" in client.get("/metrics").text
    assert 'answerfirst_outbox_messages{state="waiting"} 2.0' in client.get("/metrics").text
    assert client.get("/openapi.json").get_json()["openapi"].startswith("3.1")
    assert client.get("/healthz").get_json() == {"alive": True}

    def page(path: str) -> tuple[int, str]:
        with client.get(path) as answer:
            return answer.status_code, answer.text

    assert page("/") == (200, "home")
    assert page("/en/lag/") == (200, "lag")
    assert client.get("/en/lag?a=b").location == "/en/lag/?a=b"
    assert page("/nowhere/") == (404, "not here")
    assert page("/..%2f..%2fstore.db")[0] == 404
