"""The person's own page of a ticket: read what they sent, write more, say that it is solved, take it back."""

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from deflector.mail.letterhead import OWN_PAGE
from deflector.tickets.life import Actor, TicketAct, TicketState, TicketStory
from deflector.tickets.links import Link
from deflector.web import language
from deflector.web.clean import clean_text
from deflector.web.contact_message import LONGEST_MESSAGE
from deflector.web.links import Purpose
from deflector.web.pages import page_context
from deflector.web.services import services

# The buttons that make sense, by state, in the order in which they stand.
BUTTONS = {
    TicketState.OPEN: (TicketAct.SOLVED, TicketAct.WITHDRAWN),
    TicketState.REOPENED: (TicketAct.SOLVED, TicketAct.WITHDRAWN),
    TicketState.ANSWERED: (TicketAct.SOLVED, TicketAct.REOPENED, TicketAct.WITHDRAWN),
    TicketState.SOLVED: (TicketAct.REOPENED,),
    TicketState.WITHDRAWN: (TicketAct.REOPENED,),
}


def show(link: Link) -> ResponseReturnValue:
    return page_of(services().aftercare.story(link.subject))


def add(link: Link) -> ResponseReturnValue:
    text = clean_text(request.form.get("message", "")).strip()
    if not text or len(text) > LONGEST_MESSAGE:
        problem = "problem_message_long" if text else "problem_message_missing"
        return page_of(services().aftercare.story(link.subject), text=text, problem=problem), 422
    services().aftercare.note(link.subject, TicketAct.ADDED, by=Actor.PERSON, text=text)
    return _back()


def solved(link: Link) -> ResponseReturnValue:
    return _note(link, TicketAct.SOLVED)


def reopened(link: Link) -> ResponseReturnValue:
    return _note(link, TicketAct.REOPENED)


def withdrawn(link: Link) -> ResponseReturnValue:
    return _note(link, TicketAct.WITHDRAWN)


def _note(link: Link, act: TicketAct) -> ResponseReturnValue:
    services().aftercare.note(link.subject, act, by=Actor.PERSON)
    return _back()


def _back() -> ResponseReturnValue:
    """Show the page anew where it says what was done, so that reloading it sends nothing twice."""
    return redirect(f"{request.path}#newest", code=303)


def page_of(story: TicketStory, *, text: str = "", problem: str | None = None) -> str:
    """Lay out the page of a ticket in the language that the person wrote in."""
    support = services().support
    lang = language.best(story.ticket.requester.lang, support.languages)
    zone = support.hours.time_zone
    words = language.strings(lang)
    return render_template(
        "ticket.html",
        ticket=story.ticket,
        state=words[f"ticket_state_{story.state}"],
        waits=story.state in (TicketState.OPEN, TicketState.REOPENED),
        answer_by=language.moment(story.ticket.promise.answer_by, zone, lang),
        opened_at=language.moment(story.ticket.opened_at, zone, lang),
        zone=language.zone_name(story.ticket.opened_at, zone, lang),
        events=[
            {
                "what": words[f"ticket_did_{event.act}_{event.by}"],
                "when": language.moment(event.at, zone, lang),
                "text": event.text,
            }
            for event in story.events
        ],
        buttons=[
            {"act": act.value, "label": words[f"ticket_do_{act}"], "help": words[f"ticket_help_{act}"]}
            for act in BUTTONS[story.state]
        ],
        form={"message": text},
        problems={"message": words[problem]} if problem else {},
        **page_context(lang),
    )


PURPOSE = Purpose(
    name=OWN_PAGE,
    show=show,
    acts={
        TicketAct.ADDED: add,
        TicketAct.SOLVED: solved,
        TicketAct.REOPENED: reopened,
        TicketAct.WITHDRAWN: withdrawn,
    },
)
