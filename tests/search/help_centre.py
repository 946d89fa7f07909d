"""A small help centre to search in, as catalogues on disk."""

import json
from pathlib import Path
from typing import Any


def article(id: str, title: str, text: str = "", **other: Any) -> dict[str, Any]:  # noqa: A002
    """Write an article as a catalogue has it."""
    sections = other.pop("sections", [{"anchor": "steps", "heading": "", "text": text}])
    own = {"id": id, "lang": "en", "version": 1, "title": title, "url": f"/{id}/", "sections": sections}
    return {**own, **other}


ARTICLES = [
    article(
        "refund-for-a-game",
        "Get a refund for a game",
        summary="Ask for your money back within 14 days.",
        questions=["How do I get my money back?", "I bought the wrong game"],
        tags=["refund", "money"],
        sections=[
            {"anchor": "who", "heading": "Who can ask", "text": "You can ask within 14 days of buying."},
            {
                "anchor": "how",
                "heading": "Ask for the refund",
                "text": "Open Account, then Orders. Select the order. Choose Request a refund. "
                "The money goes back to the card that you paid with.",
            },
        ],
    ),
    article(
        "forgot-password",
        "Reset a forgotten password",
        "Select Forgot password on the sign-in page. We send you a link. Open it and choose a new password.",
        questions=["I can't log in"],
    ),
    article(
        "slow-downloads",
        "Speed up slow downloads",
        "Pause other downloads. Use a cable instead of wireless. Choose a server that is near you.",
    ),
    article(
        "parental-controls",
        "Set limits for a child's account",
        "Open Family and select the child. Set how long they may play and how much they may spend.",
    ),
    article(
        "reembolso",
        "Pedir la devolución de un juego",
        "Abre Cuenta y luego Pedidos. Elige el pedido y pide la devolución del dinero.",
        lang="es",
        questions=["¿Cómo recupero mi dinero?"],
    ),
    article(
        "contrasena",
        "Recuperar una contraseña olvidada",
        "Elige Olvidé mi contraseña en la página de acceso. Te enviamos un enlace.",
        lang="es",
    ),
]

SYNONYMS = {"en": [["refund", "reimbursement", "chargeback"], ["sign in", "log in", "login"]]}


def catalogue(articles: list[dict[str, Any]], **other: Any) -> dict[str, Any]:
    """Write a catalogue around articles."""
    return {"schema_version": 1, "revision": "1", "articles": articles, **other}


def write_catalogue(path: Path, articles: list[dict[str, Any]], **other: Any) -> Path:
    """Put a catalogue on disk, whole at once."""
    new = path.with_suffix(".new")
    new.write_text(json.dumps(catalogue(articles, **other)), encoding="utf-8")
    new.replace(path)
    return path
