"""What the views share: the desk and its surroundings, put on the application by `create_app`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import current_app

from deflector.desk.aftercare import Aftercare
from deflector.desk.asking import Asking
from deflector.desk.desk import Desk
from deflector.desk.learning import LearnedFromPeople
from deflector.knowledge import KnowledgeFile
from deflector.settings import Settings
from deflector.store.cabinet import Cabinet
from deflector.store.store import Store
from deflector.suggesting import Suggester
from deflector.support.support_desk import SupportDesk
from deflector.tickets.links import Links
from deflector.web.door import Door


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything that a view may use."""

    desk: Desk
    aftercare: Aftercare
    asking: Asking
    links: Links
    door: Door
    store: Store
    cabinet: Cabinet
    knowledge: KnowledgeFile
    suggester: Suggester
    learned: LearnedFromPeople | None
    support: SupportDesk
    settings: Settings
    now: Callable[[], datetime]


def services() -> Services:
    """Return the services of the application that handles this request."""
    found: Services = current_app.extensions["answerfirst"]
    return found
