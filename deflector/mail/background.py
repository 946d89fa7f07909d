"""What support should know and have at hand beside a ticket: earlier ones, replies to use, links that act."""

from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from deflector.mail.headers import body, one_line
from deflector.model import Ticket
from deflector.tickets.links import Links
from deflector.tickets.replies import Replies

ANSWERED = "answered"  # the purposes of the links in support's mail
SOLVED = "solved"
ACTS_WITHIN = timedelta(days=180)
GIST = 60
TITLE = 200


def background(
    ticket: Ticket, earlier: Sequence[Ticket], *, links: Links | None, replies: Replies | None, zone: ZoneInfo
) -> dict[str, object]:
    """Return the template variables for the mail to the queue. No mail to a person may hold them."""
    until = ticket.opened_at + ACTS_WITHIN
    return {
        "earlier": [
            {
                "number": one.number,
                "gist": one_line(one.subject or one.message, GIST),
                "at": one.opened_at.astimezone(zone),
            }
            for one in earlier
        ],
        "offered": [
            {"title": one_line(reply.title, TITLE), "text": body(reply.text)}
            for reply in (replies.offered(ticket) if replies else ())
        ],
        "answered_at": links.address(ANSWERED, ticket.number, until=until) if links else "",
        "solved_at": links.address(SOLVED, ticket.number, until=until) if links else "",
    }
