"""The signed links of our mails: GET shows a page and changes nothing, only a button on it acts.

Mail scanners open every link, and some send forms too; so an act also needs the name of its button.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from deflector.desk.aftercare import UnknownTicket
from deflector.tickets.links import Expired, Link, NotALink
from deflector.web.pages import page_context
from deflector.web.services import services

ONE_CLICK = "one-click"


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """What one kind of link is for.

    `show` answers GET. `acts` are the buttons of its page: the value of the field `act`, and what it does.
    A view may raise `UnknownTicket`; the page then says that the link leads nowhere any more.
    """

    name: str
    show: Callable[[Link], ResponseReturnValue]
    acts: dict[str, Callable[[Link], ResponseReturnValue]]


def blueprint(purposes: Iterable[Purpose]) -> Blueprint:
    """Make the views of /t/TOKEN for these purposes."""
    bp = Blueprint("links", __name__, url_prefix="/t")
    known = {purpose.name: purpose for purpose in purposes}

    def found(token: str) -> tuple[Purpose, Link]:
        link = services().links.read(token, now=services().now())
        if link.purpose not in known:
            raise NotALink
        return known[link.purpose], link

    @bp.get("/<token>")
    def show(token: str) -> ResponseReturnValue:
        purpose, link = found(token)
        return purpose.show(link)

    @bp.post("/<token>")
    def act(token: str) -> ResponseReturnValue:
        purpose, link = found(token)
        button = purpose.acts.get(request.form.get("act", "") or _one_click())
        return purpose.show(link) if button is None else button(link)

    @bp.errorhandler(NotALink)
    @bp.errorhandler(UnknownTicket)
    def nowhere(_exc: Exception) -> ResponseReturnValue:
        return _dead_end("link_broken", 404)

    @bp.errorhandler(Expired)
    def too_late(_exc: Expired) -> ResponseReturnValue:
        return _dead_end("link_expired", 410)

    @bp.after_request
    def keep_to_yourself(response: Response) -> Response:
        """The address is a key: no other page, cache or index may learn it."""
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return bp


def _one_click() -> str:
    """Name the button that a mail program presses for its user: RFC 8058, 3.1, without a page in between."""
    return ONE_CLICK if request.form.get("List-Unsubscribe") == "One-Click" else ""


def _dead_end(key: str, status: int) -> ResponseReturnValue:
    context = page_context()
    words = context["t"]
    page = render_template("error.html", title=words[f"{key}_title"], text=words[f"{key}_text"], **context)
    return page, status
