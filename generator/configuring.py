"""What a configuration of MkDocs says that pages depend on, and what in it nobody can vouch for."""

import os
from collections.abc import Iterator, Mapping
from enum import Enum
from functools import partial
from pathlib import Path
from types import BuiltinFunctionType, FunctionType
from typing import Any, Final

from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from pathspec import PathSpec

from generator.cache.fingerprints import fingerprint
from generator.cache.memory import digest

PLUGIN: Final = "answerfirst"
ASSETS: Final = "assets/"
"""What lies here in a theme is published as it is; no template can include it."""
_TEMPLATES: Final = frozenset({"404.html", "sitemap.xml"})
_OPTIONS_OF_CONTENT: Final = (
    "markdown_extensions",
    "mdx_configs",
    "validation",
    "use_directory_urls",
    "exclude_docs",
    "draft_docs",
    "not_in_nav",
    "docs_dir",
)
_TOLD_OTHERWISE: Final = frozenset({"site_dir", "plugins", "config_file_path", "theme", "hooks"})
_READERS_OF_FILES: Final = frozenset({"pymdownx.snippets", "pymdownx.b64"})
_KNOWN: Final = (
    "abbr admonition attr_list codehilite def_list extra fenced_code footnotes legacy_attrs legacy_em "
    "md_in_html meta nl2br sane_lists smarty tables toc wikilinks material.extensions.emoji"
)
_EXTENSIONS: Final = frozenset(_KNOWN.split())


def strangers(config: MkDocsConfig) -> tuple[str, ...]:
    """Name the parts of a configuration that may depend on things that nobody can see.

    These are other plugins, hooks, pages of a theme that we do not know, and extensions of Markdown that read
    files or that nobody has looked at.
    """
    plugins = [name for name in config.plugins if name != PLUGIN]
    pages = [*sorted(config.theme.static_templates - _TEMPLATES), *config.extra_templates]
    extensions = [name for name in config.markdown_extensions if not _is_known(name)]
    return (*plugins, *config.hooks, *pages, *extensions)


def options_of_content(config: MkDocsConfig) -> bytes:
    """Make a digest of all options that an article's HTML depends on."""
    options = {name: _plain(config[name]) for name in _OPTIONS_OF_CONTENT}
    icons = {path: key for path, key in _theme_files(config) if path.startswith(".icons/")}
    return fingerprint((options, icons), {})


def look_of(config: MkDocsConfig) -> bytes:
    """Make a digest of all that goes into every page: the options, and the theme's own templates."""
    options = {name: _plain(value) for name, value in config.items() if name not in _TOLD_OTHERWISE}
    theme = {name: _plain(value) for name, value in config.theme.items() if name != "locale"}
    templates = {path: key for path, key in _theme_files(config) if not path.startswith(ASSETS)}
    packages = config.theme.dirs[1:] if config.theme.custom_dir else config.theme.dirs
    return fingerprint((options, theme, str(config.theme.locale), templates, packages), {})


def _is_known(extension: str) -> bool:
    name = extension.removeprefix("markdown.extensions.")
    return name in _EXTENSIONS or (name.startswith("pymdownx.") and name not in _READERS_OF_FILES)


def _theme_files(config: MkDocsConfig) -> Iterator[tuple[str, bytes]]:
    folder = Path(config.theme.custom_dir) if config.theme.custom_dir else None
    for path in sorted(folder.rglob("*")) if folder else ():
        if path.is_file():
            yield path.relative_to(str(folder)).as_posix(), digest(path.read_bytes())


def _plain(value: Any) -> Any:
    """Turn an option into plain values; what cannot be told apart becomes what never comes again."""
    match value:
        case str():
            return str(value)
        case None | Enum() | int() | float():
            return value
        case Config() | Mapping():
            return {str(name): _plain(item) for name, item in value.items()}
        case list() | tuple():
            return tuple(_plain(item) for item in value)
        case FunctionType() | BuiltinFunctionType() | type():
            return f"{value.__module__}.{value.__qualname__}"
        case partial():
            return _plain((value.func, value.args, value.keywords))
        case PathSpec():
            return tuple((str(one.include), _pattern(one)) for one in value.patterns)
        case _:
            return os.urandom(16)


def _pattern(one: Any) -> Any:
    return one.regex.pattern if getattr(one, "regex", None) is not None else ""
