"""Serves the built site beside the form, for `make run` and small installations."""

from collections.abc import Iterator
from pathlib import Path

from flask import Blueprint, Response, abort, redirect, request, send_file
from flask.typing import ResponseReturnValue
from werkzeug.security import safe_join

from deflector.web.pages import CONTENT_SECURITY_POLICY


def blueprint(folder: Path) -> Blueprint:
    """Make the views for a folder of static pages in which `about/` means `about/index.html`."""
    bp = Blueprint("site", __name__)
    root = folder.resolve()

    @bp.get("/")
    @bp.get("/<path:path>")
    def page(path: str = "") -> ResponseReturnValue:
        found = safe_join(str(root), path)
        if found is None or "\0" in found:
            abort(404)
        target = Path(found)
        if target.is_dir():
            if path and not path.endswith("/"):
                query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
                return redirect(f"{request.path}/{query}", code=308)
            target /= "index.html"
        if not target.is_file():
            return _not_found(root, path)
        return send_file(target, conditional=True, max_age=3600 if "assets" in target.parts else 0)

    @bp.after_request
    def protect(response: Response) -> Response:
        for name, value in _headers(root):
            response.headers.setdefault(name, value)
        return response

    return bp


def _headers(root: Path) -> Iterator[tuple[str, str]]:
    """Read the headers that the site wants for all of its pages; ours where it names none."""
    try:
        lines = (root / "_headers").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        lines = []
    for line in lines:
        name, colon, value = line.strip().partition(": ")
        if colon and name.replace("-", "").isalnum():
            yield name, value
    yield "Content-Security-Policy", CONTENT_SECURITY_POLICY


def _not_found(root: Path, path: str) -> ResponseReturnValue:
    """Say so in the language that the address begins with, else in the site's first."""
    own = safe_join(str(root), path.partition("/")[0], "404.html")
    page = Path(own) if own and Path(own).is_file() else root / "404.html"
    if not page.is_file():
        abort(404)
    response = send_file(page, max_age=0)
    response.status_code = 404
    return response
