"""What builds remember may be lost, damaged or foreign; it is never wrong."""

import os
import pickle
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from generator.cache.fingerprints import fingerprint
from generator.cache.memory import Held, Memory, digest, unpacked
from generator.findings import Finding, Severity

STAMP, KEY = b"these programs", b"a key"
FINDING = Finding(
    path="kb/en/a.md", line=2, rule="link", severity=Severity.WARNING, message="It leads nowhere."
)


def remember(file: Path, stamp: bytes = STAMP) -> None:
    with Memory.opened(file, stamp=stamp) as memory:
        memory.drawer("findings").put("one", KEY, (FINDING, date(2026, 11, 22)))
        memory.add_sheets("pages", [(KEY, b"<p>A page</p>")])
        memory.save()


def remembered(file: Path | None, stamp: bytes = STAMP) -> tuple[object, bytes | None]:
    with Memory.opened(file, stamp=stamp) as memory:
        return memory.drawer("findings").get("one", KEY), memory.sheet("pages", KEY)


def test_what_was_written_down_is_there_in_the_next_build(tmp_path: Path) -> None:
    remember(tmp_path / "memory")

    assert remembered(tmp_path / "memory") == ((FINDING, date(2026, 11, 22)), b"<p>A page</p>")


def test_another_key_and_other_programs_find_nothing(tmp_path: Path) -> None:
    remember(tmp_path / "memory")

    with Memory.opened(tmp_path / "memory", stamp=STAMP) as memory:
        assert memory.drawer("findings").get("one", b"another key") is None
        assert memory.sheet("pages", b"another key") is None
    assert remembered(tmp_path / "memory", stamp=b"other programs") == (None, None)


def truncated(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:5000])


def garbled(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    file.write_bytes(data)


def replaced(file: Path) -> None:
    file.write_bytes(b"no database")


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def of_another_shape(file: Path) -> None:
    file.unlink()
    with sqlite3.connect(file) as db:
        db.execute("CREATE TABLE drawers (other TEXT)")
        db.execute("CREATE TABLE stamp (stamp BLOB)")
    db.close()


def swapped(file: Path) -> None:
    """Give one row's content to another."""
    with sqlite3.connect(file) as db:
        db.execute("UPDATE sheets SET content = ?", (b"<p>Another page</p>",))
        db.execute("UPDATE drawers SET content = ?", (pickle.dumps({"one": (KEY, "wrong")}),))
    db.close()


@pytest.mark.parametrize("damage", [truncated, garbled, replaced, emptied, of_another_shape, swapped])
def test_damage_is_forgotten_and_the_next_build_remembers_again(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    file = tmp_path / "memory"
    remember(file)
    damage(file)

    assert remembered(file) == (None, None)


@pytest.mark.parametrize("damage", [truncated, replaced, emptied])
def test_a_damaged_memory_is_usable_again(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    remember(tmp_path / "memory")
    damage(tmp_path / "memory")
    remember(tmp_path / "memory")
    remember(tmp_path / "memory")

    assert remembered(tmp_path / "memory")[1] == b"<p>A page</p>"


def test_a_place_that_cannot_be_written_means_remembering_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")

    remember(tmp_path / "file" / "memory")

    assert remembered(tmp_path / "file" / "memory") == (None, None)


def test_two_builds_may_use_one_memory_at_once(tmp_path: Path) -> None:
    place = tmp_path / "memory"
    with Memory.opened(place, stamp=STAMP) as one, Memory.opened(place, stamp=STAMP) as other:
        one.drawer("findings").put("one", KEY, "first")
        other.drawer("findings").put("one", KEY, "second")
        one.save()
        other.save()
        one.add_sheets("pages", [(KEY, b"first")])
        assert other.sheet("pages", KEY) == b"first"

    assert remembered(tmp_path / "memory")[0] == "second"


def held_by(file: Path, *, stamp: bytes = STAMP, is_saved: bool = True) -> Held:
    """Let a process that builds again and again ask for one thing of two."""
    held: Held = {}
    with Memory.opened(file, stamp=stamp, held=held) as memory:
        memory.drawer("findings").put("one", KEY, FINDING)
        memory.drawer("days").put("two", KEY, date(2026, 11, 22))
        if is_saved:
            memory.save()
    return held


def empty(file: Path) -> None:
    with closing(sqlite3.connect(file)) as db, db:
        db.execute("DELETE FROM drawers")


def test_a_process_that_builds_again_need_not_read_what_it_holds(tmp_path: Path) -> None:
    file = tmp_path / "memory"
    held = held_by(file)
    empty(file)

    for _ in range(2):  # what one build does not ask for, the next one may
        with Memory.opened(file, stamp=STAMP, held=held) as memory:
            assert memory.drawer("findings").get("one", KEY) == FINDING
            memory.save()
    with Memory.opened(file, stamp=STAMP, held=held) as memory:
        assert memory.drawer("days").get("two", KEY) == date(2026, 11, 22)


def test_what_other_programs_wrote_meanwhile_is_not_mixed_with_what_is_held(tmp_path: Path) -> None:
    file = tmp_path / "memory"
    held = held_by(file)
    held_by(file, stamp=b"other programs")

    with Memory.opened(file, stamp=STAMP, held=held) as memory:
        assert memory.drawer("findings").get("one", KEY) is None


def test_a_build_that_stopped_holds_nothing(tmp_path: Path) -> None:
    assert held_by(tmp_path / "memory", is_saved=False) == {}


class Attack:
    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, ("touch attacked",)


@pytest.mark.parametrize("thing", [Attack(), {"a": [Attack()]}, date, Path("x"), print])
def test_a_foreign_memory_cannot_run_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, thing: object
) -> None:
    monkeypatch.chdir(tmp_path)

    found = unpacked(pickle.dumps(thing))

    assert found is None or found is date
    assert not (tmp_path / "attacked").exists()


def test_a_foreign_memory_cannot_reach_through_our_modules() -> None:
    by_the_back_door = b"\x80\x05\x8c\x0dgenerator.git\x8c\x0esubprocess.run\x93."

    assert unpacked(by_the_back_door) is None


def test_equal_values_have_equal_fingerprints_and_others_have_others() -> None:
    values = [None, 0, False, "", "0", b"", (), ("a", "b"), ("ab",), {"a": "b"}, date(2026, 1, 1), FINDING]

    assert len({fingerprint(value, {}) for value in values}) == len(values)
    assert [fingerprint(value, {}) for value in values] == [fingerprint(value, {}) for value in values]
    assert digest(b"a", b"bc") != digest(b"ab", b"c")


@pytest.mark.parametrize("value", [object(), {1, 2}, lambda: None, (object(),)])
def test_what_may_change_unseen_has_no_fingerprint(value: object) -> None:
    with pytest.raises(TypeError, match="has no fingerprint"):
        fingerprint(value, {})
