"""Knowledge bases of a few articles, written to disk and built by the real MkDocs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
import yaml
from mkdocs.commands.build import build
from mkdocs.config import load_config

from generator.articles.knowledge_base import KnowledgeBase
from generator.site.layout import Site

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 22)
FRONT_MATTER = {
    "summary": "Ask for your money back within 14 days if you played less than two hours.",
    "questions": ["How do I get my money back?"],
    "type": "how_to",
    "audience": "public",
    "confidence": "validated",
    "owner": "payments",
    "reviewed_on": date(2026, 10, 1),
    "reviewed_by": "jon",
    "review_every": "6 months",
    "applies_to": ["web", "app >= 4.2"],
    "sources": [],
    "aliases": [],
    "tags": ["money"],
    "version": 1,
    "changes": [
        {
            "version": 1,
            "date": date(2026, 9, 26),
            "by": "maya",
            "significance": "major",
            "note": "First version",
        }
    ],
}
BODY = """
You can return a game within 14 days of buying it if you played it for less than two hours. You need no reason
for it, and the money goes back the way it came.

## Ask for the refund

1. Open the orders on your account page.
2. Select the order, then the refund. Type why, if you like.

## When the money arrives

The money arrives within five working days. A bank may need two days more than that to show it to you.
"""


class Written(yaml.SafeDumper):
    """Writes YAML as a person does: a value that comes twice is written twice."""

    def ignore_aliases(self, data: object) -> bool:
        return True


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A writer's folder."""

    folder: Path

    def write(self, address: str, body: str = BODY, **changed: object) -> None:
        """Write the article of an address such as "en/payments/refund"; `changed` replaces front matter."""
        lang, category, name = address.split("/")
        front: dict[str, object] = {
            "id": name,
            "title": name.replace("-", " ").capitalize(),
            "category": category,
        }
        if lang != "en" and (self.folder / "en" / category / f"{name}.md").exists():
            front["translation_of_version"] = 1
        values = {**front, **FRONT_MATTER, "questions": [f"What about {address}?"], **changed}
        path = self.folder / f"{address}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = yaml.dump(values, Dumper=Written, allow_unicode=True, sort_keys=False)
        path.write_text(f"---\n{text}---\n{body}", encoding="utf-8")

    def registers(self) -> None:
        people = {
            "maya": {"name": "Maya Lindqvist", "role": "person"},
            "jon": {"name": "Jon Reyes", "role": "person"},
            "payments": {"name": "Payments team", "role": "team"},
        }
        categories = {
            "refunds": {"icon": "cash-refund", "title": {"en": "Refunds", "es": "Reembolsos"}},
            "payments": {"icon": "credit-card", "title": {"en": "Payments", "es": "Pagos"}},
        }
        for name, content in (("people", people), ("categories", categories)):
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / f"{name}.yml").write_text(
                yaml.safe_dump(content, sort_keys=False), encoding="utf-8"
            )

    def base(self) -> KnowledgeBase:
        base = KnowledgeBase.load(self.folder)
        assert not base.findings, base.findings
        return base

    def site(self, **options: object) -> Site:
        return Site(base=self.base(), today=TODAY, **options)  # type: ignore[arg-type]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(folder=tmp_path / "kb")
    desk.registers()
    return desk


@pytest.fixture
def build_site(desk: Desk, tmp_path: Path) -> Callable[..., Path]:
    """Build the desk's folder with the project's own mkdocs.yml; returns the folder of the site."""

    def run(*, for_preview: bool = False, **options: object) -> Path:
        site = tmp_path / "build" / "site"
        config = load_config(str(ROOT / "mkdocs.yml"), docs_dir=str(desk.folder), site_dir=str(site))
        config.plugins["answerfirst"].config.update({"today": TODAY.isoformat(), "featured": [], **options})
        config.plugins.on_startup(command="serve" if for_preview else "build", dirty=False)
        build(config)
        return site

    return run
