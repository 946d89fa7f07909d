"""Help on other pages: the script that puts a button there, its words, and who may call the API."""

from pathlib import Path
from urllib.parse import urlsplit

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from deflector.web import language
from deflector.web.services import services

bp = Blueprint("widget", __name__)

SCRIPT = Path(__file__).parent / "static" / "widget.js"
WORDS = (
    "widget_help",
    "widget_close",
    "widget_failed",
    "form_title",
    "message_label",
    "message_help",
    "name_label",
    "email_label",
    "email_help",
    "send_message",
    "panel_answers",
    "answers_lead",
    "none_helped",
    "solved_it",
    "send_anyway",
    "open_article",
    "new_tab",
    "thanks_title",
    "thanks_text",
    "received_title",
    "received_number",
    "next_by",
    "next_answer_text",
)
AN_HOUR = 3600


@bp.get("/widget.js")
def script() -> ResponseReturnValue:
    """Hand out the script; any page may load it, only listed ones may use it."""
    response = Response(SCRIPT.read_bytes(), mimetype="text/javascript")
    response.headers["Cache-Control"] = f"public, max-age={AN_HOUR}"
    response.add_etag()
    response.make_conditional(request)
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@bp.get("/widget.json")
def words() -> ResponseReturnValue:
    """Say which language the button speaks, and its words."""
    accepts = [tag for tag, _ in request.accept_languages]
    lang = language.best(request.args.get("lang"), services().support.languages, accepts)
    table = language.strings(lang)
    response = jsonify(lang=lang, dir=language.direction(lang), words={name: table[name] for name in WORDS})
    response.headers["Cache-Control"] = f"public, max-age={AN_HOUR}"
    response.vary.add("Accept-Language")
    return response


@bp.after_app_request
def share(response: Response) -> Response:
    """Let the listed origins read our answers, and nobody else (Fetch standard, CORS protocol).

    The API knows no cookie, so that a page can do with it no more than any program could; the list keeps
    other sites' scripts from asking in a person's browser.
    """
    if not (request.path.startswith("/api/") or request.path == "/widget.json"):
        return response
    response.vary.add("Origin")
    origin = request.headers.get("Origin")
    if origin is None or origin not in _origins():
        return response
    response.headers["Access-Control-Allow-Origin"] = origin
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = "GET, POST"
        response.headers["Access-Control-Allow-Headers"] = "Content-Type, Idempotency-Key, X-Enquiry-Token"
        response.headers["Access-Control-Max-Age"] = "600"
    return response


def _origins() -> frozenset[str]:
    """List where the API may be called from: what support.yml names, and the site of the catalogue."""
    knowledge = services().knowledge.current()
    site = urlsplit(knowledge.site_url if knowledge else "")
    own = {f"{site.scheme}://{site.netloc}"} if site.scheme and site.netloc else set()
    return frozenset(services().support.widget.origins) | own
