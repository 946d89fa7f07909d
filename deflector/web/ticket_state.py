"""POST /api/tickets/NUMBER/state: another program says where a ticket stands."""

import hmac
import json
import re

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from deflector.desk.aftercare import UnknownTicket
from deflector.tickets.life import Actor, TicketAct
from deflector.web.problem import Problem
from deflector.web.services import services

bp = Blueprint("ticket_state", __name__, url_prefix="/api")

ACTS = {act.value: act for act in (TicketAct.ANSWERED, TicketAct.SOLVED, TicketAct.REOPENED)}
_NUMBER = re.compile(r"HC-[2-9A-Z]{6}")


@bp.post("/tickets/<number>/state")
def note(number: str) -> ResponseReturnValue:
    """Note what support did; saying it twice is saying it once."""
    token = services().settings.api_token
    if token is None:
        raise Problem(404, "No program may say here where tickets stand: DEFLECTOR_API_TOKEN is not set.")
    given = request.headers.get("Authorization", "").partition(" ")
    if given[0].lower() != "bearer" or not hmac.compare_digest(given[2].encode(), token.encode()):
        raise Problem(401, "Send the header Authorization: Bearer, and the token of DEFLECTOR_API_TOKEN.")
    act = ACTS.get(_state())
    if act is None:
        raise Problem(422, f"'state' is one of: {', '.join(ACTS)}.")
    try:
        if not _NUMBER.fullmatch(number):
            raise UnknownTicket(number)
        story = services().aftercare.note(number, act, by=Actor.SUPPORT)
    except UnknownTicket:
        raise Problem(404, "No ticket has this number.") from None
    return jsonify(ticket=number, state=story.state.value)


def _state() -> str:
    if request.mimetype != "application/json":
        raise Problem(415, "Send JSON: Content-Type: application/json.")
    try:
        body = json.loads(request.get_data(cache=False).decode("utf-8"))
    except (ValueError, RecursionError):
        raise Problem(400, "The body is not JSON that can be meant.") from None
    state = body.get("state") if isinstance(body, dict) else None
    return state if isinstance(state, str) else ""
