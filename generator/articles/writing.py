"""Write front matter and ids as this knowledge base has them."""

import re
import unicodedata
from collections.abc import Container, Mapping
from hashlib import sha256
from typing import Any, Final

import yaml

_LONGEST_SLUG: Final = 80
RESERVED: Final = frozenset({"index", "readme"})
"""Names that the site engine takes for the page of a folder."""


class _Dumper(yaml.SafeDumper):
    """Writes values out in full: our reader refuses the aliases that PyYAML makes of equal lists."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's signature
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        """Indent the items of a list below their key, as people write them."""
        super().increase_indent(flow, False)


def front_matter(values: Mapping[str, Any]) -> str:
    """Write keys and values between two lines of ---, quoted wherever YAML would read something else.

    Lists of texts stand one a line, other lists and the entries of `changes` in one line each.
    """
    parts = []
    for key, value in values.items():
        flow = None if isinstance(value, list | dict) and key != "questions" else False
        parts.append(as_yaml({key: value}, flow=flow))
    return f"---\n{''.join(parts)}---\n"


def as_yaml(values: Mapping[str, Any], *, flow: bool | None = None) -> str:
    """Write a mapping as YAML: with `flow` None the innermost lists and mappings stand in one line each."""
    text: str = yaml.dump(
        dict(values),
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=2**20,
        default_flow_style=flow,
    )
    return text


def slug(text: str) -> str:
    """Make an id of a title: small letters and digits, accents dropped, at most 80 characters, whole words.

    A title without any Latin letter or digit gets an id made from its hash, the same each time.
    """
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss").casefold())
    plain = re.sub(r"['’`\u0300-\u036f]", "", plain)
    words: list[str] = re.findall(r"[a-z0-9]+", plain)
    if not words or words in ([reserved] for reserved in RESERVED):
        return f"article-{sha256(text.encode('utf-8', 'replace')).hexdigest()[:8]}"
    found = words[0][:_LONGEST_SLUG]
    for word in words[1:]:
        if len(found) + 1 + len(word) > _LONGEST_SLUG:
            break
        found += f"-{word}"
    return found


def free_slug(text: str, taken: Container[str]) -> str:
    """Make an id that nobody has: with -2, -3, … behind it where the plain one is taken."""
    plain = found = slug(text)
    number = 1
    while found in taken:
        number += 1
        found = f"{plain}-{number}"
    return found
