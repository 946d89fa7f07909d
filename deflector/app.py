"""The composition root: puts store, search, mail and views together into a Flask application."""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix

from deflector.desk.backstage import backstage
from deflector.desk.desk import Desk
from deflector.desk.learning import LearnedFromPeople
from deflector.keys import secret_key
from deflector.knowledge import KnowledgeFile
from deflector.outcomes.holdout import Holdout
from deflector.search.pipeline import open_search
from deflector.settings import Settings
from deflector.store.cabinet import Cabinet
from deflector.store.store import Store
from deflector.suggesting import Guarded, NoSearch, Suggester
from deflector.support.support_desk import SupportDesk
from deflector.support.triage import Facts
from deflector.web import (
    admin,
    api,
    confirmation,
    contact,
    feedback,
    figures_api,
    limits,
    mailbox,
    multipart,
    ops,
    problem,
    rating,
    support_links,
    ticket_page,
    ticket_state,
    widget,
)
from deflector.web import links as link_views
from deflector.web import site as site_views
from deflector.web.door import Door
from deflector.web.pages import CONTENT_SECURITY_POLICY
from deflector.web.services import Services

log = logging.getLogger(__name__)

# What the signed links of our mails can be for. A new purpose is one more module in `web`, and its name here.
PURPOSES = (
    *(ticket_page.PURPOSE, confirmation.PURPOSE, rating.RATING, rating.STOPPING),
    *support_links.PURPOSES,
)

LARGEST_BODY = 256 * 1024


def utc_now() -> datetime:
    """Read the wall clock. Everything else gets the moment handed in."""
    return datetime.now(UTC)


def create_app(
    settings: Settings,
    support: SupportDesk,
    *,
    site: Path | None = None,
    now: Callable[[], datetime] = utc_now,
    patience: float = 2.0,
) -> Flask:
    """Build the application; `site` is the folder of the built site to serve beside it, if any.

    `patience` is for how many seconds a search is waited for, see Guarded.
    """
    app = Flask(__name__, template_folder="web/templates", static_folder="web/static")
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.config["MAX_FORM_MEMORY_SIZE"] = LARGEST_BODY
    app.json.sort_keys = False  # type: ignore[attr-defined]  # Flask's default provider has it
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    store = Store.open(settings.database_url)
    knowledge = KnowledgeFile(settings.catalogue)
    learned = LearnedFromPeople(store=store, monotonic=time.monotonic) if support.suggestions.learn else None
    search = _open_search(settings, support, knowledge, learned)
    suggester = Guarded(search, monotonic=time.monotonic, patience=patience)
    secret = secret_key(settings)
    behind = backstage(settings, support, store=store, knowledge=knowledge, now=now)
    cabinet = Cabinet(settings.var / "attachments", store)
    desk = Desk(
        store=store,
        cabinet=cabinet,
        suggester=suggester,
        support=support,
        correspondence=behind.correspondence,
        acknowledging=behind.acknowledging,
        now=now,
        holdout=Holdout(share=support.measuring.holdout, key=secret),
        urgent=lambda question, lang: support.decide(Facts(text=question, lang=lang)).urgent,
    )
    app.extensions["answerfirst"] = Services(
        desk=desk,
        aftercare=behind.aftercare,
        asking=behind.asking,
        links=behind.links,
        door=Door(secret=secret if settings.protection else None),
        store=store,
        cabinet=cabinet,
        knowledge=knowledge,
        suggester=suggester,
        learned=learned,
        support=support,
        settings=settings,
        now=now,
    )
    problem.register(app)
    multipart.install(app)
    app.after_request(_protect)
    for blueprint in (
        contact.bp,
        api.bp,
        ops.bp,
        mailbox.bp,
        ticket_state.bp,
        admin.bp,
        figures_api.bp,
        feedback.bp,
        widget.bp,
        link_views.blueprint(PURPOSES),
    ):
        app.register_blueprint(blueprint)
    if settings.trusted_proxies:
        # Only so many steps back from us may name the client's address; anybody could write the rest.
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # as Flask's documentation wraps it
            app.wsgi_app, x_for=settings.trusted_proxies, x_proto=settings.trusted_proxies
        )
    if settings.protection:
        limits.install(app, store=store, settings=settings, secret=secret, now=now)
    if site is not None:
        app.register_blueprint(site_views.blueprint(site))
    return app


def _open_search(
    settings: Settings,
    support: SupportDesk,
    knowledge: KnowledgeFile,
    learned: LearnedFromPeople | None,
) -> Suggester:
    try:
        return open_search(
            knowledge=knowledge,
            engine=settings.search,
            var=settings.var,
            model=settings.model,
            be_right=support.suggestions.be_right,
            learned=learned,
        )
    except Exception as exc:  # whatever is wrong with the search, the form must still send
        log.exception("search not opened engine=%s", settings.search)
        return NoSearch(f"The search could not be opened ({type(exc).__name__}); messages go through.")


def _protect(response: Response) -> Response:
    if request.blueprint != "site":  # the site brings the policy that fits its own pages
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    return response
