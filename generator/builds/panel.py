"""What `kb watch` shows in the page itself: what is wrong, that of this page first."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from generator.counting import counted
from generator.findings import Finding

MOST: Final = 30
"""So many findings are listed; the terminal has them all."""
_STYLE: Final = """
#kb-watch{position:fixed;inset:auto 0 0 0;z-index:9999;max-height:45vh;overflow:auto;padding:8px 16px;
background:#fff;color:#1b1b1b;border-top:3px solid #b3261e;font:14px/1.5 system-ui,sans-serif;
direction:ltr;text-align:left}
#kb-watch.kb-mild{border-color:#8a6d00}#kb-watch ul{margin:4px 0;padding-left:20px;list-style:disc}
#kb-watch code{font:13px ui-monospace,monospace}#kb-watch summary{cursor:pointer;font-weight:600}
@media print{#kb-watch{display:none}}
"""


def panel(findings: Sequence[Finding], problems: Sequence[str], address: str) -> str:
    """Write the panel as HTML that can stand before </body>; "" where nothing is wrong.

    `address` is that of the page which is looked at; `problems` are sentences that stopped the build. The
    panel is open where the page itself is concerned, or where nothing could be built.
    """
    if not findings and not problems:
        return ""
    ordered = sorted(findings, key=lambda one: (not _is_of(one, address), not one.is_error, one))
    is_open = bool(problems) or any(_is_of(one, address) for one in ordered[:1])
    kind = "kb-bad" if problems or any(one.is_error for one in findings) else "kb-mild"
    rest = len(ordered) - MOST
    rows = [f"<li>{escape(problem)}</li>" for problem in problems]
    rows += [_row(finding) for finding in ordered[:MOST]]
    rows += [f"<li>and {rest:,} more in the terminal</li>"] if rest > 0 else []
    return (
        f'<aside id="kb-watch" class="{kind}" aria-label="Findings of kb watch">'
        f"<style>{_STYLE}</style><details{' open' if is_open else ''}><summary>{_counted(findings, problems)}"
        f"</summary><ul>{''.join(rows)}</ul></details></aside>"
    )


def _is_of(finding: Finding, address: str) -> bool:
    name = address.strip("/")
    return name.count("/") > 1 and finding.path.removesuffix(".md").endswith(f"/{name}")


def _row(finding: Finding) -> str:
    kind = "" if finding.is_error else " (warning)"
    where = escape(f"{finding.path}:{finding.line}")
    return f"<li><code>{where}</code> {escape(finding.rule)}{kind}: {escape(finding.message)}</li>"


def _counted(findings: Iterable[Finding], problems: Sequence[str]) -> str:
    found = list(findings)
    errors = sum(one.is_error for one in found)
    said = f"{counted(errors, 'error')}, {counted(len(found) - errors, 'warning')}"
    return f"Not built. {said}" if problems else said
