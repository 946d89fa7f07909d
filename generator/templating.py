"""What templates are shown, and where they are found."""

import copy
import os
from collections import ChainMap
from functools import partial
from pathlib import Path
from typing import Any

import jinja2
import markdown
from mkdocs.config.defaults import MkDocsConfig

from generator.configuring import ASSETS
from generator.history.comparing import compare
from generator.site.pages import Frame, Page
from generator.site.structured_data import structured_data
from generator.site.wording import Wording


class TemplateLoader(jinja2.FileSystemLoader):
    """Finds templates where they can be: not among Material's 10,000 icons, whose list nobody needs.

    What a theme publishes as it is cannot be included either, so that no page depends on it.
    """

    def get_source(self, environment: jinja2.Environment, template: str) -> Any:
        if template.startswith(ASSETS):
            raise jinja2.TemplateNotFound(template, f"{template} is an asset, which no template can include.")
        return super().get_source(environment, template)

    def list_templates(self) -> list[str]:
        found: set[str] = set()
        for folder in self.searchpath:
            for root, folders, names in os.walk(folder):
                folders[:] = [name for name in folders if not name.startswith(".")]
                inside = Path(root).relative_to(folder)
                found.update((inside / name).as_posix() for name in names)
        return sorted(found)


def is_ours(template: str | None) -> bool:
    """Whether we wrote a template: what it writes is escaped."""
    return template is not None and template.startswith("af/")


def shown(view: Page, frame: Frame, base_url: str, config: MkDocsConfig) -> dict[str, Any]:
    """Gather what a template reads besides MkDocs' own values."""
    options = config.extra.get("answerfirst") or {}
    names = options.get("name") or {}
    name = names.get(view.lang, config.site_name)
    root = (config.site_url or "").rstrip("/")
    return {
        "view": view,
        "kind": view.kind,
        "config": _in_language(config, Wording.of(view.lang)),
        "say": Wording.of(view.lang),
        "wording": Wording.of,
        "name": name,
        "root": root,
        "at": partial(_address, base_url.rstrip("/")),
        "home": frame.home,
        "category_titles": frame.category_titles,
        "compare": compare,
        "deflector": deflector_of(config),
        "structured_data": structured_data(view, site_name=name, root=root, home=frame.home),
    }


def to_html(config: MkDocsConfig, body: str) -> str:
    """Turn Markdown into HTML as the site's pages have it."""
    extensions, options = config.markdown_extensions, config.mdx_configs
    return markdown.markdown(body, extensions=extensions, extension_configs=options)


def deflector_of(config: MkDocsConfig) -> str:
    """Say where the contact form lives; "" where it shares the site's address."""
    return str((config.extra.get("answerfirst") or {}).get("deflector") or "").rstrip("/")


def _address(base_url: str, address: str) -> str:
    """Turn an address from the site's root into one from the page."""
    return base_url + address


def _in_language(config: MkDocsConfig, say: Wording) -> MkDocsConfig:
    """See the configuration as if the theme spoke only this page's language."""
    theme = {
        "language": _material_language(say.lang, config.theme.dirs),
        "lang": say.lang,
        "direction": say.direction,
    }
    seen = copy.copy(config)
    seen.data["theme"] = ChainMap(theme, config.theme)
    return seen


def _material_language(lang: str, folders: list[str]) -> str:
    """Find the nearest language that the theme has strings in."""
    near = (lang, lang.partition("-")[0])
    tables = (folder / "partials" / "languages" for folder in map(Path, folders))
    known = (one for table in tables for one in near if (table / f"{one}.html").is_file())
    return next(known, "en")
