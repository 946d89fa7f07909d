from typing import Any

import pytest

from generator.articles.knowledge_base import KnowledgeBase
from generator.findings import Finding
from generator.history.against import Earlier, check_against
from generator.history.git import Repository
from tests.generator.conftest import BODY, CATEGORIES, PATH, PEOPLE, GitRepository, article, table, write

Temporary = pytest.TempPathFactory


def compared(repository: GitRepository, revision: str = "main") -> tuple[Finding, ...]:
    base = KnowledgeBase.load(repository.folder / "kb")
    return check_against(base, Earlier.read(Repository.around(base.folder), revision, base))


@pytest.mark.parametrize("row", table("against"), ids=lambda row: row["that"])
def test_a_change(row: dict[str, Any], repository: GitRepository) -> None:
    kb = repository.folder / "kb"
    write(kb, {"people.yml": PEOPLE, "categories.yml": CATEGORIES, PATH: article(row.get("from"))})
    repository.commit("As it was")
    (kb / PATH).unlink()
    if "gone" not in row:
        write(kb, {row.get("move", PATH): article(row.get("to"), row.get("text", BODY))})
    said = [f"{finding.rule}: {finding.message}" for finding in compared(repository)]
    expected = row.get("finds", [])
    assert len(said) == len(expected), said
    for one, start in zip(said, expected, strict=True):
        assert one.startswith(start)


def test_what_others_merged_since_is_not_taken_for_a_change_of_this_work(repository: GitRepository) -> None:
    kb = repository.folder / "kb"
    write(kb, {PATH: article()})
    repository.commit("Before")
    repository.git("switch", "--quiet", "--create", "work")
    repository.git("switch", "--quiet", "main")
    write(kb, {PATH: article(body="\nOthers changed this.\n"), "en/refunds/new.md": article({"id": "new"})})
    repository.commit("Others")
    repository.git("switch", "--quiet", "work")
    assert compared(repository) == ()


def test_a_revision_that_git_does_not_know_is_named(repository: GitRepository) -> None:
    write(repository.folder / "kb", {PATH: article()})
    repository.commit("Before")
    with pytest.raises(ValueError, match='Git knows no revision "nope"'):
        compared(repository, "nope")
    with pytest.raises(ValueError, match="Git knows no revision"):
        compared(repository, "--output=/tmp/x")


def test_in_a_shallow_clone_the_way_out_is_named(
    repository: GitRepository, tmp_path_factory: Temporary
) -> None:
    write(repository.folder / "kb", {PATH: article()})
    repository.commit("Before")
    write(repository.folder / "kb", {PATH: article(body="\nNew.\n")})
    repository.commit("After")
    folder = tmp_path_factory.mktemp("shallow") / "clone"
    repository.git("clone", "--quiet", "--depth", "1", f"file://{repository.folder}", str(folder))
    with pytest.raises(ValueError, match="The clone is shallow: fetch the rest with git fetch --unshallow"):
        compared(GitRepository(folder), "HEAD~1")


def test_an_article_that_was_faulty_before_is_held_against_nothing(repository: GitRepository) -> None:
    write(repository.folder / "kb", {PATH: "---\nbroken\n---\n"})
    repository.commit("Before")
    write(repository.folder / "kb", {PATH: article()})
    assert compared(repository) == ()
