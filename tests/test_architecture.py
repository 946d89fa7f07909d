"""The rooms of the house: who may import whom. docs/architecture.md says why."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# From top to bottom. A module may import from lines below its own, never from its own line or above;
# inside a room (a folder, or a line with a single name) modules may import each other.
LINES = {
    "generator": [
        ["cli"],
        ["commands"],
        ["watching"],
        ["building"],
        ["incremental"],
        ["engine"],
        ["plugin"],
        ["rendering", "configuring"],
        ["machines", "panel"],
        ["site", "structured_data", "search_index"],
        ["related"],
        ["chronicle"],
        ["reminders"],
        ["earlier", "review_list"],
        ["pages", "catalogue", "sanitising", "wording"],
        [
            "audit",
            "importing",
            "against",
            "sections",
            "schema",
            "comparing",
            "attesting",
            "code_owners",
            "linting",
        ],
        ["rules", "past", "evidence"],
        ["signals"],
        ["history", "drafts", "freshness"],
        ["knowledge_base"],
        ["reading", "fingerprints"],
        ["articles", "registers"],
        ["locating", "question_checks"],
        ["fields", "frontmatter", "anchors", "sources", "prose"],
        [
            "findings",
            "durations",
            "languages",
            "links",
            "writing",
            "sending",
            "readability",
            "git",
            "memory",
            "tree",
            "crew",
            "logs",
            "words",
            "policy",
        ],
    ],
    "deflector": [
        ["cli"],
        ["commands"],
        ["server"],
        ["app"],
        ["web"],
        ["report_text", "drafts"],
        ["reporting"],
        ["housekeeping"],
        ["backstage"],
        ["inbox", "asking"],
        ["desk", "aftercare", "measures", "staff", "privacy"],
        ["acknowledging", "shunning"],
        ["mail", "store", "search", "history", "suggesting", "uploads", "guessing"],
        ["tallies", "replies"],
        ["knowledge", "facts", "holdout", "roles", "ticket_life", "links"],
        ["model"],
        ["support", "keys"],
        ["rules"],
        ["triage", "questions"],
        ["phrases", "written"],
        ["settings"],
        ["working_time", "zones", "redaction", "intervals"],
    ],
}

# Libraries that only some rooms may know.
CONFINED = {
    "flask": {"deflector.web", "deflector.app"},
    "sqlalchemy": {"deflector.store"},
    "alembic": {"deflector.store"},
    "scipy": {"deflector.measures"},
    "gunicorn": {"deflector.server"},
    "smtplib": {"deflector.mail", "generator.sending"},
    "imaplib": {"deflector.mail"},
    "tantivy": {"deflector.search"},
    "whoosh": {"deflector.search"},
    "onnxruntime": {"deflector.search"},
    "PIL": {"deflector.uploads"},
    "puremagic": {"deflector.uploads"},
    "snowballstemmer": {"deflector.phrases"},
    "mkdocs": {
        *("generator.plugin", "generator.configuring", "generator.engine", "generator.incremental"),
        *("generator.building", "generator.watching"),
    },
}


def modules() -> Iterator[tuple[str, str, Path]]:
    for package in LINES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if path.name == "__init__.py" or "migrations" in path.parts:
                continue
            yield package, path.relative_to(ROOT / package).parts[0].removesuffix(".py"), path


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative imports hide what a module knows"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def line_of(package: str, room: str) -> int:
    for number, rooms in enumerate(LINES[package]):
        if room in rooms:
            return number
    raise AssertionError(f"{package}/{room} stands on no line: give it one in {Path(__file__).name}")


@pytest.mark.parametrize(
    ("package", "room", "path"), list(modules()), ids=lambda value: str(value).removeprefix(str(ROOT) + "/")
)
def test_a_module_imports_only_from_lines_below_its_own(package: str, room: str, path: Path) -> None:
    own = line_of(package, room)
    for name in imports(path):
        parts = name.split(".")
        if parts[0] != package or len(parts) < 2 or parts[1] == room:
            continue
        assert line_of(package, parts[1]) > own, f"{path.relative_to(ROOT)} imports {name}"


def test_the_two_programs_meet_in_a_file_and_never_in_an_import() -> None:
    other = {"generator": "deflector", "deflector": "generator"}
    for package, _, path in modules():
        for name in imports(path):
            assert name.split(".")[0] != other[package], f"{path.relative_to(ROOT)} imports {name}"
    for path in (ROOT / "tests").rglob("*.py"):
        known = {name.split(".")[0] for name in imports(path)} & set(other)
        assert len(known) < 2 or path.name == "test_contract.py", f"{path.name} imports both"


@pytest.mark.parametrize("library", CONFINED)
def test_a_library_is_known_only_where_it_belongs(library: str) -> None:
    for package, room, path in modules():
        if f"{package}.{room}" not in CONFINED[library]:
            known = {name.split(".")[0] for name in imports(path)}
            assert library not in known, f"{path.relative_to(ROOT)} imports {library}"


# Entries read the clock and the environment; everything behind them is handed the moment and the settings.
READERS = {"deflector.app", "deflector.commands", "generator.commands", "generator.plugin"}


def test_only_entries_read_the_clock_and_the_environment() -> None:
    for package, room, path in modules():
        if f"{package}.{room}" in READERS:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute):
                written = ast.unparse(node)
                assert written not in {
                    "datetime.now",
                    "date.today",
                    "datetime.utcnow",
                    "time.time",
                    "os.environ",
                    "os.getenv",
                }, f"{path.relative_to(ROOT)}:{node.lineno} reads {written}"


def test_packages_have_no_code_in_their_init() -> None:
    for package in LINES:
        for path in (ROOT / package).rglob("__init__.py"):
            assert path.read_text() == "", f"{path.relative_to(ROOT)} is not empty"
