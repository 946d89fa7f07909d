"""Forms with files: larger bodies where files may come, and a sentence for what cannot be read."""

from collections.abc import Sequence

from flask import Flask, request

from deflector.tickets.uploads import MOST_BYTES
from deflector.web.problem import Problem

MULTIPART = "multipart/form-data"
# More than the files may have: what is a little too large is answered beside its field, with all text kept.
LARGEST_FORM = 3 * MOST_BYTES
MOST_PARTS = 200
TAKES_FILES = {"contact.submit", "api.open_ticket"}


def install(app: Flask) -> None:
    """Let forms with files be larger than other bodies. To be called before anything reads a form."""

    @app.before_request
    def read_form() -> None:
        if request.endpoint not in TAKES_FILES or not is_form():
            return
        request.max_content_length = LARGEST_FORM
        request.max_form_parts = MOST_PARTS
        if not request.form and not request.files:  # what Werkzeug leaves of a form that it cannot read
            raise Problem(400, "The form arrived broken. End multipart/form-data with its boundary.")


def is_form() -> bool:
    """Say whether the body is a form that may hold files."""
    return request.mimetype == MULTIPART and "boundary" in request.mimetype_params


def sent_files(field: str) -> Sequence[tuple[str, bytes]]:
    """Read the files of a form as (name, content)."""
    if not is_form():
        return ()
    files = [(file.filename or "", file.read()) for file in request.files.getlist(field)]
    request.close()  # large files lie in temporary ones
    return files
