"""What every page needs: its language, its words, and the ways home and to the form."""

from typing import Any

from flask import request, url_for
from werkzeug.exceptions import RequestEntityTooLarge

from deflector.web import language
from deflector.web.services import services

# Our own pages load nothing from anywhere else, and nobody may frame them.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def page_lang() -> str:
    """Choose the page's language: asked for by name, else by the browser, else the desk's first."""
    try:
        wanted = request.values.get("lang") if request.method != "POST" or request.form else None
    except RequestEntityTooLarge:  # the page that says so needs a language, too
        wanted = request.args.get("lang")
    accepts = [tag for tag, _ in request.accept_languages]
    return language.best(wanted, services().support.languages, accepts)


def page_context(lang: str | None = None) -> dict[str, Any]:
    """Return the template variables that every page has."""
    lang = lang or page_lang()
    support = services().support
    return {
        "lang": lang,
        "dir": language.direction(lang),
        "t": language.strings(lang),
        "desk": support,
        "desk_name": support.name_in(lang),
        "home_url": "/" if lang == support.languages[0] else f"/{lang}/",
        "contact_url": url_for("contact.form", lang=lang),
        "alternates": [
            {"lang": other, "label": language.native_name(other), "url": url_for("contact.form", lang=other)}
            for other in support.languages
            if other != lang
        ],
    }
