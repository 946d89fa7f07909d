"""Where the knowledge base lies that a command is about."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from generator.articles.frontmatter import decode
from generator.articles.languages import DEFAULT_LANGUAGE, is_language
from generator.articles.yaml_tree import Value, read_tree

REGISTERS: Final = ("categories.yml", "people.yml")
_LEVELS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A knowledge base's folder, named as a person in the current folder would, and its default language."""

    folder: Path
    default_language: str = DEFAULT_LANGUAGE
    four_eyes: bool = False


def configured(config: Path) -> Place:
    """Read from mkdocs.yml where the articles lie: `docs_dir`, beside it; "kb" where the file does not say.

    MkDocs itself is not asked: it would load the theme and every plugin first.
    """
    try:
        tree = read_tree(decode(config.read_bytes())[0]).values
    except OSError:
        tree = {}
    folder = tree.get("docs_dir")
    name = folder if isinstance(folder, str) and folder else "kb"
    options = _options(tree.get("plugins", []))
    language, four_eyes = options.get("default_language"), options.get("four_eyes")
    return Place(
        folder=as_typed(config.parent / name),
        default_language=language if isinstance(language, str) and language else DEFAULT_LANGUAGE,
        four_eyes=isinstance(four_eyes, str) and four_eyes.lower() in ("true", "yes", "on"),
    )


def around(path: Path) -> Path:
    """Find the knowledge base that a file or folder belongs to.

    That is the nearest folder with people.yml or categories.yml, at most three above, since an article lies
    in <language>/<category>/; without these files, the folder above the language.
    """
    path = _whole(path)
    near = (path, *path.parents)[:_LEVELS]
    for folder in near:
        if any((folder / name).is_file() for name in REGISTERS):
            return as_typed(folder)
    if path.is_dir() and any(is_language(child.name) for child in path.iterdir()):
        return as_typed(path)
    for folder in near:
        if is_language(folder.name) and any(folder.glob("*/*.md")):
            return as_typed(folder.parent)
    return as_typed(path if path.is_dir() else path.parent)


def as_typed(path: Path) -> Path:
    """Name a path from the current folder if it lies below it."""
    full, here = _whole(path), Path.cwd()
    return full.relative_to(here) if full.is_relative_to(here) else full


def _whole(path: Path) -> Path:
    """Make a path absolute without following links, so that it stays what the person typed."""
    return Path(os.path.normpath(path.absolute()))


def _options(plugins: Value) -> Mapping[str, Value]:
    """Find the options of our plugin."""
    for plugin in plugins if isinstance(plugins, list) else []:
        options = plugin.get("answerfirst") if isinstance(plugin, dict) else None
        if isinstance(options, dict):
            return options
    return {}
