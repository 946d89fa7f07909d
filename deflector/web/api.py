"""The JSON interface under /api, described by /openapi.json."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, request, url_for
from flask.typing import ResponseReturnValue

from deflector.desk.desk import Answers, KeyReused, UnknownEnquiry
from deflector.model import ArticleVersion, Channel, EnquiryKey, EventKind, Suggestion, Suggestions
from deflector.support.triage import Facts
from deflector.tickets.guessing import category_of
from deflector.web import event_details, language, particulars
from deflector.web.clean import clean_line, clean_text
from deflector.web.contact_message import InvalidMessage, parse, sender_key
from deflector.web.door import PROOF
from deflector.web.machines import is_bot
from deflector.web.multipart import is_form, sent_files
from deflector.web.problem import Problem
from deflector.web.services import services

bp = Blueprint("api", __name__, url_prefix="/api")

# A reader of help pages cannot mean more; the search takes the most telling sentences of it.
LONGEST_QUESTION = 20_000
_ARTICLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")

# What a client may report; the rest (questions, tickets …) we note ourselves.
CLIENT_EVENTS = {
    kind.value: kind
    for kind in (
        EventKind.IMPRESSION,
        EventKind.OPENED,
        EventKind.CLOSED,
        EventKind.HELPFUL,
        EventKind.UNHELPFUL,
        EventKind.SOLVED,
        EventKind.NOT_SOLVED,
    )
}


@bp.post("/enquiries")
def start_enquiry() -> ResponseReturnValue:
    """Begin an enquiry; its token is shown this once."""
    body = _body(optional=True)
    page = clean_line(body["page"])[:500] if isinstance(body.get("page"), str) else None
    key = services().desk.start(
        lang=_lang(body.get("lang")),
        channel=Channel.FORM,
        page=page or None,
        bot=is_bot(request.headers.get("User-Agent")),
    )
    return jsonify(enquiry=key.id, token=key.token), 201


@bp.get("/suggest")
def suggest() -> ResponseReturnValue:
    """Answer a question; count it when it is settled and an enquiry is named."""
    settled = request.args.get("settled", "1")
    if settled not in ("0", "1"):
        raise Problem(422, "The parameter 'settled' is 0 or 1.")
    question = clean_text(request.args.get("q", ""))[:LONGEST_QUESTION]
    found = services().desk.suggest(
        question,
        lang=_lang(request.args.get("lang")),
        enquiry=_key(request.args.get("enquiry"), {}) if request.args.get("enquiry") else None,
        settled=settled == "1",
    )
    if settled == "1" and request.args.get("from") == "site" and question.strip():
        services().desk.note_site_search(
            question, lang=_lang(request.args.get("lang")), results=len(found.items)
        )
    response = jsonify(
        question=question,
        answerable=found.answerable,
        suggestions=[as_json(item) for item in found.items],
        **_news(question, found),
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/enquiries/<enquiry_id>/events")
def record(enquiry_id: str) -> ResponseReturnValue:
    """Note what a person did with an answer."""
    body = _body()
    kind = CLIENT_EVENTS.get(_string(body, "type") or "")
    if kind is None:
        raise Problem(422, f"'type' is one of: {', '.join(CLIENT_EVENTS)}.")
    article = _string(body, "article")
    if article is not None and not _ARTICLE.fullmatch(article):
        raise Problem(422, "'article' is the id of an article.")
    services().desk.record(
        _key(enquiry_id, body),
        kind,
        article=article,
        version=_version(body),
        **event_details.read(body, kind),
    )
    return "", 204


@bp.get("/challenge")
def challenge() -> ResponseReturnValue:
    """Hand out a proof of work to solve before a message is sent."""
    return jsonify(services().door.challenge(services().now()))


@bp.post("/tickets")
def open_ticket() -> ResponseReturnValue:
    """Open a ticket, or show the answers that have not been declined yet."""
    body, files = _ticket_body()
    lang = _lang(body.get("lang"))
    key = sender_key(body.get("enquiry"), request.headers.get("X-Enquiry-Token") or body.get("token"))
    try:
        message = parse(body, lang=lang, idempotency_key=request.headers.get("Idempotency-Key"), enquiry=key)
        besides = particulars.read(
            body,
            files,
            support=services().support,
            cabinet=services().cabinet,
            lang=lang,
            enforced="answers" in body,  # a client that knows no extra questions need not answer any
        )
        if besides.problems:
            return _unfit(besides.problems)
        message = besides.added_to(message)
        judged = services().door.judge_proof(body.get(PROOF), services().now())
        message = replace(message, doubts=judged.doubts, proof=judged.proof)
        result = services().desk.submit(message)
    except InvalidMessage as exc:
        return _problems(exc.problems, lang)
    except KeyReused:
        return _problems({"idempotency_key": "problem_idempotency_key_reused"}, lang)
    if isinstance(result, Answers):
        return jsonify(suggestions=[as_json(item) for item in result.suggestions.items]), 409
    answer_by = result.promise.answer_by.astimezone(services().support.hours.time_zone)
    response = make_response(jsonify(ticket=result.number, answer_by=answer_by.isoformat()), 201)
    response.headers["Location"] = url_for("contact.received", number=result.number)
    return response


@bp.post("/feedback")
def feedback() -> ResponseReturnValue:
    """Keep a reader's word on an article."""
    body = _body()
    article, version, helpful = _string(body, "article"), _version(body), body.get("helpful")
    if article is None or not _ARTICLE.fullmatch(article):
        raise Problem(422, "'article' is the id of an article.")
    if version is None:
        raise Problem(422, "'version' is the article's version, a whole number.")
    if not isinstance(helpful, bool):
        raise Problem(422, "'helpful' is true or false.")
    why = event_details.in_words(clean_line(_string(body, "reason") or "")[:100])
    comment = clean_text(_string(body, "comment") or "").strip()[:2000]
    services().desk.give_feedback(
        ArticleVersion(article=article, lang=_lang(body.get("lang")), version=version),
        helpful=helpful,
        reason=why.get("reason"),
        comment="\n".join(filter(None, (why.get("comment"), comment))) or None,
    )
    return "", 204


def as_json(item: Suggestion) -> dict[str, object]:
    """Give the contract's fields, and what our own script shows in place: the section's text."""
    return {
        "article": item.article,
        "version": item.version,
        "title": item.title,
        "url": item.url,
        "heading": item.heading,
        "snippet": item.snippet,
        "confidence": round(item.confidence, 4),
        "rank": item.rank,
        "lang": item.lang,
        "category": item.category,
        "text": item.text,
        "stale": item.stale,
    }


@bp.errorhandler(UnknownEnquiry)
def unknown_enquiry(_exc: UnknownEnquiry) -> ResponseReturnValue:
    return Problem(403, "No enquiry has this id and token. Begin one with POST /api/enquiries.").response()


def _news(question: str, found: Suggestions) -> dict[str, object]:
    """Say what the form can show besides answers: a guess at the category, and that a matter is urgent."""
    lang = _lang(request.args.get("lang"))
    category = category_of(found)
    urgent = services().support.decide(Facts(text=question, lang=lang, category=category)).urgent
    return ({"category": category} if category else {}) | ({"urgent": True} if urgent else {})


def _problems(problems: dict[str, str] | Any, lang: str) -> ResponseReturnValue:
    words = language.strings(lang)
    return _unfit({field: words[problem] for field, problem in problems.items()})


def _unfit(problems: Mapping[str, str]) -> ResponseReturnValue:
    listed = [{"field": field, "message": sentence} for field, sentence in problems.items()]
    return jsonify(problems=listed), 422


def _ticket_body() -> tuple[dict[str, Any], Sequence[tuple[str, bytes]]]:
    """Read a message as JSON, or with files as multipart/form-data whose fields have the same names."""
    if not is_form():
        return _body(), ()
    files = sent_files(particulars.FILES)
    fields: dict[str, Any] = request.form.to_dict()
    declined = {"true": True, "false": False}
    return fields | {"declined": declined.get(fields.get("declined", ""), fields.get("declined"))}, files


def _body(*, optional: bool = False) -> dict[str, Any]:
    """Read the request's JSON object; whatever else arrives is answered with a sentence."""
    raw = request.get_data(cache=False)
    if optional and not raw.strip():
        return {}
    if request.mimetype != "application/json":
        raise Problem(415, "Send JSON: Content-Type: application/json.")
    try:
        body = json.loads(raw.decode("utf-8"), parse_constant=_refuse, object_pairs_hook=_unique)
    except RecursionError:
        raise Problem(400, "The JSON is nested too deep.") from None
    except ValueError as exc:  # malformed JSON, other encodings, NaN, duplicate names
        raise Problem(400, f"The body is not JSON that can be meant: {_shorten(exc)}.") from None
    if not isinstance(body, dict):
        raise Problem(422, "The body is one JSON object.")
    return body


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is not a JSON number")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a name that stands twice (RFC 8259, 4, leaves its meaning open)."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _shorten(exc: ValueError) -> str:
    # A JSONDecodeError's own words hold a position; a UnicodeDecodeError's would hold the bytes.
    return "it is not UTF-8" if isinstance(exc, UnicodeDecodeError) else str(exc)[:120]


def _string(body: dict[str, Any], field: str) -> str | None:
    value = body.get(field)
    if value is None:
        return None
    if not isinstance(value, str):
        raise Problem(422, f"'{field}' is text.")
    return clean_text(value)


def _version(body: dict[str, Any]) -> int | None:
    value = body.get("version")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 1_000_000:
        raise Problem(422, "'version' is the article's version, a whole number.")
    return value


def _key(enquiry_id: object, body: dict[str, Any]) -> EnquiryKey:
    key = sender_key(enquiry_id, request.headers.get("X-Enquiry-Token") or body.get("token"))
    if key is None or key.token is None:
        raise UnknownEnquiry
    return key


def _lang(wanted: object) -> str:
    accepts = [tag for tag, _ in request.accept_languages]
    return language.best(wanted if isinstance(wanted, str) else None, services().support.languages, accepts)


@bp.after_request
def no_store(response: Response) -> Response:
    response.headers.setdefault("Cache-Control", "no-store")
    return response
