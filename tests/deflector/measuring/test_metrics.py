"""Prometheus reads the outcomes of the last weeks, and nothing that anybody typed."""

import math
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from tests.deflector.conftest import AppFactory, Clock, services_of
from tests.deflector.measuring.histories import keep


@pytest.fixture
def app(make_app: AppFactory, clock: Clock) -> Flask:
    clock.moment = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
    return make_app()


def recent(client: FlaskClient) -> dict[str, float]:
    """Read the gauges by name, an outcome each as its own."""
    found = {}
    for family in text_string_to_metric_families(client.get("/metrics").text):
        assert family.documentation.endswith(".")
        for sample in family.samples:
            if sample.name.startswith("answerfirst_recent_"):
                assert set(sample.labels) <= {"outcome"}
                name = sample.name.removeprefix("answerfirst_recent_")
                found["_".join([name, *sample.labels.values()])] = sample.value
    return found


def test_the_outcomes_are_those_of_the_report(app: Flask, client: FlaskClient) -> None:
    keep(services_of(app).store)

    found = recent(client)

    # As in test_commands: 16 enquiries of people, 11 of them shown suggestions.
    outcomes = [found[f"outcomes_{name}"] for name in ("confirmed", "likely", "unknown", "ticket")]
    assert outcomes == [3, 3, 1, 4]
    assert found["enquiries"] == 16
    assert found["confirmed_ratio"] == pytest.approx(3 / 11)
    assert found["answerable_ratio"] == pytest.approx(13 / 16)  # three found nothing, or asked nothing
    assert found["gaps"] > 0
    assert found["figures_behind"] == 0
    assert "game lags" not in client.get("/metrics").text


def test_only_the_last_four_weeks_count(app: Flask, client: FlaskClient, clock: Clock) -> None:
    keep(services_of(app).store)
    clock.advance(days=40)

    found = recent(client)

    assert found["enquiries"] == found["outcomes_ticket"] == found["gaps"] == 0
    assert math.isnan(found["confirmed_ratio"])
    assert math.isnan(found["answerable_ratio"])
