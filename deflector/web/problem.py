"""Errors as JSON problems (RFC 9457) for programs, and as a page in their language for people."""

from http import HTTPStatus

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
_PAGES = {404: "error_not_found", 413: "error_too_large", 429: "error_too_many", 500: "error_ours"}


def _wants_json() -> bool:
    return request.path.startswith("/api/")


def _page(status: int) -> ResponseReturnValue:
    known = status if status in _PAGES else (500 if status >= 500 else 404)
    context = page_context()
    words = context["t"]
    key = _PAGES[known]
    page = render_template("error.html", title=words[f"{key}_title"], text=words[f"{key}_text"], **context)
    return page, status


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
        # The traceback names places in our code; the values, which may be a person's words, stay out of it.
        app.logger.error("request failed path=%s error=%s", request.path, type(exc).__name__, exc_info=exc)
        if _wants_json():
            return Problem(500, "Something broke on our side. It is logged; please try again.").response()
        return _page(500)
