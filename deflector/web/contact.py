"""The contact form: complete without JavaScript, in two steps. Answers first, then "send anyway"."""

import secrets
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from deflector.desk.desk import Answers, UnknownEnquiry, fingerprint
from deflector.model import (
    Channel,
    ContactMessage,
    EnquiryKey,
    EventKind,
    MessageKind,
    OutboxState,
    Suggestion,
)
from deflector.support.triage import Priority
from deflector.web import language, particulars
from deflector.web.clean import clean_line, clean_text
from deflector.web.contact_message import InvalidMessage, parse, sender_key
from deflector.web.door import BAIT, PROOF, STAMP
from deflector.web.machines import is_bot
from deflector.web.multipart import sent_files
from deflector.web.pages import page_context, page_lang
from deflector.web.services import services
from deflector.zones import differs, known_zone, place_of

bp = Blueprint("contact", __name__)

FIELDS = ("message", "name", "email", "subject", "category", "page")


@bp.get("/contact")
def form() -> ResponseReturnValue:
    """Show the form, filled with the question or the article that the person comes from."""
    article = clean_line(request.args.get("article", ""))[:200]
    values = dict.fromkeys(FIELDS, "") | {
        "message": clean_text(request.args.get("q", ""))[:20_000],
        "page": clean_line(request.args.get("page", ""))[:500] or article,
    }
    lang = page_lang()
    values |= particulars.in_form({particulars.LANGUAGE: lang}, services().support.questions)
    return _form(values, _hidden(lang, None, secrets.token_urlsafe(16)) | _door_fields(), {}, [], 200)


@bp.get("/contact/questions.css")
def questions() -> ResponseReturnValue:
    """Show each extra question in its categories alone, with no script."""
    style = Response(particulars.stylesheet(services().support.questions), mimetype="text/css")
    style.cache_control.max_age = 300
    return style


@bp.post("/contact")
def submit() -> ResponseReturnValue:
    """Offer answers first; open the ticket once they are declined or there are none."""
    lang = page_lang()
    support, cabinet = services().support, services().cabinet
    files = sent_files(particulars.FILES)
    values = {field: clean_text(request.form.get(field, "")) for field in FIELDS}
    values |= particulars.in_form(request.form, support.questions)
    key = clean_line(request.form.get("key", ""))[:64] or secrets.token_urlsafe(16)
    enquiry = sender_key(request.form.get("enquiry"), request.form.get("token"))
    besides = particulars.read(request.form, files, support=support, cabinet=cabinet, lang=lang)
    message, problems = _parsed(lang, enquiry)
    problems |= besides.problems
    if message is None or problems:
        kept = besides.keep(cabinet, services().now(), lang)
        return _form(values, _hidden(lang, enquiry, key) | _door_fields(), problems, kept, 422)
    message = _identified(besides.added_to(message), key)
    result = services().desk.submit(message)
    if isinstance(result, Answers):
        return render_template(
            "answers.html",
            answers=[_card(item, lang) for item in result.suggestions.items],
            form=_with_guess(values, result.category),
            hidden=_hidden(lang, message.enquiry, key) | _door_fields(),
            categories=_categories(lang),
            questions=particulars.shown(support.questions, values, lang),
            kept=besides.keep(cabinet, services().now(), lang),
            **page_context(lang),
        )
    return redirect(
        url_for(".received", number=result.number, lang=lang, zone=message.zone or None), code=303
    )


def _parsed(lang: str, enquiry: EnquiryKey | None) -> tuple[ContactMessage | None, dict[str, str]]:
    """Read the message from the form, or say for each field what is to be mended."""
    try:
        return parse(request.form, lang=lang, idempotency_key=None, enquiry=enquiry), {}
    except InvalidMessage as exc:
        words = language.strings(lang)
        return None, {field: words[problem] for field, problem in exc.problems.items()}


def _identified(message: ContactMessage, key: str) -> ContactMessage:
    """Give a message its enquiry, what the door thinks of it, and a key of its form and words.

    Going back, changing the text and sending again is a new message, not the old one twice.
    """
    if message.enquiry is None:
        bot = is_bot(request.headers.get("User-Agent"))
        started = services().desk.start(lang=page_lang(), channel=Channel.FORM, page=message.page, bot=bot)
        message = replace(message, enquiry=started)
    judged = services().door.judge_form(request.form, services().now())
    return replace(
        message,
        idempotency_key=f"form:{key}:{fingerprint(message)}",
        doubts=judged.doubts,
        proof=judged.proof,
    )


def _with_guess(values: dict[str, str], category: str | None) -> dict[str, str]:
    """Put our guess where the person has chosen no category, for them to correct."""
    if values["category"] or not category:
        return values
    return values | {"category": category, particulars.GUESSED: category}


@bp.post("/contact/solved")
def solved() -> ResponseReturnValue:
    """Take "This solved it" from the page without JavaScript."""
    lang = page_lang()
    enquiry = sender_key(request.form.get("enquiry"), request.form.get("token"))
    article = clean_line(request.form.get("article", ""))[:200]
    version = request.form.get("version", "")
    number = int(version) if version.isascii() and version.isdigit() and len(version) < 7 else None
    if enquiry is not None and article:
        try:
            services().desk.record(enquiry, EventKind.SOLVED, article=article, version=number)
        except UnknownEnquiry:
            abort(404)
    return render_template("solved.html", **page_context(lang))


@bp.get("/contact/received/<number>")
def received(number: str) -> ResponseReturnValue:
    """Show the number and the promise; nothing of the message, since the address may be passed on."""
    ticket = services().desk.ticket(number)
    if ticket is None:
        abort(404)
    lang = page_lang()
    zone = services().support.hours.time_zone
    # Theirs is in the address, not in the ticket: whoever else opens this page does not learn it.
    theirs = known_zone(request.args.get("zone"))
    return render_template(
        "received.html",
        number=ticket.number,
        urgent=ticket.priority is Priority.URGENT,
        theirs={
            moment: {
                "when": language.moment(moment, theirs, lang),
                "place": place_of(theirs, moment, lang),
            }
            for moment in (ticket.promise.answer_by, ticket.promise.solve_by)
            if theirs and differs(theirs, zone, moment)
        },
        promise=ticket.promise,
        answer_by=language.moment(ticket.promise.answer_by, zone, lang),
        solve_by=language.moment(ticket.promise.solve_by, zone, lang),
        mail=_mail_news(ticket.number),
        zone=language.zone_name(ticket.promise.answer_by, zone, lang),
        **page_context(lang),
    )


def _mail_news(number: str) -> str:
    """Say what the person can expect in their mailbox: the acknowledgement, a question first, or nothing."""
    states = services().desk.mails_of(number)
    if states.get(MessageKind.ACKNOWLEDGEMENT, OutboxState.HELD) is not OutboxState.HELD:
        return "acknowledged"
    return "asked" if MessageKind.CONFIRMATION in states else "quiet"


def _form(
    values: dict[str, str],
    hidden: dict[str, str],
    problems: dict[str, str],
    kept: list[dict[str, str]],
    status: int,
) -> ResponseReturnValue:
    lang = hidden["lang"]
    page = render_template(
        "contact.html",
        form=values,
        hidden=hidden,
        problems=problems,
        categories=_categories(lang),
        questions=particulars.shown(services().support.questions, values, lang),
        kept=kept,
        languages=[
            {"lang": other, "label": language.native_name(other)} for other in services().support.languages
        ],
        keep_period=language.period(services().support.privacy.keep_tickets, lang),
        **page_context(lang),
    )
    return page, status


def _hidden(lang: str, enquiry: EnquiryKey | None, key: str) -> dict[str, str]:
    return {
        "lang": lang,
        "key": key,
        "enquiry": enquiry.id if enquiry else "",
        "token": (enquiry.token or "") if enquiry else "",
    }


def _door_fields() -> dict[str, str]:
    """Carry the proof, the stamp and the bait from step to step; a fresh stamp where there is none."""
    door = services().door
    if not door.guarded:
        return {}
    carried = {field: clean_line(request.form.get(field, ""))[:2000] for field in (PROOF, STAMP, BAIT)}
    carried[STAMP] = carried[STAMP] or door.stamp(services().now())
    return {field: value for field, value in carried.items() if value}


def _card(item: Suggestion, lang: str) -> dict[str, Any]:
    knowledge = services().knowledge.current()
    category = knowledge.categories.get(item.category) if knowledge else None
    return {
        "article": item.article,
        "version": item.version,
        "lang": item.lang,
        "title": item.title,
        "heading": item.heading,
        "url": item.url,
        "snippet": item.snippet,
        "text": item.text,
        "rank": item.rank,
        "stale": item.stale,
        "category_title": category.title(lang) if category else item.category,
    }


def _categories(lang: str) -> list[dict[str, str]]:
    knowledge = services().knowledge.current()
    if knowledge is None:
        return []
    return [{"key": key, "title": category.title(lang)} for key, category in knowledge.categories.items()]
