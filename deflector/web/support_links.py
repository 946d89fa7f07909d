"""The links in support's own mail: "answered" and "solved", each one page with one button."""

from flask import render_template
from flask.typing import ResponseReturnValue

from deflector.mail.background import ANSWERED, SOLVED
from deflector.tickets.life import Actor, TicketAct, TicketState
from deflector.tickets.links import Link
from deflector.web.links import Purpose
from deflector.web.pages import page_context
from deflector.web.services import services

# Where nothing is left to press: somebody did it before, or the person took the message back.
DONE = {
    ANSWERED: (TicketState.ANSWERED, TicketState.SOLVED, TicketState.WITHDRAWN),
    SOLVED: (TicketState.SOLVED, TicketState.WITHDRAWN),
}


def _page(link: Link) -> ResponseReturnValue:
    story = services().aftercare.story(link.subject)
    context = page_context(services().support.languages[0])
    return render_template(
        "support_link.html",
        number=story.ticket.number,
        state=context["t"][f"ticket_state_{story.state}"],
        act=link.purpose,
        done=story.state in DONE[link.purpose],
        **context,
    )


def _act(link: Link) -> ResponseReturnValue:
    act = TicketAct.ANSWERED if link.purpose == ANSWERED else TicketAct.SOLVED
    services().aftercare.note(link.subject, act, by=Actor.SUPPORT)
    return _page(link)


PURPOSES = tuple(Purpose(name=name, show=_page, acts={name: _act}) for name in (ANSWERED, SOLVED))
