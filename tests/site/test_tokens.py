"""The colours of tokens.css can be read by everyone, and both dark tables are one."""

import re
from pathlib import Path

import pytest

SHEETS = Path(__file__).parents[2] / "theme" / "assets" / "answerfirst"
TOKENS = (SHEETS / "tokens.css").read_text(encoding="utf-8")
INKS_ON = {
    "paper": ["ink", "muted", "accent", "accent-hover", "warning", "error", "success"],
    "surface": ["ink", "muted", "accent", "accent-hover", "warning", "error", "success"],
    "raised": ["ink", "muted", "accent", "accent-hover"],
    "accent": ["on-accent"],
    "accent-hover": ["on-accent"],
    "accent-tint": ["ink", "accent", "accent-hover"],
    "warning-tint": ["ink", "warning", "accent"],
    "error-tint": ["ink", "error", "accent"],
    "success-tint": ["ink", "success", "accent"],
    "mark": ["ink"],
}
PAIRS = [(ink, ground) for ground, inks in INKS_ON.items() for ink in inks]


def table(selector: str) -> dict[str, str]:
    """Read the declarations below a selector, each with the brand's default in place of the brand."""
    block = TOKENS.partition(selector)[2].partition("}")[0]
    declared = re.findall(r"--af-([\w-]+):\s*([^;]+);", block)
    return {name: re.sub(r"var\([\w-]+, ([^)]+)\)", r"\1", value) for name, value in declared}


SCHEMES = {
    "light": table(':root,\n[data-theme="light"] {'),
    "dark": table('\n  [data-theme="dark"] {'),
    "dark by system": table(':root:not([data-theme="light"]) {'),
}


def luminance(colour: str) -> float:
    """Compute relative luminance (WCAG 2.2, "relative luminance")."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_computed_as_wcag_defines_it() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_text_stands_out_from_its_ground(scheme: str, ink: str, ground: str) -> None:
    colours = SCHEMES[scheme]

    assert contrast(colours[ink], colours[ground]) >= 5.5


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("ground", ["paper", "surface"])
def test_the_edges_of_controls_and_the_focus_ring_can_be_seen(scheme: str, ground: str) -> None:
    colours = SCHEMES[scheme]

    assert contrast(colours["control"], colours[ground]) >= 3.6
    assert contrast(colours["accent"], colours[ground]) >= 3.6


def test_dark_is_the_same_whether_the_system_or_the_reader_asks_for_it() -> None:
    assert SCHEMES["dark"] == SCHEMES["dark by system"]
    assert SCHEMES["dark"].keys() == SCHEMES["light"].keys()


@pytest.mark.parametrize("sheet", ["pieces.css", "frame.css", "site.css"])
def test_no_other_sheet_names_a_colour(sheet: str) -> None:
    text = re.sub(r"/\*.*?\*/", "", (SHEETS / sheet).read_text(encoding="utf-8"), flags=re.DOTALL)

    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgb\(|\bhsl\(", text) == []


@pytest.mark.parametrize("sheet", ["tokens.css", "pieces.css", "frame.css"])
def test_what_the_form_shares_knows_nothing_of_material(sheet: str) -> None:
    assert "md-" not in (SHEETS / sheet).read_text(encoding="utf-8")


@pytest.mark.parametrize("sheet", ["pieces.css", "frame.css", "site.css"])
def test_layout_does_not_know_left_from_right(sheet: str) -> None:
    text = (SHEETS / sheet).read_text(encoding="utf-8")
    sided = re.findall(
        r"(?<![\w-])(?:margin|padding|border)-(?:left|right)|(?<![\w-])(?:left|right)\s*:", text
    )

    assert sided == []
