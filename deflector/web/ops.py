"""For those who run it: alive, able to take tickets, figures for Prometheus, the API's description."""

from collections.abc import Iterator

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from deflector.store.store import Store
from deflector.web.openapi import DESCRIPTION
from deflector.web.recent import RecentOutcomes
from deflector.web.services import services

bp = Blueprint("ops", __name__)


@bp.get("/healthz")
def alive() -> ResponseReturnValue:
    """Say that the process answers."""
    return jsonify(alive=True)


@bp.get("/readyz")
def ready() -> ResponseReturnValue:
    """Say whether tickets can be taken (200 or 503), and what works less well than it should."""
    held = services()
    trouble = held.store.trouble()
    degraded = [*([trouble] if trouble else []), *held.suggester.degraded()]
    return jsonify(ready=trouble is None, degraded=degraded), 503 if trouble else 200


@bp.get("/metrics")
def metrics() -> ResponseReturnValue:
    """Give the figures of the whole service, read from the store: the same from every worker."""
    registry = CollectorRegistry()
    registry.register(_Figures(services().store))
    registry.register(RecentOutcomes(services()))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


@bp.get("/openapi.json")
def openapi() -> ResponseReturnValue:
    """Describe the API (OpenAPI 3.1)."""
    return jsonify(DESCRIPTION)


class _Figures(Collector):
    def __init__(self, store: Store) -> None:
        self._store = store

    def collect(self) -> Iterator[GaugeMetricFamily]:
        totals = self._store.totals()
        for name, help_text in (
            ("enquiries", "Enquiries that were started."),
            ("tickets", "Tickets that were opened."),
            ("events", "Events that were recorded."),
        ):
            yield GaugeMetricFamily(f"answerfirst_{name}", help_text, value=totals[name])
        mails = GaugeMetricFamily(
            "answerfirst_outbox_messages", "Mails in the outbox by state.", labels=["state"]
        )
        for state, count in self._store.outbox.counts().items():
            mails.add_metric([state.value], count)
        yield mails
        oldest = self._store.outbox.oldest_waiting()
        yield GaugeMetricFamily(
            "answerfirst_outbox_oldest_waiting_seconds",
            "Age of the oldest mail that has not been sent.",
            value=oldest.total_seconds() if oldest else 0,
        )
