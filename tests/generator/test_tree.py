"""A published folder is changed only where it must be."""

from pathlib import Path

import pytest

from generator.cache.tree import Changes, Record, Tree


def publish(
    folder: Path, files: dict[str, bytes], records: dict[str, Record]
) -> tuple[Changes, dict[str, Record]]:
    tree = Tree(folder / "site", folder / "staging", records)
    for path, content in files.items():
        if not tree.is_current(path, content):
            tree.stage(path, content, content)
    return tree.publish()


def content(folder: Path) -> dict[str, bytes]:
    site = folder / "site"
    return {
        path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.is_file()
    }


def test_only_what_has_changed_is_written(tmp_path: Path) -> None:
    _, records = publish(tmp_path, {"a": b"1", "b/c": b"2", "d/e": b"3"}, {})
    number = (tmp_path / "site" / "a").stat().st_ino

    changes, _ = publish(tmp_path, {"a": b"1", "b/c": b"new"}, records)

    assert changes == Changes(written=1, removed=1, kept=1)
    assert content(tmp_path) == {"a": b"1", "b/c": b"new"}
    assert (tmp_path / "site" / "a").stat().st_ino == number
    assert not (tmp_path / "site" / "d").exists()


def test_what_somebody_touched_is_written_anew_and_what_they_left_is_removed(tmp_path: Path) -> None:
    files = {"a": b"1", "b": b"2", "c": b"3"}
    _, records = publish(tmp_path, files, {})
    (tmp_path / "site" / "a").write_bytes(b"x")
    (tmp_path / "site" / "b").unlink()
    (tmp_path / "site" / "mine").write_bytes(b"y")

    publish(tmp_path, files, records)

    assert content(tmp_path) == files


def test_a_file_becomes_a_folder_and_a_folder_a_file(tmp_path: Path) -> None:
    _, records = publish(tmp_path, {"a": b"1", "b/c": b"2", "keep": b"3"}, {})

    publish(tmp_path, {"a/x": b"1", "b": b"2", "keep": b"3"}, records)

    assert content(tmp_path) == {"a/x": b"1", "b": b"2", "keep": b"3"}


@pytest.mark.parametrize("records", [{}, {"a": (b"1", (1, 2, 3))}])
def test_a_folder_that_no_build_wrote_is_replaced_as_a_whole(
    tmp_path: Path, records: dict[str, Record]
) -> None:
    (tmp_path / "site" / "old").mkdir(parents=True)
    (tmp_path / "site" / "old" / "file").write_bytes(b"x")

    publish(tmp_path, {"a": b"1"}, records)

    assert content(tmp_path) == {"a": b"1"}


def test_nothing_changes_before_it_is_published(tmp_path: Path) -> None:
    _, records = publish(tmp_path, {"a": b"1", "b": b"2"}, {})

    tree = Tree(tmp_path / "site", tmp_path / "staging", records)
    tree.stage("a", b"new", b"new")

    assert content(tmp_path) == {"a": b"1", "b": b"2"}


def test_a_link_that_somebody_left_is_removed_and_not_followed(tmp_path: Path) -> None:
    _, records = publish(tmp_path, {"a": b"1"}, {})
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "file").write_bytes(b"x")
    (tmp_path / "site" / "link").symlink_to(tmp_path / "elsewhere")

    publish(tmp_path, {"a": b"1"}, records)

    assert content(tmp_path) == {"a": b"1"}
    assert (tmp_path / "elsewhere" / "file").is_file()
