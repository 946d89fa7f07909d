"""The link in "Was this you?": one button, and what was held for this address goes on its way."""

from flask import render_template
from flask.typing import ResponseReturnValue

from deflector.mail.letterhead import OWN_PAGE, OWN_PAGE_LASTS
from deflector.mail.notices import CONFIRM
from deflector.tickets.life import Actor, TicketAct
from deflector.tickets.links import Link
from deflector.web import language
from deflector.web.links import Purpose
from deflector.web.pages import page_context
from deflector.web.services import services


def show(link: Link) -> ResponseReturnValue:
    """Ask once more; nothing that was sent is shown to somebody who only opens the link."""
    story = services().aftercare.story(link.subject)
    lang = language.best(story.ticket.requester.lang, services().support.languages)
    return render_template("confirm.html", number=story.ticket.number, **page_context(lang))


def confirm(link: Link) -> ResponseReturnValue:
    services().aftercare.note(link.subject, TicketAct.CONFIRMED, by=Actor.PERSON)
    story = services().aftercare.story(link.subject)
    lang = language.best(story.ticket.requester.lang, services().support.languages)
    token = services().links.token(
        OWN_PAGE, story.ticket.number, until=story.ticket.opened_at + OWN_PAGE_LASTS
    )
    return render_template("confirmed.html", number=story.ticket.number, token=token, **page_context(lang))


PURPOSE = Purpose(name=CONFIRM, show=show, acts={"confirm": confirm})
