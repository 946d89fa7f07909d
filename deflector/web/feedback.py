""" "Was this helpful?" for a reader without JavaScript: the form of an article's page leads here."""

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from deflector.model import ArticleVersion
from deflector.outcomes.reasons import REASONS
from deflector.web.clean import clean_line, clean_text
from deflector.web.pages import page_context, page_lang
from deflector.web.services import services

bp = Blueprint("feedback", __name__)


@bp.post("/feedback")
def give() -> ResponseReturnValue:
    """Thank for a yes; ask why after a no, and count it once the reason is sent, or left out."""
    lang, about = page_lang(), _article()
    helpful = request.form.get("helpful")
    if about is None or helpful not in ("yes", "no"):
        abort(404)
    context = page_context(lang) | {"page": _page(about), "about": about}
    if helpful == "no" and "asked" not in request.form:
        return render_template("feedback.html", reasons=REASONS, **context)
    reason = request.form.get("reason", "")
    comment = clean_text(request.form.get("comment", "")).strip()[:2000]
    services().desk.give_feedback(
        about,
        helpful=helpful == "yes",
        reason=reason if helpful == "no" and reason in REASONS else None,
        comment=comment or None if helpful == "no" else None,
    )
    return render_template("feedback.html", reasons=(), **context)


def _article() -> ArticleVersion | None:
    """Read which article is meant; only one that the catalogue has can be."""
    article, lang = clean_line(request.form.get("article", ""))[:200], page_lang()
    version = request.form.get("version", "")
    knowledge = services().knowledge.current()
    known = knowledge is not None and any(
        one.id == article and one.lang == lang for one in knowledge.articles
    )
    if not known or not (version.isascii() and version.isdigit() and len(version) < 7):
        return None
    return ArticleVersion(article=article, lang=lang, version=int(version))


def _page(about: ArticleVersion) -> str:
    """Say where the article is, so that its reader can go back."""
    knowledge = services().knowledge.current()
    articles = knowledge.articles if knowledge else ()
    return next((one.url for one in articles if (one.id, one.lang) == (about.article, about.lang)), "/")
