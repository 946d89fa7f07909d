"""Shows the Maildir that stands in for a mail server on a laptop. Loopback only, never in production."""

from flask import Blueprint, abort, make_response, render_template, request
from flask.typing import ResponseReturnValue

from deflector.mail.viewer import Mailbox
from deflector.settings import is_loopback
from deflector.web.pages import CONTENT_SECURITY_POLICY, page_context
from deflector.web.services import services

bp = Blueprint("mailbox", __name__, url_prefix="/dev/mail")


@bp.before_request
def only_here() -> None:
    """Behave as if there were no such page for anybody but the person at this machine."""
    settings = services().settings
    if not (settings.is_laptop and settings.maildir and is_loopback(request.remote_addr)):
        abort(404)


@bp.get("")
def listing() -> ResponseReturnValue:
    """List the mails, newest first."""
    return render_template("mailbox.html", mails=_mailbox().mails(), **page_context())


@bp.get("/<mail_id>")
def mail(mail_id: str) -> ResponseReturnValue:
    """Show one mail: headers, text, and HTML in a frame that may do nothing."""
    found = _mailbox().find(mail_id)
    if found is None:
        abort(404)
    response = make_response(render_template("mail.html", mail=found, **page_context()))
    # The frame inherits this page's policy, and mail wears inline styles. Scripts stay out of both.
    policy = CONTENT_SECURITY_POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
    response.headers["Content-Security-Policy"] = policy
    return response


def _mailbox() -> Mailbox:
    folder = services().settings.maildir
    assert folder is not None  # noqa: S101 (`only_here` has answered 404 otherwise)
    return Mailbox(folder)
