"""Tells a machine that says so from a person. What it reads is not kept."""

import re

# Crawlers, link previews and monitors name themselves; a library that a client is written in is no crawler.
_SAYS_SO = re.compile(
    r"bot\b|crawl|spider|slurp|preview|facebookexternalhit|archiver|lighthouse|pingdom|uptime|monitoring",
    re.IGNORECASE,
)


def is_bot(user_agent: str | None) -> bool:
    """Say whether a User-Agent header names a crawler, a preview or a monitor."""
    return bool(user_agent and _SAYS_SO.search(user_agent))
