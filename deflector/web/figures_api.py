"""GET /api/figures: the report as JSON, for programs that hold a read token."""

from typing import Any

from flask import Blueprint, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from deflector.measures.figures import figures
from deflector.measures.grouping import best_grouping
from deflector.measures.period import from_sums
from deflector.measures.rollup import FOR_A_PAGE, catch_up
from deflector.reporting.data import as_json
from deflector.staff import StaffDoor
from deflector.web.admin_figures import SPANS, period_of, read_filters
from deflector.web.problem import Problem
from deflector.web.services import services

bp = Blueprint("figures_api", __name__, url_prefix="/api")


@bp.get("/figures")
def show() -> ResponseReturnValue:
    """Give what `deflector report --format json` prints, for the last so many days."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    door: StaffDoor = current_app.extensions["answerfirst-staff"]
    if scheme.lower() != "bearer" or not token or not door.may_read(token.strip()):
        response = Problem(401, "Send a read token: Authorization: Bearer … (deflector token add)").response()
        response.headers["WWW-Authenticate"] = 'Bearer realm="figures"'
        return response
    held = services()
    zone, now = held.support.hours.time_zone, held.now()
    period = period_of(read_filters(request.args, held), held)
    catch_up(held.store, zone, most=FOR_A_PAGE)
    with held.store.reading() as tx:
        tally = from_sums(tx, period, zone=zone, as_of=now)
    found = figures(
        tally,
        knowledge=held.knowledge.current(),
        as_of=now,
        period=period,
        holdout_share=held.support.measuring.holdout,
        grouping=best_grouping(),
    )
    response = jsonify(as_json(found))
    response.headers["Cache-Control"] = "no-store"
    return response


# This path's part of the API's description.
PATHS: dict[str, Any] = {
    "/api/figures": {
        "get": {
            "operationId": "readFigures",
            "summary": "The report, for a program with a read token",
            "security": [{"readToken": []}],
            "parameters": [
                {"name": "days", "in": "query", "schema": {"enum": list(SPANS), "default": "28"}},
                {"name": "lang", "in": "query", "schema": {"type": "string"}},
                {"name": "category", "in": "query", "schema": {"type": "string"}},
            ],
            "responses": {
                "200": {
                    "description": "What `deflector report --format json` prints.",
                    "content": {"application/json": {"schema": {"type": "object"}}},
                },
                "401": {
                    "description": "No token, or none of ours.",
                    "content": {
                        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
                    },
                },
            },
        }
    }
}
