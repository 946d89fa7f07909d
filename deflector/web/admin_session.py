"""Who is signed in at /admin: the cookie, the proof that a form is ours, and what a role may do."""

import hmac
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec
from urllib.parse import urlsplit

from flask import Response, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from deflector.staff import SESSION, Session, StaffDoor
from deflector.web.proxy_login import ProxyLogin
from deflector.web.services import services

P = ParamSpec("P")
PATH = "/admin"


def door() -> StaffDoor:
    found: StaffDoor = current_app.extensions["answerfirst-staff"]
    return found


def vouched() -> ProxyLogin:
    found: ProxyLogin = current_app.extensions["answerfirst-proxy-login"]
    return found


def is_secure() -> bool:
    return urlsplit(services().settings.base_url).scheme == "https"


def cookie_name() -> str:
    # A browser takes a cookie of this prefix over TLS only, and from nobody else.
    return "__Secure-af-admin" if is_secure() else "af-admin"


def current() -> Session | None:
    """Find who is signed in, once a request."""
    if "staff_session" not in g:
        g.staff_session = vouched().session() or door().session(request.cookies.get(cookie_name()))
    found: Session | None = g.staff_session
    return found


def keep(response: Response, session: Session) -> Response:
    """Give the browser the session's cookie: sent to /admin only, and out of reach of scripts."""
    response.set_cookie(
        cookie_name(),
        session.token,
        max_age=int(SESSION.total_seconds()),
        path=PATH,
        secure=is_secure(),
        httponly=True,
        samesite="Lax",
    )
    return response


def drop(response: Response) -> Response:
    response.delete_cookie(cookie_name(), path=PATH, secure=is_secure(), httponly=True, samesite="Lax")
    return response


def signed_in(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Show the view to staff; send others to sign in, and back afterwards."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if current() is None:
            back = request.full_path.rstrip("?") if request.method == "GET" else PATH
            return redirect(url_for("admin.sign_in", next=back), code=303)
        return view(*args, **kwargs)

    return guarded


def from_here() -> None:
    """Refuse a form that another site sends (403)."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        abort(403)


def ours() -> None:
    """Refuse a form that did not come from a page of this session (403)."""
    from_here()
    session = current()
    if session is not None and not hmac.compare_digest(request.form.get("csrf", ""), session.csrf):
        abort(403)


def own_address(wanted: str | None) -> str:
    """Follow only an address below /admin; another site must not be where signing in leads."""
    if wanted and (wanted == PATH or wanted.startswith((f"{PATH}/", f"{PATH}?"))) and "\\" not in wanted:
        return wanted
    return PATH
