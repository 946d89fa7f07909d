"""What a build need not do again, and what it must notice all the same."""

import os
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import jinja2
import pytest
import yaml

from generator.articles.knowledge_base import Source, read
from generator.builds.build import Built, build_site
from generator.builds.engine import CompiledTemplates
from generator.builds.incremental import memory_of
from generator.builds.readings import Readings
from generator.cache.memory import Memory
from tests.site.conftest import BODY, ROOT, TODAY, Desk


@dataclass(frozen=True, kw_only=True)
class Office:
    """A desk with a configuration, where builds remember."""

    desk: Desk

    @property
    def root(self) -> Path:
        return self.desk.folder.parent

    def build(self, today: date = TODAY) -> Built:
        return build_site(self.root / "mkdocs.yml", self.root / "build", today=today)

    def written(self, today: date = TODAY) -> set[str]:
        """Build, and say which files of the site were written."""
        site = self.root / "build" / "site"
        before = {path: path.stat().st_mtime_ns for path in files(site)}
        self.build(today)
        return {
            path.relative_to(site).as_posix()
            for path in files(site)
            if before.get(path) != path.stat().st_mtime_ns
        }

    def page(self, address: str) -> str:
        return (self.root / "build" / "site" / address / "index.html").read_text(encoding="utf-8")


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
def office(desk: Desk) -> Office:
    """Six articles of one category, which have lain there for a day."""
    root = desk.folder.parent
    shutil.copytree(ROOT / "theme", root / "theme")
    config = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    config |= {"docs_dir": "kb", "plugins": [{"answerfirst": {"revision": "abc"}}]}
    (root / "mkdocs.yml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    for name in ("amber", "birch", "cedar", "daisy", "elder", "fern"):
        desk.write(f"en/refunds/{name}", summary=f"What to know about {name}.")
    return Office(desk=desk)


def searched(written: set[str]) -> set[str]:
    return {name for name in written if not name.startswith("assets/search/")}


def test_an_edit_of_a_text_writes_its_own_page_and_no_other(office: Office) -> None:
    office.build()
    office.desk.write(
        "en/refunds/cedar", f"{BODY}\nCedars are evergreen.\n", summary="What to know about cedar."
    )

    written = office.written()

    assert searched(written) == {"en/refunds/cedar/index.html"}
    assert "assets/search/en/index.json" in written
    assert "Cedars are evergreen." in office.page("en/refunds/cedar")


def test_what_others_show_of_an_article_is_written_anew_in_them(office: Office) -> None:
    office.build()
    office.desk.write("en/refunds/cedar", title="A tall tree", summary="What to know about cedar.")

    written = office.written()

    assert {"en/refunds/index.html", "en/refunds/birch/index.html", "articles.json"} <= written
    assert "A tall tree" in office.page("en/refunds")
    assert "A tall tree" in office.page("en/refunds/birch")


def test_a_text_that_takes_longer_to_read_says_so_where_it_is_listed(office: Office) -> None:
    office.build()
    office.desk.write("en/refunds/cedar", BODY + "word " * 2_000, summary="What to know about cedar.")

    assert "en/refunds/index.html" in office.written()
    assert "10 min" in office.page("en/refunds")


def test_other_headings_and_links_make_other_articles_related(office: Office) -> None:
    """They are what other pages are made of in a text."""
    office.build()
    body = f"{BODY}\n## Zeppelins and dirigibles\n\nThey fly.\n"
    airship = {"title": "Zeppelins and dirigibles", "summary": "They fly.", "tags": []}
    office.desk.write("en/payments/airship", "\nThey fly.\n", **airship, questions=["What flies?"])
    office.build()
    assert "/cedar/" not in office.page("en/payments/airship")
    office.desk.write("en/refunds/cedar", body, summary="What to know about cedar.")

    office.build()

    assert "/cedar/" in office.page("en/payments/airship")
    office.desk.write("en/refunds/cedar", f"{BODY}[Fly](../payments/airship.md)\n", summary="What to know.")

    office.build()

    assert "/cedar/" in office.page("en/payments/airship")
    office.desk.write("en/refunds/cedar", f"{BODY}Fly.\n", summary="What to know.")

    office.build()

    assert "/cedar/" not in office.page("en/payments/airship")


def test_nothing_is_written_where_nothing_changed(office: Office) -> None:
    office.build()

    assert office.written() == set()


def test_a_file_that_was_only_touched_changes_nothing(office: Office) -> None:
    office.build()
    for path in files(office.desk.folder):
        os.utime(path)

    assert office.written() == set()


def test_an_edit_that_keeps_size_and_time_is_seen(office: Office) -> None:
    path = office.desk.folder / "en" / "refunds" / "cedar.md"
    about = path.stat()
    office.build()
    path.write_text(path.read_text(encoding="utf-8").replace("14 days of", "41 days of"), encoding="utf-8")
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (about.st_size, about.st_mtime_ns)

    office.build()

    assert "41 days of" in office.page("en/refunds/cedar")


def test_articles_that_change_places_are_seen(office: Office) -> None:
    """Two files of one size that are renamed into each other, each with its times."""
    office.desk.write("en/refunds/cedar", f"{BODY}\nOne.\n", summary="What to know about cedar.")
    office.build()
    folder = office.desk.folder / "en" / "refunds"
    edited = folder / "cedar.new"
    shutil.copy2(folder / "cedar.md", edited)
    edited.write_text(edited.read_text(encoding="utf-8").replace("One.", "Two."), encoding="utf-8")
    shutil.copystat(folder / "cedar.md", edited)
    edited.replace(folder / "cedar.md")

    office.build()

    assert "Two." in office.page("en/refunds/cedar")


def test_the_next_day_brings_its_banners(office: Office) -> None:
    office.build()
    late = date(2027, 4, 2)

    written = office.written(late)

    assert "en/refunds/cedar/index.html" in written


def test_what_the_deflector_counted_is_seen(office: Office) -> None:
    config = office.root / "mkdocs.yml"
    told = yaml.safe_load(config.read_text(encoding="utf-8"))
    told["plugins"] = [{"answerfirst": {"revision": "abc", "signals": "signals.json"}}]
    config.write_text(yaml.safe_dump(told, sort_keys=False), encoding="utf-8")
    office.build()
    row = '{"article": "fern", "lang": "en", "version": 1, "opened": 9}'
    (office.root / "signals.json").write_text(f'{{"articles": [{row}]}}', encoding="utf-8")

    assert "index.html" in office.written()


@dataclass(frozen=True, kw_only=True)
class Counted(Source):
    """A file whose readings are counted."""

    readings: list[str]

    def data(self) -> bytes:
        self.readings.append(self.path)
        return Path(self.file).read_bytes()


def readings_of(office: Office, *, changed: int, now: int) -> int:
    """Count how often two builds read a file that changed at one moment, both in nanoseconds."""
    name, counted = "en/refunds/cedar.md", list[str]()
    path = office.desk.folder / name
    about = os.stat_result(tuple(path.stat()), {"st_mtime_ns": changed, "st_ctime_ns": changed})
    for _ in range(2):
        with Memory.opened(memory_of(office.root / "mkdocs.yml"), stamp=b"") as memory:
            found = Readings(memory, now=now)(
                Counted(path=name, file=str(path), about=about, readings=counted)
            )
            assert found == read(name, path.read_bytes())
            memory.save()
    return len(counted)


@pytest.mark.parametrize(
    ("changed", "now", "readings"),
    [
        (17_123_456_789, 18_000_000_000, 1),
        (17_123_456_789, 17_130_000_000, 2),  # it may change again without another mark: Git calls it racy
        (17_123_456_789, 17_000_000_000, 2),  # it changed in the future
        (17_000_000_000, 18_500_000_000, 2),  # a clock that counts in seconds proves less
        (17_000_000_000, 20_000_000_000, 1),
    ],
)
def test_a_file_is_read_again_unless_its_marks_prove_that_it_is_as_it_was(
    office: Office, changed: int, now: int, readings: int
) -> None:
    assert readings_of(office, changed=changed, now=now) == readings


@pytest.mark.parametrize("other", [{"st_ctime_ns": 16_000_000_001}, {"st_mtime_ns": 16_000_000_001}])
def test_no_mark_is_enough_without_the_others(office: Office, other: dict[str, int]) -> None:
    """The time of change tells an edit that keeps size and time; nobody can set it."""
    name, counted = "en/refunds/cedar.md", list[str]()
    path = office.desk.folder / name
    old = {"st_mtime_ns": 15_000_000_001, "st_ctime_ns": 15_000_000_001}
    for times in (old, old | other):
        about = os.stat_result(tuple(path.stat()), times)
        with Memory.opened(memory_of(office.root / "mkdocs.yml"), stamp=b"") as memory:
            Readings(memory, now=20_000_000_000)(
                Counted(path=name, file=str(path), about=about, readings=counted)
            )
            memory.save()

    assert len(counted) == 2


def test_the_file_system_tells_the_time(office: Office) -> None:
    with Memory.opened(memory_of(office.root / "mkdocs.yml"), stamp=b"") as memory:
        before = memory.moment()
        path = office.root / "later"
        path.touch()
        after = memory.moment()

    assert before is not None
    assert after is not None
    assert before <= path.stat().st_ctime_ns <= after
    with Memory.opened(None, stamp=b"") as forgotten:
        assert forgotten.moment() is None


def test_a_template_is_shown_also_where_nothing_can_be_kept_of_it(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    templates = jinja2.Environment(
        loader=jinja2.DictLoader({"one": "One {{ 1 }}", "two": "Two {{ 2 }}"}),
        bytecode_cache=CompiledTemplates(str(kept)),
    )
    assert templates.get_template("one").render() == "One 1"
    assert list(kept.iterdir()) != []

    shutil.rmtree(kept)  # as a build with newer programs does

    assert templates.get_template("two").render() == "Two 2"
