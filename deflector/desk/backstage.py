"""Puts together what works without a page: writing mail, aftercare, questions, the inbox, the ways out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from deflector.desk.acknowledging import Acknowledging, AtOnce, Sparing
from deflector.desk.aftercare import Aftercare
from deflector.desk.asking import Asking
from deflector.desk.inbox import Inbox
from deflector.desk.shunning import Heeding, Shunned
from deflector.keys import secret_key
from deflector.knowledge import KnowledgeFile
from deflector.mail.after import Correspondence
from deflector.mail.posting import ByKind, WebhookTransport, WrongSecret, secret_bytes
from deflector.mail.transports import Transport, transport_for
from deflector.mail.wording import Templates
from deflector.settings import Settings, WrongSetting
from deflector.store.store import Store
from deflector.support.support_desk import SupportDesk
from deflector.tickets.links import Links
from deflector.tickets.replies import Replies


@dataclass(frozen=True, slots=True, kw_only=True)
class Backstage:
    """What the web, the relay and the inbox share."""

    correspondence: Correspondence
    acknowledging: Acknowledging
    aftercare: Aftercare
    asking: Asking
    inbox: Inbox
    links: Links


def backstage(
    settings: Settings,
    support: SupportDesk,
    *,
    store: Store,
    knowledge: KnowledgeFile,
    now: Callable[[], datetime],
) -> Backstage:
    """Build it all on one store."""
    secret = secret_key(settings)
    links = Links(secret=secret, base_url=settings.base_url)
    correspondence = Correspondence(
        support=support,
        base_url=settings.base_url,
        knowledge=knowledge,
        links=links,
        templates=Templates(settings.mail_templates),
        replies=Replies(settings.reply_templates, knowledge=knowledge, home=settings.base_url),
    )
    acknowledging: Acknowledging = (
        Sparing.of(support.protection, secret=secret) if settings.protection else AtOnce()
    )
    aftercare = Aftercare(
        store=store,
        notes=correspondence,
        acknowledging=acknowledging,
        hours=support.hours.working_hours(),
        now=now,
    )
    shunned = Shunned(secret=secret)
    asking = Asking(store=store, aftercare=aftercare, writer=correspondence, shunned=shunned, now=now)
    return Backstage(
        correspondence=correspondence,
        acknowledging=acknowledging,
        aftercare=aftercare,
        asking=asking,
        inbox=Inbox(store=store, aftercare=aftercare, support=support, shunned=shunned, now=now),
        links=links,
    )


def open_transport(
    settings: Settings,
    support: SupportDesk,
    *,
    environment: Mapping[str, str],
    now: Callable[[], datetime],
) -> Transport:
    """Open the ways out: for mail, and for the webhook where support.yml names one. Raises WrongSetting."""
    hook = support.webhook
    if hook is None:
        return ByKind(mail=transport_for(settings.smtp_url), webhook=None)
    try:
        key = secret_bytes(environment.get(hook.secret_env, ""))
    except WrongSecret as exc:
        raise WrongSetting(
            f"{hook.secret_env}, the secret of the webhook in support.yml, is not right: {exc}. "
            'Make one with: echo "whsec_$(openssl rand -base64 32)"'
        ) from None
    return ByKind(mail=transport_for(settings.smtp_url), webhook=WebhookTransport(hook.url, key, now=now))


def heeding(way: Transport, settings: Settings, *, store: Store, now: Callable[[], datetime]) -> Transport:
    """Let what the mail server says of an address decide whether we write there unasked."""
    return Heeding(way=way, store=store, shunned=Shunned(secret=secret_key(settings)), now=now)
