"""`deflector draft`: an article draft from a ticket that was solved."""

from pathlib import Path

import click

from deflector.app import utc_now
from deflector.commands.environment import (
    Failure,
    open_store,
    read_settings,
    read_support,
    said_in_a_sentence,
)
from deflector.knowledge import KnowledgeFile
from deflector.outcomes.history import questions
from deflector.reporting import drafts
from deflector.tickets.life import TicketState, TicketStory


@click.command()
@click.argument("number")
@click.option(
    "--into",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write it to DIR/<language>/<category>/<id>.md, e.g. kb. Default: print it.",
)
@click.option("--owner", default="unassigned", show_default=True, help="The owner that the draft names.")
@click.option("--by", default="unassigned", show_default=True, help="The author that the draft names.")
@said_in_a_sentence
def draft(number: str, folder: Path | None, owner: str, by: str) -> None:
    """Draft an article from a solved ticket, so that the next person finds the answer.

    \b
    deflector draft HC-7Q4K2M --into kb --by maya     then: write the answer, git diff, a pull request

    The draft holds what the person wrote as plain text, without their name, address, card numbers and the
    like. Read it before you commit it: no program finds everything that is personal.
    """
    settings = read_settings()
    support = read_support(settings)
    store = open_store(settings)
    with store.reading() as tx:
        ticket = tx.tickets.find(number.upper())
        story = TicketStory(ticket=ticket, events=tx.ticket_events.of(ticket.number)) if ticket else None
        asked = questions(tx.enquiries.events_of(ticket.enquiry)) if ticket and ticket.enquiry else []
    store.close()
    if story is None:
        raise Failure(f"{number}: there is no such ticket, or it was deleted.")
    if story.state is not TicketState.SOLVED:
        raise Failure(
            f"{number} is {story.state}. Draft an article once it is solved and the answer is known."
        )
    knowledge = KnowledgeFile(settings.catalogue).current()
    known = list(knowledge.categories) if knowledge else []
    category = story.ticket.category if story.ticket.category in known else next(iter(known), "general")
    taken = {article.id for article in knowledge.articles} if knowledge else set()
    article_id = drafts.new_id(drafts.asked_in(story, asked)[0], taken)
    text = drafts.draft_from_ticket(
        story,
        asked,
        id=article_id,
        category=category or "general",
        owner=owner,
        by=by,
        today=utc_now().astimezone(support.hours.time_zone).date(),
    )
    if folder is None:
        click.echo(text, nl=False)
        return
    path = folder / story.ticket.requester.lang / (category or "general") / f"{article_id}.md"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise Failure(f"{path} is there already, and stays as it is.") from None
    except OSError as exc:
        raise Failure(f"{path}: cannot be written ({exc.strerror}). Name another folder.") from None
    click.echo(f"{path} is drafted. Write its text, then: kb check {path}")
