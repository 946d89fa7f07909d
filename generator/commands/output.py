"""Findings as people and programs read them: text, JSON, GitHub's annotations, SARIF."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version
from typing import Any, Final
from urllib.parse import quote

from generator.audit import finding_as_json
from generator.counting import counted
from generator.findings import Finding

MOST_OF_A_RULE: Final = 25
"""So many findings of one rule in one file are told in text; the other forms have all."""
FORMATS: Final = ("text", "json", "github", "sarif", "markdown")
_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"


def render(findings: Sequence[Finding], form: str) -> str:
    """Write findings in one of FORMATS; "" where there is nothing to print."""
    match form:
        case "json":
            return as_json({"findings": [finding_as_json(finding) for finding in findings]})
        case "github":
            return "\n".join(_annotation(finding) for finding in findings)
        case "sarif":
            return as_json(_sarif(findings))
        case "markdown":
            return _summary(findings)
    return "\n".join(_lines(findings))


def _lines(findings: Sequence[Finding]) -> Iterator[str]:
    """Say each finding in a line; of one rule in one file not more than a person can mend at once."""
    counts, seen = Counter((one.path, one.rule) for one in findings), Counter[tuple[str, str]]()
    for finding in findings:
        key = (finding.path, finding.rule)
        seen[key] += 1
        if seen[key] <= MOST_OF_A_RULE:
            yield as_text(finding)
        elif seen[key] == MOST_OF_A_RULE + 1:
            more = f"… and {counts[key] - MOST_OF_A_RULE:,} more like these from here on."
            yield f"{finding.path}:{finding.line}: {finding.rule}: {more}"


def as_text(finding: Finding) -> str:
    """Say a finding in a line: path:line: rule: what is wrong and what to do."""
    if finding.is_error:
        return str(finding)
    return f"{finding.path}:{finding.line}: {finding.rule} (warning): {finding.message}"


def as_json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2)


def tally(findings: Iterable[Finding], articles: int) -> str:
    """Count the findings in one sentence."""
    found = list(findings)
    errors = sum(finding.is_error for finding in found)
    warnings = counted(len(found) - errors, "warning")
    return f"{counted(articles, 'article')}: {counted(errors, 'error')}, {warnings}."


def _summary(findings: Sequence[Finding]) -> str:
    """Write a comment for a pull request: what must be mended, then what would be better."""
    parts = []
    for is_error, title in ((True, "Mend this first"), (False, "Have a look at this")):
        found = [finding for finding in findings if finding.is_error is is_error]
        if found:
            rows = "\n".join(
                f"| `{cell(f.path)}:{f.line}` | {f.rule} | {cell(f.message)} |" for f in found[:100]
            )
            more = f"\n\n… and {len(found) - 100} more." if len(found) > 100 else ""
            parts.append(f"### {title}\n\n| Where | Rule | What |\n|---|---|---|\n{rows}{more}")
    return "\n\n".join(("## Review of the articles", *(parts or ["Nothing to mend."])))


def cell(text: str) -> str:
    """Keep a text in its cell; HTML and mentions in it say nothing to GitHub."""
    plain = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace("@", "@\u2060")
    return plain.replace("\\", "\\\\").replace("|", "\\|").replace("`", "'")


def _annotation(finding: Finding) -> str:
    """Write a workflow command, escaped as GitHub's runner reads it (GitHub Docs, "Workflow commands")."""
    where = f"file={_property(finding.path)},line={finding.line},title={_property(finding.rule)}"
    return f"::{finding.severity} {where}::{_escaped(finding.message)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")


def _sarif(findings: Sequence[Finding]) -> dict[str, Any]:
    """Write a log of SARIF 2.1.0 (OASIS, 2020) with one run."""
    rules = sorted({finding.rule for finding in findings})
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "kb check",
                        "semanticVersion": version("answerfirst"),
                        "rules": [{"id": rule} for rule in rules],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [
                    {
                        "ruleId": finding.rule,
                        "ruleIndex": rules.index(finding.rule),
                        "level": finding.severity.value,
                        "message": {"text": finding.message},
                        "locations": [
                            {
                                "physicalLocation": {
                                    "artifactLocation": {"uri": quote(finding.path)},
                                    "region": {"startLine": finding.line},
                                }
                            }
                        ],
                    }
                    for finding in findings
                ],
            }
        ],
    }
