from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.articles.frontmatter import MAX_BYTES, Document, decode, read_document
from generator.articles.reading import read_article
from generator.articles.yaml_tree import Fault, read_tree

TABLE = yaml.safe_load((Path(__file__).parent / "tables" / "front_matter.yml").read_text(encoding="utf-8"))


def told(faults: tuple[Fault, ...]) -> list[str]:
    return [f"{fault.line}: {fault.rule}: {fault.message}" for fault in faults]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row["that"])
def test_front_matter(row: dict[str, Any]) -> None:
    document = read_document(f"---\n{row['front']}---\nbody\n".encode())
    said, expected = told(document.faults), row.get("finds", [])
    assert len(said) == len(expected), said
    for one, start in zip(said, expected, strict=True):
        assert one.startswith(start)
    if "reads" in row:
        assert document.tree.values == row["reads"]


@pytest.mark.parametrize(
    ("data", "body", "line"),
    [
        (b"---\na: b\n---\nText\n", "Text\n", 4),
        (b"\xef\xbb\xbf---\na: b\n---\nText\n", "Text\n", 4),
        (b"---\r\na: b\r\n---\r\n\r\nText\r\n", "\nText\n", 4),
        (b"---\ra: b\r---\rText", "Text", 4),
        (b"--- \na: b\n...\nText", "Text", 4),
        (b"---\na: b\n---", "", 4),
        (b"---\na: b\n---\n---\nc: d\n---\n", "---\nc: d\n---\n", 4),
        (b"---\na: |\n  x\n  ---\n---\nText", "Text", 6),
        ("---\na: ü\n---\nÜ\u2028x".encode(), "Ü\u2028x", 4),
    ],
)
def test_the_body_begins_below_the_front_matter(data: bytes, body: str, line: int) -> None:
    document = read_document(data)
    assert (document.body, document.body_line, document.faults) == (body, line, ())
    assert document.tree.lines[("a",)] == 2


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "1: front-matter: The file is empty."),
        (b"  \n\n", "1: front-matter: The file is empty."),
        (b"# A title\n", "1: front-matter: The file does not begin with front matter."),
        (b"---\na: b\n", "1: front-matter: The front matter that begins here has no end."),
        (b"---", "1: front-matter: The file does not begin with front matter."),
        ("---\ntitle: Rückgabe\n---\n".encode("latin-1"), "2: encoding: The byte 0xfc is not UTF-8."),
        ("---\na: b\n---\n\nfünf\n".encode("latin-1"), "5: encoding: The byte 0xfc is not UTF-8."),
        ("---\na: b\n---\n".encode("utf-16"), "1: encoding: The byte 0xff is not UTF-8."),
        (b"---\na: b\n---\n\nx\0y\n", "5: encoding: There is a NUL character here."),
        (
            b"---\na: " + b"x" * MAX_BYTES + b"\n---\n",
            "1: front-matter: The front matter has more than 64 KiB.",
        ),
    ],
)
def test_a_file_that_is_none_says_why(data: bytes, fault: str) -> None:
    said = told(read_document(data).faults)
    assert len(said) == 1
    assert said[0].startswith(fault)


def test_a_list_of_five_thousand_levels_is_refused_at_the_eleventh() -> None:
    tree = read_tree("a: " + "[" * 5_000 + "]" * 5_000)
    assert told(tree.faults) == ["1: depth: Values are nested more than 10 levels deep. Write them flat."]
    assert not tree.complete


def test_after_fifty_faults_reading_stops() -> None:
    said = told(read_tree("a: 1\n" * 5_000).faults)
    assert len(said) == 51
    assert said[-1] == "51: front-matter: There are too many faults to name. Mend these first."


@pytest.mark.parametrize(
    "front",
    [
        "tags: [" + "a, " * 20_000 + "]\n",
        "tags: [" + "[], " * 15_000 + "]\n",
        "changes: [" + "{}, " * 15_000 + "]\n",
        "".join(f"key{number}: x\n" for number in range(4_500)),
    ],
)
def test_front_matter_with_more_values_than_anybody_writes_is_not_read_on(front: str) -> None:
    document = read_document(f"---\n{front}---\n".encode())
    said = told(document.faults)
    assert len(said) == 1
    assert "front-matter: There are more than 5,000 keys and values." in said[0]
    assert read_article(document, "en/refunds/x.md")[0] is None


def test_a_list_with_more_entries_than_anybody_reads_is_one_fault_and_not_one_each() -> None:
    document = read_document(f"---\nchanges: [{'{}, ' * 501}]\n---\n".encode())
    said = [one for one in told(read_article(document, "en/refunds/x.md")[1]) if "'changes'" in one]
    assert said == ["2: list: 'changes' is a list. Write at most 500 entries."]


def test_registers_may_hold_more_than_an_article() -> None:
    assert read_tree("".join(f"word{number}: x\n" for number in range(4_500))).faults == ()


def test_half_a_surrogate_pair_in_the_text_is_a_fault() -> None:
    assert told(read_tree("a: b\nc: \ud800\n").faults)[0].startswith("2: encoding")


def test_front_matter_of_exactly_the_limit_is_read() -> None:
    front = b"a: " + b"x" * (MAX_BYTES - 4) + b"\n"
    assert len(front) == MAX_BYTES
    assert read_document(b"---\n" + front + b"---\n").faults == ()


PIECES = [
    *(
        "---\n",
        "...\n",
        "\n",
        " ",
        ": ",
        "- ",
        ", ",
        "[",
        "]",
        "{",
        "}",
        "'",
        '"',
        "#",
        "\t",
        "%",
        "? ",
        "| \n",
    ),
    *(
        "&a ",
        "*a ",
        "!!x ",
        "<<: ",
        "a: b\n",
        "x",
        "1.10",
        "no",
        "Ü",
        "\u2028",
        "\x85",
        "\ufeff",
        "\x00",
        "\ud800",
    ),
    *(
        "id: x\n",
        "version: 1\n",
        "changes:\n  - {version: 1}\n",
        "title: t\n",
        "tags: [a]\n",
        "type: how_to\n",
    ),
]
BROKEN_FRONT_MATTER = st.lists(st.sampled_from(PIECES), max_size=25).map(
    lambda pieces: ("---\n" + "".join(pieces)).encode("utf-8", "surrogatepass")
)
ANY_FRONT_MATTER = st.text(max_size=60).map(lambda text: f"---\n{text}\n---\n".encode())
FILES = st.one_of(BROKEN_FRONT_MATTER, BROKEN_FRONT_MATTER, ANY_FRONT_MATTER, st.binary(max_size=200))


@settings(max_examples=5_000, deadline=None)
@given(FILES)
def test_whatever_a_file_holds_the_reader_answers_with_faults_or_an_article(data: bytes) -> None:
    document = read_document(data)
    article, faults = read_article(document, "en/refunds/x.md")
    assert isinstance(document, Document)
    assert (article is None) == bool(faults)
    total = decode(data)[0].count("\n") + 2
    for fault in faults:
        assert 1 <= fault.line <= total + 1
        assert fault.message.endswith((".", "?"))
