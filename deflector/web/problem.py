"""Errors as JSON problems (RFC 9457) for programs, and as a page in their language for people."""

import traceback
from http import HTTPStatus
from pathlib import Path

from flask import Flask, Response, json, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from deflector.web.pages import page_context


class Problem(Exception):
    """A request that cannot be served; `detail` says in a sentence what to do."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail

    def response(self) -> Response:
        body = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }
        return Response(json.dumps(body), status=self.status, mimetype="application/problem+json")


# What a person reads; every other status uses the words of 500 or 404.
_PAGES = {
    400: "error_unreadable",
    404: "error_not_found",
    413: "error_too_large",
    429: "error_too_many",
    500: "error_ours",
}


def _wants_json() -> bool:
    return request.path.startswith("/api/")


def _page(status: int) -> ResponseReturnValue:
    known = status if status in _PAGES else (500 if status >= 500 else 404)
    context = page_context()
    words = context["t"]
    key = _PAGES[known]
    page = render_template("error.html", title=words[f"{key}_title"], text=words[f"{key}_text"], **context)
    return page, status


def _places(exc: BaseException) -> str:
    """Say where an error came from, innermost first: file:line:function, without a word of its text."""
    frames = traceback.extract_tb(exc.__traceback__)[::-1]
    return " < ".join(f"{Path(frame.filename).name}:{frame.lineno}:{frame.name}" for frame in frames[:12])


def register(app: Flask) -> None:
    """Answer every error in the form that the client can read."""

    @app.errorhandler(Problem)
    def problem(exc: Problem) -> ResponseReturnValue:
        return exc.response() if _wants_json() else _page(exc.status)

    @app.errorhandler(HTTPException)
    def http_error(exc: HTTPException) -> ResponseReturnValue:
        status = exc.code or 500
        if status < 400:
            return exc.get_response()  # redirects
        if _wants_json():
            return Problem(status, str(exc.description or HTTPStatus(status).phrase)).response()
        return _page(status)

    @app.errorhandler(Exception)
    def unforeseen(exc: Exception) -> ResponseReturnValue:
        # Names places in our code. The error's own words may quote a person, and a path may be a key.
        app.logger.error(
            "request failed endpoint=%s error=%s at=%s", request.endpoint, type(exc).__name__, _places(exc)
        )
        if _wants_json():
            return Problem(500, "Something broke on our side. It is logged; please try again.").response()
        return _page(500)
