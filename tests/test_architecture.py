"""The rooms of the house: who may import whom. docs/architecture.md says why."""

import ast
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# From top to bottom. A module may import from lines below its own, never from its own line or above;
# inside a room (a folder) modules may import each other, along lines of their own where the room has some.
LINES = {
    "generator": [
        ["cli"],
        ["commands"],
        ["builds"],
        ["plugin"],
        ["templating"],
        ["configuring", "policy"],
        ["site"],
        ["reviewing", "importing"],
        ["catalogue", "audit"],
        ["rules"],
        ["freshness"],
        ["history"],
        ["cache"],
        ["articles"],
        ["findings", "sections", "counting"],
    ],
    "generator.builds": [
        ["watching"],
        ["build", "panel"],
        ["incremental"],
        ["engine"],
        ["rendering", "readings"],
        ["crew", "faces", "logs", "workplace"],
    ],
    "generator.site": [
        ["machines"],
        ["layout", "structured_data", "search_index"],
        ["related", "front_page", "redirects"],
        ["chronicle"],
        ["earlier"],
        ["pages", "sanitising", "wording"],
        ["words"],
    ],
    "generator.history": [["comparing"], ["past", "against"], ["versions"], ["git"]],
    "generator.articles": [
        ["drafts", "schema"],
        ["knowledge_base"],
        ["reading"],
        ["article", "registers"],
        ["locating"],
        ["fields", "frontmatter", "anchors", "sources", "prose", "writing"],
        ["durations", "languages", "links", "yaml_tree"],
    ],
    "deflector": [
        ["cli"],
        ["commands"],
        ["server"],
        ["app"],
        ["web"],
        ["reporting"],
        ["desk", "measures", "staff"],
        ["mail", "store", "search", "suggesting"],
        ["outcomes", "tickets"],
        ["knowledge", "roles"],
        ["model"],
        ["support", "keys"],
        ["settings"],
        ["working_time", "zones", "redaction"],
    ],
    "deflector.desk": [
        ["housekeeping"],
        ["backstage"],
        ["inbox", "asking"],
        ["desk", "aftercare", "privacy", "learning"],
        ["enquiring", "taking"],
        ["questions", "repeats"],
        ["acknowledging", "shunning", "writing"],
    ],
    "deflector.support": [
        ["support_desk"],
        ["rules"],
        ["triage", "questions"],
        ["phrases", "written"],
    ],
}

# Libraries that only some rooms may know.
CONFINED = {
    "flask": {"deflector.web", "deflector.app"},
    "sqlalchemy": {"deflector.store"},
    "alembic": {"deflector.store"},
    "scipy": {"deflector.measures"},
    "gunicorn": {"deflector.server"},
    "smtplib": {"deflector.mail", "generator.reviewing.sending"},
    "imaplib": {"deflector.mail"},
    "css_inline": {"deflector.mail"},
    "tantivy": {"deflector.search"},
    "whoosh": {"deflector.search"},
    "onnxruntime": {"deflector.search"},
    "PIL": {"deflector.tickets.uploads"},
    "puremagic": {"deflector.tickets.uploads"},
    "snowballstemmer": {"deflector.support.phrases"},
    "mkdocs": {
        *(
            "generator.plugin",
            "generator.templating",
            "generator.configuring",
            "generator.builds.engine",
            "generator.builds.incremental",
        ),
        *("generator.builds.build", "generator.builds.watching"),
    },
}


PACKAGES = ("generator", "deflector")


def modules() -> Iterator[tuple[str, Path]]:
    """Name every module with code in it as an import would, with its file."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if path.name != "__init__.py" and "migrations" not in path.parts:
                yield ".".join(path.relative_to(ROOT).with_suffix("").parts), path


@cache
def imports(path: Path) -> tuple[str, ...]:
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative imports hide what a module knows"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_within(name: str, places: Collection[str]) -> bool:
    return any(name == place or name.startswith(f"{place}.") for place in places)


def line_of(place: str, room: str) -> int:
    for number, rooms in enumerate(LINES[place]):
        if room in rooms:
            return number
    raise AssertionError(f"{place}.{room} stands on no line: give it one in {Path(__file__).name}")


@pytest.mark.parametrize(("module", "path"), [pytest.param(*each, id=each[0]) for each in modules()])
def test_a_module_imports_only_from_lines_below_its_own(module: str, path: Path) -> None:
    for place in LINES:
        if not module.startswith(f"{place}."):
            continue
        room = module.removeprefix(f"{place}.").split(".")[0]
        own = line_of(place, room)
        for name in imports(path):
            other = name.removeprefix(f"{place}.").split(".")[0]
            if name.startswith(f"{place}.") and other != room:
                assert line_of(place, other) > own, f"{path.relative_to(ROOT)} imports {name}"


def test_the_two_programs_meet_in_a_file_and_never_in_an_import() -> None:
    other = {"generator": "deflector", "deflector": "generator"}
    for module, path in modules():
        for name in imports(path):
            assert name.split(".")[0] != other[module.split(".")[0]], (
                f"{path.relative_to(ROOT)} imports {name}"
            )
    for path in (ROOT / "tests").rglob("*.py"):
        known = {name.split(".")[0] for name in imports(path)} & set(other)
        assert len(known) < 2 or path.name == "test_contract.py", f"{path.name} imports both"


@pytest.mark.parametrize("library", CONFINED)
def test_a_library_is_known_only_where_it_belongs(library: str) -> None:
    for module, path in modules():
        if not is_within(module, CONFINED[library]):
            known = {name.split(".")[0] for name in imports(path)}
            assert library not in known, f"{path.relative_to(ROOT)} imports {library}"


# Entries read the clock and the environment; everything behind them is handed the moment and the settings.
READERS = {"deflector.app", "deflector.commands", "generator.commands", "generator.plugin"}


def test_only_entries_read_the_clock_and_the_environment() -> None:
    for module, path in modules():
        if is_within(module, READERS):
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
    for package in PACKAGES:
        for path in (ROOT / package).rglob("__init__.py"):
            assert path.read_text() == "", f"{path.relative_to(ROOT)} is not empty"
