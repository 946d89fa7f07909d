from pathlib import Path

import pytest

from generator.articles.knowledge_base import KnowledgeBase
from generator.history.versions import History
from tests.generator.conftest import PATH, GitRepository, article, write

FIRST = {
    "version": "1",
    "changes": "[{version: 1, date: 2026-03-12, by: maya, significance: major, note: First version}]",
}


def written(repository: GitRepository) -> list[str]:
    """The story of an article: written, mended, moved, and changed for good."""
    kb = repository.folder / "kb"
    commits = []
    for path, changed, body, on in [
        (
            "en/payments/refund.md",
            {**FIRST, "id": "refund", "category": "payments"},
            "\nFirst.\n",
            "2026-03-12",
        ),
        (
            "en/payments/refund.md",
            {**FIRST, "id": "refund", "category": "payments"},
            "\nFirst, mended.\n",
            "2026-04-01",
        ),
        (PATH, FIRST, "\nFirst, mended.\n", "2026-05-01"),
        (PATH, {}, "\nSecond.\n", "2026-10-01"),
    ]:
        if path == PATH and (kb / "en/payments/refund.md").exists():
            (kb / PATH).parent.mkdir(parents=True)
            repository.git("mv", "kb/en/payments/refund.md", f"kb/{PATH}")
        write(kb, {path: article(changed, body)})
        commits.append(repository.commit(f"{path} on {on}", on))
    return commits


def test_each_version_has_the_last_commit_that_carried_it_through_a_rename(repository: GitRepository) -> None:
    commits = written(repository)
    base = KnowledgeBase.load(repository.folder / "kb")
    history = History.read(base)
    second, first = history.versions(base.articles[0])
    assert history.gap is None
    assert [(one.number, one.by, one.significance, one.note) for one in (second, first)] == [
        (2, "maya", "major", "Refund window is 14 days now"),
        (1, "maya", "major", "First version"),
    ]
    assert second.state is not None
    assert first.state is not None
    assert (second.state.commit, second.state.path) == (commits[3], PATH)
    assert (first.state.commit, str(first.state.on), first.state.author) == (
        commits[2],
        "2026-05-01",
        "Maya Lindqvist",
    )
    states = history.states[PATH]
    assert [state.commit for state in states] == commits[::-1]
    assert states[-1].path == "en/payments/refund.md"


def test_a_file_that_took_a_deleted_ones_place_has_a_past_of_its_own(repository: GitRepository) -> None:
    kb = repository.folder / "kb"
    write(kb, {PATH: article(FIRST, "\n" + "An old text.\n" * 50)})
    repository.commit("Old", "2026-01-01")
    (kb / PATH).unlink()
    repository.commit("Gone", "2026-02-01")
    write(kb, {PATH: article({}, "\nNew.\n")})
    new = repository.commit("New", "2026-03-01")
    history = History.read(KnowledgeBase.load(kb))
    assert [state.commit for state in history.states[PATH]] == [new]


@pytest.mark.parametrize("is_repository", [True, False])
def test_without_commits_the_front_matter_is_what_is_known(
    tmp_path: Path, repository: GitRepository, is_repository: bool
) -> None:
    if not is_repository:
        (tmp_path / ".git").rename(tmp_path / "git")
    write(tmp_path / "kb", {PATH: article()})
    base = KnowledgeBase.load(tmp_path / "kb")
    history = History.read(base)
    assert history.gap is not None
    assert history.gap.endswith("Only the front matter's 'changes' are known.")
    assert [(one.number, one.state) for one in history.versions(base.articles[0])] == [(2, None), (1, None)]


def test_a_shallow_clone_says_that_it_knows_only_the_newest(
    repository: GitRepository, tmp_path_factory: pytest.TempPathFactory
) -> None:
    written(repository)
    clone = tmp_path_factory.mktemp("clone") / "repository"
    repository.git("clone", "--quiet", "--depth", "1", f"file://{repository.folder}", str(clone))
    base = KnowledgeBase.load(clone / "kb")
    history = History.read(base)
    assert history.gap == "The clone is shallow: Git has only the newest commits."
    assert [one.state is not None for one in history.versions(base.articles[0])] == [True, False]


def test_names_and_messages_of_any_script_are_read(repository: GitRepository) -> None:
    path = "es/reembolsos/devolución.md"
    write(repository.folder, {path: article()})
    repository.commit("Añade: «devolución»\tعنوان")
    states = History.read(KnowledgeBase.load(repository.folder)).states
    assert states[path][0].subject == "Añade: «devolución»\tعنوان"
