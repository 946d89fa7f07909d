import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from generator.commands.output import render, tally
from generator.findings import Finding, Severity

FAULT = Finding(
    path="kb/en/billing/vat.md",
    line=4,
    rule="duration",
    severity=Severity.ERROR,
    message="'review_every' is \"soon\". Write a duration, e.g. 6 months.",
)
REMARK = Finding(
    path="kb/en/größe, 100%:x.md", line=1, rule="link", severity=Severity.WARNING, message="50 %\r\nof ::it::"
)

# What SARIF 2.1.0 (OASIS, 2020; sections 3.13, 3.14, 3.27, 3.28) requires of the objects that we write.
SARIF: dict[str, Any] = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool"],
                "additionalProperties": False,
                "properties": {
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name"],
                                "properties": {
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": {"type": "object", "required": ["id"]},
                                    }
                                },
                            }
                        },
                    },
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "results": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["message"],
                            "additionalProperties": False,
                            "properties": {
                                "ruleId": {"type": "string"},
                                "ruleIndex": {"type": "integer", "minimum": -1},
                                "level": {"enum": ["none", "note", "warning", "error"]},
                                "message": {"type": "object", "required": ["text"]},
                                "locations": {
                                    "type": "array",
                                    "items": {
                                        "type": "object",
                                        "properties": {
                                            "physicalLocation": {
                                                "type": "object",
                                                "required": ["artifactLocation"],
                                                "properties": {
                                                    "artifactLocation": {
                                                        "type": "object",
                                                        "properties": {
                                                            "uri": {
                                                                "type": "string",
                                                                "pattern": r"^[\w./~%-]+$",
                                                            }
                                                        },
                                                    },
                                                    "region": {
                                                        "type": "object",
                                                        "properties": {
                                                            "startLine": {"type": "integer", "minimum": 1}
                                                        },
                                                    },
                                                },
                                            }
                                        },
                                    },
                                },
                            },
                        },
                    },
                },
            },
        },
    },
}


def test_a_line_says_where_what_and_what_to_do() -> None:
    assert render([FAULT], "text") == (
        "kb/en/billing/vat.md:4: duration: 'review_every' is \"soon\". Write a duration, e.g. 6 months."
    )
    assert render([REMARK], "text").startswith("kb/en/größe, 100%:x.md:1: link (warning): ")


def test_json_is_one_object_with_findings() -> None:
    assert json.loads(render([], "json")) == {"findings": []}
    assert json.loads(render([FAULT], "json"))["findings"] == [
        {
            "path": "kb/en/billing/vat.md",
            "line": 4,
            "rule": "duration",
            "severity": "error",
            "message": "'review_every' is \"soon\". Write a duration, e.g. 6 months.",
        }
    ]


def test_annotations_cannot_be_broken_out_of() -> None:
    assert render([FAULT, REMARK], "github").splitlines() == [
        "::error file=kb/en/billing/vat.md,line=4,title=duration::"
        "'review_every' is \"soon\". Write a duration, e.g. 6 months.",
        "::warning file=kb/en/größe%2C 100%25%3Ax.md,line=1,title=link::50 %25%0D%0Aof ::it::",
    ]


@pytest.mark.parametrize("findings", [[], [FAULT], [FAULT, REMARK, FAULT]])
def test_sarif_has_the_shape_of_the_standard(findings: list[Finding]) -> None:
    log = json.loads(render(findings, "sarif"))
    jsonschema.validate(log, SARIF)
    (run,) = log["runs"]
    assert [run["tool"]["driver"]["rules"][one["ruleIndex"]]["id"] for one in run["results"]] == [
        finding.rule for finding in findings
    ]
    assert [one["level"] for one in run["results"]] == [finding.severity for finding in findings]


def test_a_comment_on_a_pull_request_is_a_table_that_nothing_breaks_out_of() -> None:
    assert render([], "markdown").endswith("Nothing to mend.")
    nasty = Finding(path="kb/a|b.md", line=2, rule="x", severity=Severity.WARNING, message="`@all` <b> | c")
    text = render([FAULT, nasty], "markdown")
    assert "### Mend this first\n\n| Where | Rule | What |\n|---|---|---|\n| `kb/en/billing/vat.md:4`" in text
    assert text.splitlines()[-1] == "| `kb/a\\|b.md:2` | x | '@\u2060all' &lt;b> \\| c |"


def test_findings_are_counted_in_a_sentence() -> None:
    assert tally([], 1) == "1 article: 0 errors, 0 warnings."
    assert tally([FAULT, REMARK, REMARK], 5_000) == "5,000 articles: 1 error, 2 warnings."


def test_of_one_fault_a_thousand_times_in_a_file_people_read_twenty_five_and_programs_all() -> None:
    many = [replace(FAULT, line=number) for number in range(1, 1_001)]
    other = replace(FAULT, path="kb/en/billing/z.md")
    lines = render([*many, other], "text").splitlines()
    assert len(lines) == 27
    assert lines[25] == "kb/en/billing/vat.md:26: duration: … and 975 more like these from here on."
    assert lines[26].startswith("kb/en/billing/z.md:4: duration:")
    assert len(json.loads(render(many, "json"))["findings"]) == 1_000
    assert len(render(many[:25], "text").splitlines()) == 25
