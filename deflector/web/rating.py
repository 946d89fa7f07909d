"""The pages behind the question how it was: a mark, a comment, "not solved", and "ask me no more"."""

from collections.abc import Callable

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from deflector.desk.asking import BEST
from deflector.mail.after import RATE, UNSUBSCRIBE
from deflector.tickets.life import Actor, TicketAct, TicketState
from deflector.tickets.links import Link
from deflector.web import language
from deflector.web.clean import clean_text
from deflector.web.links import ONE_CLICK, Purpose
from deflector.web.pages import page_context
from deflector.web.services import services


def show(link: Link) -> ResponseReturnValue:
    """Ask for a mark; once it is there, for words; say where the ticket stands."""
    story = services().aftercare.story(link.subject)
    said = services().asking.said(link.subject)
    lang = language.best(story.ticket.requester.lang, services().support.languages)
    words = language.strings(lang)
    return render_template(
        "rating.html",
        number=story.ticket.number,
        mark=said.mark if said else None,
        commented=bool(said and said.comment),
        reopened=story.state is not TicketState.SOLVED,
        marks=[(mark, words[f"rating_{mark}"]) for mark in range(BEST, 0, -1)],
        **page_context(lang),
    )


def _marking(mark: int) -> Callable[[Link], ResponseReturnValue]:
    def keep(link: Link) -> ResponseReturnValue:
        services().asking.mark(link.subject, mark)
        return _back()

    return keep


def comment(link: Link) -> ResponseReturnValue:
    text = clean_text(request.form.get("message", "")).strip()
    if text:
        services().asking.comment(link.subject, text)
    return _back()


def reopen(link: Link) -> ResponseReturnValue:
    services().aftercare.note(link.subject, TicketAct.REOPENED, by=Actor.PERSON)
    return _back()


def _back() -> ResponseReturnValue:
    return redirect(request.path, code=303)


def show_stop(_link: Link) -> ResponseReturnValue:
    """Show the button that ends such questions. The ticket may be gone: the page needs nothing of it."""
    return render_template("no_questions.html", done=False, **page_context())


def stop(link: Link) -> ResponseReturnValue:
    services().asking.stop(link.subject)
    return render_template("no_questions.html", done=True, **page_context())


RATING = Purpose(
    name=RATE,
    show=show,
    acts={
        **{str(mark): _marking(mark) for mark in range(1, BEST + 1)},
        "comment": comment,
        "reopened": reopen,
    },
)
STOPPING = Purpose(name=UNSUBSCRIBE, show=show_stop, acts={"stop": stop, ONE_CLICK: stop})
