import http.client
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from generator.builds.build import FaultyArticles, build_site
from generator.builds.watching import Watch
from generator.builds.workplace import BuildFailed
from generator.cli import main
from generator.findings import Finding
from tests.generator.conftest import CATEGORIES, PATH, PEOPLE, TODAY, article, write

THEME = Path(__file__).parents[2] / "theme"
CONFIG = f"""\
site_name: Help
site_url: https://help.example/
docs_dir: kb
theme: {{name: material, custom_dir: {THEME}, font: false}}
plugins: [answerfirst]
markdown_extensions: [admonition, attr_list, tables, toc: {{permalink: true}}]
"""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    files = {"mkdocs.yml": CONFIG, "kb/people.yml": PEOPLE, "kb/categories.yml": CATEGORIES}
    return write(tmp_path, {**files, f"kb/{PATH}": article()})


def build(*words: str) -> Result:
    return CliRunner().invoke(main, ["build", "--today", "2026-11-22", *words], catch_exceptions=False)


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_build_makes_the_site_the_catalogue_and_the_audit(desk: Path) -> None:
    result = build()
    assert (result.exit_code, result.stderr) == (0, "1 article: 0 errors, 0 warnings.\n")
    first, second = result.stdout.splitlines()
    assert first == "Built the pages of 1 article into build/site, with build/catalogue.json."
    assert re.fullmatch(r"[1-9]\d* files? written, 0 removed, 0 left as they were; \d+\.\d s\.", second)
    assert sorted(path.name for path in (desk / "build").iterdir()) == [
        "audit.json",
        "catalogue.json",
        "reviews.html",
        "site",
    ]
    assert (
        "Get a refund for a game" in (desk / "build/site/en/refunds/refund-for-a-game/index.html").read_text()
    )
    catalogue = json.loads((desk / "build/catalogue.json").read_text(encoding="utf-8"))
    (one,) = catalogue["articles"]
    assert [(part["anchor"], part["heading"], part["text"]) for part in one["sections"]] == [
        ("", "Get a refund for a game", "You get your money back within 14 days."),
        ("when-it-arrives", "When it arrives", "After 3 to 7 days."),
    ]
    audit = json.loads((desk / "build/audit.json").read_text(encoding="utf-8"))
    assert audit["articles"][0]["path"] == f"kb/{PATH}"


def test_the_day_decides_what_is_stale(desk: Path) -> None:
    build("--today", "2027-04-02")
    catalogue = json.loads((desk / "build/catalogue.json").read_text(encoding="utf-8"))
    assert catalogue["articles"][0]["stale"]


def test_a_faulty_article_leaves_the_last_good_build_as_it_was(desk: Path) -> None:
    build()
    before = everything(desk / "build")
    write(desk, {"kb/en/refunds/vat.md": article({"review_every": "soon"}), "kb/en/refunds/b.md": ""})
    result = build()
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        "kb/en/refunds/b.md:1: front-matter: The file is empty. Write an article in it, or delete it.",
        "kb/en/refunds/vat.md:13: duration: 'review_every' is \"soon\". Write a duration, e.g. 6 months.",
        "1 article: 2 errors, 0 warnings.",
        "Nothing was built, and build is as it was. Mend the errors first.",
    ]
    assert everything(desk / "build") == before
    data = json.loads(build("--format", "json").stdout)
    assert [one["rule"] for one in data["findings"]] == ["front-matter", "duration"]


def test_a_warning_of_mkdocs_is_a_failure_in_its_words(desk: Path) -> None:
    build()
    before = everything(desk / "build")
    write(desk, {"mkdocs.yml": CONFIG + "nav: [nowhere.md]\n"})
    result = build()
    assert result.exit_code == 1
    assert "nowhere.md" in result.stderr
    assert everything(desk / "build") == before


def test_an_article_that_nobody_vouched_for_may_have_links_that_lead_nowhere(desk: Path) -> None:
    body = "\n[a](nowhere.md) ![b](none.png)\n"
    write(desk, {"kb/en/refunds/b.md": article({"id": "b", "title": "B", "questions": "[]"}, body)})
    assert build().exit_code == 1
    changed = {"id": "b", "title": "B", "questions": "[]", "confidence": "not_validated"}
    write(desk, {"kb/en/refunds/b.md": article(changed, body)})
    result = build()
    assert (result.exit_code, result.stderr) == (0, "2 articles: 0 errors, 2 warnings.\n")


def test_what_is_not_published_is_nowhere_in_the_build(desk: Path) -> None:
    secret = article(
        {"id": "secret", "title": "Zebra", "audience": "internal", "questions": "[]"}, "\nQuartz\n"
    )
    draft = article(
        {"id": "draft", "title": "Zebra two", "confidence": "work_in_progress", "questions": "[]"},
        "\nQuartz\n",
    )
    write(desk, {"kb/en/refunds/secret.md": secret, "kb/en/refunds/draft.md": draft})
    result = build()
    assert (result.exit_code, result.stderr) == (0, "3 articles: 0 errors, 0 warnings.\n")
    assert result.stdout.startswith("Built the pages of 1 article ")
    for path, content in everything(desk / "build").items():
        if path not in ("audit.json", "reviews.html"):
            assert b"Quartz" not in content, path
            assert b"Zebra" not in content, path


def test_another_configuration_builds_another_knowledge_base_from_elsewhere(desk: Path) -> None:
    write(
        desk,
        {
            f"other/docs/{PATH}": article({"owner": "somebody"}),
            "other/mkdocs.yml": CONFIG.replace("docs_dir: kb", "docs_dir: docs"),
        },
    )
    result = build("--config", "other/mkdocs.yml", "--out", "elsewhere/out")
    assert result.exit_code == 0, result.stderr
    assert (desk / "elsewhere/out/site/en/refunds/refund-for-a-game/index.html").is_file()


def test_an_imported_help_centre_builds(desk: Path) -> None:
    write(
        desk,
        {
            "old/Shop/a b.md": "---\ntitle: A\n---\nSee [b](x/b.md).\n",
            "old/Shop/c.md": "# C\n\n<script>x</script>\n",
        },
    )
    runner = CliRunner()
    assert runner.invoke(main, ["import", "old", "--into", "new/en", "--today", "2026-11-22"]).exit_code == 0
    write(desk, {"mkdocs.yml": CONFIG.replace("docs_dir: kb", "docs_dir: new")})
    assert build().exit_code == 0
    catalogue = json.loads((desk / "build/catalogue.json").read_text(encoding="utf-8"))
    assert [one["title"] for one in catalogue["articles"]] == ["A", "C"]
    assert catalogue["categories"] == {"shop": {"title": {"en": "Shop"}}}


@pytest.mark.parametrize(
    ("config", "says"),
    [
        (None, "mkdocs.yml: there is no such file. Name the site's mkdocs.yml with --config."),
        (
            CONFIG.replace("[answerfirst]", "[]"),
            "the plugin answerfirst is missing. Add '- answerfirst' below 'plugins'.",
        ),
        (CONFIG.replace("docs_dir: kb", "docs_dir: nowhere"), "nowhere"),
        ("site_name: [\n", "mkdocs.yml"),
        ("", "mkdocs.yml"),
        (CONFIG + "theme: {name: nothing}\n", "nothing"),
    ],
)
def test_a_wrong_configuration_is_a_sentence(desk: Path, config: str | None, says: str) -> None:
    (desk / "mkdocs.yml").unlink()
    if config is not None:
        write(desk, {"mkdocs.yml": config})
    result = build()
    assert result.exit_code == 1
    assert says in result.stderr
    assert "Traceback" not in result.stderr


def test_a_place_that_cannot_be_written_is_a_sentence(desk: Path) -> None:
    write(desk, {"file": "x"})
    result = build("--out", "file/build")
    assert result.exit_code == 1
    assert "file/build: cannot be written" in result.stderr


def test_nothing_is_left_beside_a_build_that_failed(desk: Path) -> None:
    write(desk, {"kb/en/refunds/b.md": ""})
    with pytest.raises(FaultyArticles):
        build_site(Path("mkdocs.yml"), Path("build"), today=TODAY)
    (desk / "kb/en/refunds/b.md").unlink()
    write(desk, {"mkdocs.yml": CONFIG + "nav: [nowhere.md]\n"})
    with pytest.raises(BuildFailed):
        build_site(Path("mkdocs.yml"), Path("build"), today=TODAY)
    assert everything(desk / "build") == {}


class Listener:
    """Hears what a watch says."""

    def __init__(self) -> None:
        self.sentences: list[str] = []
        self.findings: list[tuple[Finding, ...]] = []

    def say(self, sentence: str) -> None:
        self.sentences.append(sentence)

    def show(self, findings: tuple[Finding, ...], articles: int) -> None:
        self.findings.append(findings)


@contextmanager
def watching(listener: Listener) -> Iterator[Watch]:
    watch = Watch(
        Path("mkdocs.yml"),
        work=Path.cwd() / "watched",
        host="127.0.0.1",
        port=0,
        today=lambda: TODAY,
        say=listener.say,
        show=listener.show,
    )
    thread = threading.Thread(target=watch.serve)
    thread.start()
    try:
        until(lambda: any("Serving on" in sentence for sentence in listener.sentences))
        yield watch
    finally:
        watch.server.shutdown()
        thread.join(timeout=30)
        assert not thread.is_alive()


def until(is_so: object, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():  # type: ignore[operator]
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def test_watching_builds_again_at_each_save_and_says_what_is_wrong(desk: Path) -> None:
    listener = Listener()
    with watching(listener) as watch:
        port = watch.server.server_address[1]

        def page() -> str:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", "/en/refunds/refund-for-a-game/")
            return connection.getresponse().read().decode()

        assert "You get your money back within 14 days." in page()
        assert listener.findings == [()]
        write(desk, {f"kb/{PATH}": article({"owner": "nobody"}, "\nWithin 30 days.\n")})
        until(lambda: len(listener.findings) > 1)
        until(lambda: "Within 30 days." in page())
        assert [finding.rule for finding in listener.findings[-1]] == ["person"]
        assert "'owner' is &quot;nobody&quot;" in page().replace("&#x27;", "'")


def test_ended_from_outside_it_stops_in_order_and_leaves_nothing_behind(desk: Path) -> None:
    temporary, output = desk / "temporary", desk / "output.txt"
    temporary.mkdir()
    with output.open("wb") as out:
        process = subprocess.Popen(
            [str(Path(sys.executable).with_name("kb")), "watch", "--port", "0"],
            env=os.environ | {"TMPDIR": str(temporary)},
            stdout=out,
            stderr=out,
        )
    try:
        until(lambda: "Serving on " in output.read_text(encoding="utf-8"))
        assert [path.name[:9] for path in temporary.iterdir()] == ["kb-watch-"]

        process.terminate()

        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
    assert output.read_text(encoding="utf-8").endswith("\nStopped.\n")
    assert list(temporary.iterdir()) == []


def test_a_port_that_is_taken_is_told_before_anything_is_built(desk: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = CliRunner().invoke(main, ["watch", "--port", str(port)])
    assert (result.exit_code, result.stdout) == (1, "")
    assert (
        result.stderr
        == f"Error: 127.0.0.1:{port} cannot be used (address already in use). Choose another --port.\n"
    )
