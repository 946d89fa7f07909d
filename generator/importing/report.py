"""What an import did, for the people who go on with the articles."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from generator.counting import counted
from generator.findings import Finding
from generator.importing.folders import ImportReport

_SHOWN: Final = 10


def as_markdown(report: ImportReport, findings: Sequence[Finding]) -> str:
    """Write the report as a Markdown page: what was taken over, what had to be guessed, what to look at."""
    return "\n".join(_lines(report, findings)) + "\n"


def as_data(report: ImportReport, findings: Sequence[Finding]) -> dict[str, Any]:
    """Write the report for a program."""
    return {
        "source": report.source.as_posix(),
        "into": report.into.as_posix(),
        "taken": [
            {
                "source": one.source,
                "path": one.article.path,
                "id": one.article.id,
                "unknown": list(one.unknown),
            }
            for one in report.taken
        ],
        "left_out": [{"source": one.source, "reason": one.reason} for one in report.left_out],
        "media": report.media,
        "categories": report.categories,
        "findings": dict(Counter(finding.rule for finding in findings)),
    }


def summary(report: ImportReport, findings: Sequence[Finding]) -> str:
    """Say in a few lines what an import did."""
    errors = sum(finding.is_error for finding in findings)
    lines = [
        f"Took over {counted(len(report.taken), 'article')} into {report.into.as_posix()}, "
        f"with {counted(len(report.media), 'image')}; left out {counted(len(report.left_out), 'file')}.",
    ]
    for what, sources in _unknown(report).items():
        lines.append(f"  {len(sources):>5,}  {what}")
    if findings:
        warnings = counted(len(findings) - errors, "warning")
        lines.append(f"The check finds {counted(errors, 'error')} and {warnings} in them.")
    return "\n".join(lines)


def _lines(report: ImportReport, findings: Sequence[Finding]) -> Iterator[str]:
    yield "# What the import did"
    yield ""
    yield f"From `{report.source.as_posix()}` into `{report.into.as_posix()}`:"
    yield f"{counted(len(report.taken), 'article')}, {counted(len(report.media), 'image')},"
    yield f"new categories: {len(report.categories):,}."
    yield ""
    yield "Every article is `not_validated` and belongs to `unassigned`. To take one over, set `owner`,"
    yield "check it against reality, then set `reviewed_on`, `reviewed_by` and `confidence: validated`."
    yield "Every body is as it was, byte for byte. `type` is `how_to` everywhere: correct it as you review."
    if report.categories:
        yield ""
        yield "## Categories made from folders"
        yield ""
        counts = Counter(one.article.category for one in report.taken)
        yield from (f"- `{key}`: {counted(counts[key], 'article')}" for key in report.categories)
    yield from _section("What could not be known", _unknown(report))
    yield from _section("Files left out", _reasons(report))
    if findings:
        yield ""
        yield "## What the check finds"
        yield ""
        yield "Run `kb check` for each with its file and line."
        yield ""
        counts = Counter(f"{finding.rule} ({finding.severity})" for finding in findings)
        yield from (f"- {rule}: {count:,}" for rule, count in counts.most_common())
    yield ""
    yield "## Every article and where it came from"
    yield ""
    yield "| Source | Article | Not known |"
    yield "| --- | --- | --- |"
    for one in report.taken:
        yield f"| {_cell(one.source)} | {_cell(one.article.path)} | {_cell('; '.join(one.unknown))} |"


def _section(title: str, groups: Mapping[str, list[str]]) -> Iterator[str]:
    if not groups:
        return
    yield ""
    yield f"## {title}"
    for what, sources in groups.items():
        yield ""
        yield f"{what[0].upper()}{what[1:]} ({len(sources):,}):"
        yield ""
        yield from (f"- `{source}`" for source in sources[:_SHOWN])
        if len(sources) > _SHOWN:
            yield f"- and {len(sources) - _SHOWN:,} more, listed below"


def _unknown(report: ImportReport) -> Mapping[str, list[str]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for one in report.taken:
        for what in one.unknown:
            groups[what].append(one.source)
    return dict(sorted(groups.items(), key=lambda group: -len(group[1])))


def _reasons(report: ImportReport) -> Mapping[str, list[str]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for one in report.left_out:
        groups[one.reason].append(one.source)
    return groups


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
