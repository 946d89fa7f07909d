"""The dashboard at /admin, for staff who are signed in. Every page works without a script."""

import re

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from deflector.measures.gaps import ToDo
from deflector.measures.rollup import FOR_A_PAGE, catch_up
from deflector.model import Outcome
from deflector.reporting.data import csv_text, gaps_csv
from deflector.staff import StaffDoor, TooManyTries, WrongPassword
from deflector.web import admin_csv, language
from deflector.web.admin_figures import (
    SPANS,
    Filters,
    GapList,
    overview,
    period_of,
    read_filters,
    stale_by_owner,
)
from deflector.web.admin_session import (
    current,
    door,
    drop,
    from_here,
    keep,
    ours,
    own_address,
    signed_in,
    vouched,
)
from deflector.web.admin_words import LANGUAGES, AdminWords, admin_words
from deflector.web.proxy_login import ProxyLogin
from deflector.web.services import services

bp = Blueprint("admin", __name__, url_prefix="/admin")

MOST_LISTED = 100
_MARK = re.compile(r"[0-9a-f]{64}")


@bp.record_once
def prepare(state: BlueprintSetupState) -> None:
    """Open the door once for each application."""
    held = state.app.extensions["answerfirst"]
    state.app.extensions["answerfirst-staff"] = StaffDoor(store=held.store, now=held.now)
    state.app.extensions["answerfirst-proxy-login"] = ProxyLogin(store=held.store, settings=held.settings)
    state.app.extensions["answerfirst-gaps"] = GapList()


def words() -> AdminWords:
    """Choose the language that the browser asks for; the `lang` of an address filters what is shown."""
    accepts = [tag for tag, _ in request.accept_languages]
    return admin_words(language.best(None, LANGUAGES, accepts))


@bp.context_processor
def shared() -> dict[str, object]:
    return {
        "session": current(),
        "desk": services().support,
        "desk_name": services().support.name_in(words().lang),
        "w": words(),
        "t": words().texts,
        "to_do": ToDo,
        "here": request.endpoint,
    }


@bp.after_request
def private(response: Response) -> Response:
    """Keep what staff see out of every cache."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Language"] = words().lang
    return response


@bp.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    """Ask for name and password."""
    if current() is not None:
        return redirect(own_address(request.args.get("next")), code=303)
    return _sign_in_page("no_account" if vouched().named() else None, 200)


@bp.post("/sign-in")
def sign_in_now() -> ResponseReturnValue:
    """Let somebody in, or say in a sentence why not."""
    from_here()
    try:
        session = door().sign_in(request.form.get("name", ""), request.form.get("password", ""))
    except WrongPassword:
        return _sign_in_page("wrong_password", 401)
    except TooManyTries:
        page, status = _sign_in_page("too_many_tries", 429)
        response = Response(page, status=status)
        response.headers["Retry-After"] = "900"
        return response
    response = Response(status=303)
    response.headers["Location"] = own_address(request.form.get("next"))
    return keep(response, session)


def _sign_in_page(problem: str | None, status: int) -> tuple[str, int]:
    wanted = own_address(request.values.get("next"))
    return render_template("admin/sign_in.html", problem=problem, next=wanted), status


@bp.post("/sign-out")
@signed_in
def sign_out() -> ResponseReturnValue:
    """End the session, here and in the store."""
    ours()
    session = current()
    if session is not None:
        door().sign_out(session)
    response = Response(status=303)
    response.headers["Location"] = url_for(".sign_in")
    return drop(response)


@bp.get("/", strict_slashes=False)
@signed_in
def first_page() -> ResponseReturnValue:
    """Show how it goes, in ten seconds."""
    filters = _filters()
    view = overview(filters, services(), label=words().short_day)
    listed, closed = _gaps().gaps(filters, services())
    return render_template(
        "admin/overview.html",
        view=view,
        gaps=listed[:5],
        gaps_closed=closed,
        failing=[one for one in view.figures.articles if one.trouble >= 1][:5],
        stale={owner: len(rows) for owner, rows in stale_by_owner(services()).items()},
        **_around(filters),
    )


@bp.get("/gaps")
@signed_in
def gaps() -> ResponseReturnValue:
    """Show what to write, what to fix, what to word better."""
    filters = _filters()
    listed, closed = _gaps().gaps(filters, services())
    return render_template("admin/gaps.html", gaps=listed, gaps_closed=closed, **_around(filters))


@bp.post("/gaps/decision")
@signed_in
def decide() -> ResponseReturnValue:
    """Keep what a lead decided about a gap."""
    ours()
    session = current()
    if session is None or not session.member.decides:
        abort(403)
    wanted = request.form.get("to_do", "")
    marks = [mark for mark in request.form.getlist("mark") if _MARK.fullmatch(mark)][:200]
    if wanted not in {one.value for one in ToDo} or not marks:
        abort(422)
    with services().store.writing() as tx:
        lang = request.form.get("lang", "")[:16]
        tx.staff.decide(marks, lang, wanted, session.member.name, services().now())
    return redirect(own_address(request.form.get("back")), code=303)


@bp.get("/articles")
@signed_in
def articles() -> ResponseReturnValue:
    """Show how each version of each article does."""
    filters = _filters()
    view = overview(filters, services())
    return render_template("admin/articles.html", articles=view.figures.articles, **_around(filters))


@bp.get("/stale")
@signed_in
def stale() -> ResponseReturnValue:
    """Show which articles are due for review, by owner."""
    return render_template("admin/stale.html", owners=stale_by_owner(services()), **_around(_filters()))


@bp.get("/enquiries")
@signed_in
def enquiries() -> ResponseReturnValue:
    """Show the enquiries behind a number: what was asked, never by whom."""
    filters = _filters()
    wanted = request.args.get("outcome", "")
    kind = Outcome(wanted) if wanted in {one.value for one in Outcome} else None
    article = request.args.get("article", "")[:200] or None
    period = period_of(filters, services())
    catch_up(services().store, services().support.hours.time_zone, most=FOR_A_PAGE)
    with services().store.reading() as tx:
        listed = tx.figures.enquiries(
            **period.days(services().support.hours.time_zone),
            lang=period.lang,
            category=period.category,
            outcome=kind,
            article=article,
            limit=MOST_LISTED,
        )
    return render_template(
        "admin/enquiries.html", listed=listed, outcome=kind, article=article, **_around(filters)
    )


@bp.get("/<name>.csv")
@signed_in
def table(name: str) -> ResponseReturnValue:
    """Give the table behind a chart or list."""
    filters = _filters()
    if name == "gaps":
        text = gaps_csv([one.gap for one in _gaps().gaps(filters, services())[0]])
    elif (rows := admin_csv.table(name, filters, services())) is not None:
        text = csv_text(*rows)
    else:
        abort(404)
    response = Response(text, mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _filters() -> Filters:
    return read_filters(request.args, services())


def _gaps() -> GapList:
    found: GapList = current_app.extensions["answerfirst-gaps"]
    return found


def _around(filters: Filters) -> dict[str, object]:
    knowledge = services().knowledge.current()
    categories = knowledge.categories.items() if knowledge else ()
    names = {key: known.title(words().lang) for key, known in categories}
    return {
        "filters": filters,
        "spans": SPANS,
        "languages": services().support.languages,
        "categories": list(names.items()),
        "category_names": names,
    }
