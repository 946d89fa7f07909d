"""What everybody can use: axe-core on a page, in more than one look of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

# WCAG 2.2 asks for targets of 24 pixels; axe-core tests that only on request.
EVERYTHING = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}


def only(*rules: str) -> dict[str, Any]:
    return {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": rules}}


# What another width or another colour scheme can break; all else is the same document.
LOOKS = only("color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable")
COLOURS = only("color-contrast", "link-in-text-block")


@dataclass(frozen=True, kw_only=True)
class Look:
    """How a reader sees a page."""

    width: int
    scheme: Literal["light", "dark"] = "light"
    contrast: Literal["more", "no-preference"] = "no-preference"
    options: dict[str, Any]

    def __str__(self) -> str:
        more = ", more contrast" if self.contrast == "more" else ""
        return f"{self.width} px, {self.scheme}{more}"


PHONE = Look(width=360, options=EVERYTHING)
DARK_DESK = Look(width=1280, scheme="dark", options=LOOKS)
SHARP = Look(width=360, contrast="more", options=COLOURS)
SHARP_DARK = Look(width=360, scheme="dark", contrast="more", options=COLOURS)


def faults(page: Page, looks: Iterable[Look], *, within: str = "") -> list[str]:
    """Name what axe-core finds, and what is wider than the window, in each look; [] where all is well.

    The page stays as it is: colours and width change under it, nothing is loaded again. `within` is a
    selector of the part to look at.
    """
    found = []
    page.wait_for_load_state()  # a heading shows before the styles have come
    page.evaluate(AXE_SCRIPT)
    for look in looks:
        page.emulate_media(color_scheme=look.scheme, contrast=look.contrast, reduced_motion="reduce")
        page.set_viewport_size({"width": look.width, "height": 800})
        asked = [within or "html", look.options]
        result = page.evaluate(
            "([part, options]) => axe.run(part === 'html' ? document : part, options)", asked
        )
        found += [
            f"{look}: {violation['id']}: {violation['help']}: {node['html'][:200]} {node['failureSummary']}"
            for violation in result["violations"]
            for node in violation["nodes"]
        ]
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > look.width:
            found.append(f"{look}: the page is {wide} px wide")
    return found
