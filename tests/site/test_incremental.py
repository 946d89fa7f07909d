"""A build that reuses what it can comes to the files of one that does everything anew, whatever happened."""

import json
import random
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from mkdocs.commands.build import build
from mkdocs.config import load_config

from generator.builds.build import FaultyArticles, build_site
from generator.builds.incremental import memory_of
from tests.site.conftest import BODY, FRONT_MATTER, ROOT, Desk

pytestmark = pytest.mark.long

CATEGORIES = ("refunds", "payments", "devices")
LANGUAGES = ("en", "es", "ar")
CONFIGURATIONS: list[dict[str, Any]] = [
    {"site_name": "Another name"},
    {"site_url": "https://help.example/below/"},
    {"extra": {"answerfirst": {"name": {"en": "Third name"}, "deflector": "https://ask.example"}}},
    {"copyright": "Nobody"},
    {"markdown_extensions": ["attr_list"]},
    {"plugins": [{"answerfirst": {"revision": "abc", "default_language": "es"}}]},
    {"validation": {"links": {"anchors": "info"}}},
]


@dataclass
class Writers:
    """Some people who work on one help centre, at random but repeatably."""

    desk: Desk
    chance: random.Random
    today: date = date(2026, 11, 22)
    articles: dict[str, dict[str, Any]] = field(default_factory=dict)
    bodies: dict[str, str] = field(default_factory=dict)
    linked: list[str] = field(default_factory=list)
    number: int = 0
    people: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {
            "maya": {"name": "Maya Lindqvist", "role": "person"},
            "jon": {"name": "Jon Reyes", "role": "person"},
            "payments": {"name": "Payments team", "role": "team"},
        }
    )
    categories: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {key: {"title": {"en": key.capitalize()}} for key in CATEGORIES}
    )

    @property
    def root(self) -> Path:
        return self.desk.folder.parent

    def begin(self) -> None:
        shutil.copytree(ROOT / "theme", self.root / "theme")
        self.configure()
        self.register("people.yml", self.people)
        self.register("categories.yml", self.categories)
        for _ in range(5):
            self.write_new()
        git("init", "-q", folder=self.root)

    def configure(self, **changed: Any) -> None:
        config = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
        config |= {"docs_dir": "kb", "plugins": [{"answerfirst": {"revision": "abc"}}], **changed}
        (self.root / "mkdocs.yml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")

    def some_text(self) -> str:
        self.number += 1
        return f"{self.chance.choice(('Copper', 'Walnut', 'Marble', 'Velvet'))} {self.number}"

    def some_article(self) -> str:
        return self.chance.choice(sorted(self.articles))

    def save(self, address: str) -> None:
        self.desk.write(address, self.bodies[address], **self.articles[address])

    def write_new(self) -> None:
        lang, category = self.chance.choice(LANGUAGES), self.chance.choice(CATEGORIES)
        self.number += 1
        address = f"{lang}/{category}/a{self.number}"
        self.articles[address] = {"title": self.some_text(), "questions": [f"What is {self.some_text()}?"]}
        self.bodies[address] = BODY
        self.save(address)

    def edit_text(self) -> None:
        self.edit_text_of(self.some_article())

    def edit_text_of(self, address: str) -> None:
        self.bodies[address] += f"\n{self.some_text()}\n"
        self.save(address)

    def edit_title(self) -> None:
        address = self.some_article()
        self.articles[address]["title"] = self.some_text()
        self.save(address)

    def bring_new_version(self) -> None:
        """Change an article in a way that readers are told of; what it said before stays in Git."""
        address = self.some_article()
        changes = self.articles[address].get("changes", FRONT_MATTER["changes"])
        version = changes[0]["version"] + 1
        entry = {"version": version, "date": date(2026, 9, 27), "by": "maya", "significance": "major"}
        self.articles[address] |= {
            "version": version,
            "changes": [{**entry, "note": self.some_text()}, *changes],
        }
        self.edit_text_of(address)

    def commit(self) -> None:
        git("add", "kb", folder=self.root)
        git(
            "-c",
            "user.name=M",
            "-c",
            "user.email=m@m",
            "commit",
            "-q",
            "--allow-empty",
            "-m",
            "x",
            folder=self.root,
        )

    def edit_heading(self) -> None:
        address = self.some_article()
        self.bodies[address] = self.bodies[address].replace("## When", f"## {self.some_text()} when")
        self.save(address)

    def edit_question(self) -> None:
        address = self.some_article()
        self.articles[address]["questions"] = [f"Where is {self.some_text()}?"]
        self.save(address)

    def hide_or_show(self) -> None:
        address = self.some_article()
        was = self.articles[address].get("audience", "public")
        self.articles[address]["audience"] = "internal" if was == "public" else "public"
        self.save(address)

    def give_old_address(self) -> None:
        address = self.some_article()
        self.number += 1
        self.articles[address]["aliases"] = self.chance.choice(([], [f"/old/{self.number}/"]))
        self.save(address)

    def link(self) -> None:
        """Link to another article; nobody vouches for this one, so that the link may lead nowhere later."""
        address, other = self.some_article(), self.some_article()
        self.articles[address] |= {"confidence": "not_validated"}
        self.bodies[address] += f"\nSee [that one](../../{other}.md) and [its end](../../{other}.md#when).\n"
        self.linked.append(other)
        self.save(address)

    def ask_the_same(self) -> None:
        address, other = self.some_article(), self.some_article()
        self.articles[address] |= {
            "confidence": "not_validated",
            "questions": self.articles[other]["questions"],
            "title": self.some_text(),
        }
        self.save(address)

    def translate(self) -> None:
        address = self.some_article()
        lang, _, rest = address.partition("/")
        other = f"{self.chance.choice(LANGUAGES)}/{rest}"
        if lang == "en" and other not in self.articles:
            self.articles[other] = {"title": self.some_text(), "questions": [f"¿{self.some_text()}?"]}
            self.bodies[other] = BODY
            self.save(other)

    def some_linked_article(self) -> str:
        linked = [address for address in self.linked if address in self.articles]
        return linked[0] if linked else self.some_article()

    def delete(self) -> None:
        if len(self.articles) > 2:
            self.remove(self.some_linked_article())

    def move(self) -> None:
        """Rename an article, or put it into another category."""
        address = self.some_linked_article()
        lang, category, name = address.split("/")
        self.number += 1
        new = self.chance.choice(
            (f"{lang}/{category}/b{self.number}", f"{lang}/{self.chance.choice(CATEGORIES)}/{name}")
        )
        if new not in self.articles:
            front, body = self.articles[address], self.bodies[address]
            self.remove(address)
            self.articles[new], self.bodies[new] = front, body
            self.save(new)

    def remove(self, address: str) -> None:
        (self.desk.folder / f"{address}.md").unlink()
        del self.articles[address], self.bodies[address]

    def name_people(self) -> None:
        """Give one person another name."""
        self.people[self.chance.choice(sorted(self.people))]["name"] = self.some_text()
        self.register("people.yml", self.people)

    def name_category(self) -> None:
        """Change one category, or the order of all."""
        category = self.categories[self.chance.choice(CATEGORIES)]
        match self.chance.randrange(4):
            case 0:
                category["icon"] = self.chance.choice(("cash", "devices", "credit-card"))
            case 1:
                category["title"] = {"en": self.some_text(), "es": self.some_text()}
            case 2:
                category["summary"] = self.some_text()
            case _:
                keys = self.chance.sample(CATEGORIES, len(CATEGORIES))
                self.categories = {key: self.categories[key] for key in keys}
        self.register("categories.yml", self.categories)

    def name_synonyms(self) -> None:
        self.register("synonyms.yml", {"en": [[self.some_text(), self.some_text()]]})

    def register(self, name: str, content: object) -> None:
        self.desk.folder.mkdir(parents=True, exist_ok=True)
        text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
        (self.desk.folder / name).write_text(text, encoding="utf-8")

    def change_configuration(self, changed: dict[str, Any]) -> None:
        self.number += 1
        self.configure(**changed)

    def change_theme(self) -> None:
        name = self.chance.choice(
            ("af/article.html", "af/home.html", "af/pieces.html", "main.html", "af/mark.html")
        )
        path = self.root / "theme" / name
        path.write_text(
            path.read_text(encoding="utf-8") + f"\n{{# {self.some_text()} #}}{self.number}\n",
            encoding="utf-8",
        )

    def change_asset(self) -> None:
        path = self.root / "theme" / "assets" / "answerfirst" / "site.css"
        path.write_text(path.read_text(encoding="utf-8") + f"/* {self.some_text()} */\n", encoding="utf-8")

    def place_picture(self) -> None:
        path = self.desk.folder / "en" / "refunds" / "button.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\x89PNG" + self.chance.randbytes(4))

    def place_icon(self) -> None:
        path = self.root / "theme" / ".icons" / "material" / self.chance.choice(("cash.svg", "magnify.svg"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'<svg viewBox="0 0 1 {self.number}"/>', encoding="utf-8")

    def let_time_pass(self) -> None:
        self.today += timedelta(days=200)

    def fail(self) -> None:
        """Try to build with a fault in an article, then mend it."""
        address = self.some_article()
        self.articles[address]["type"] = "poem"
        self.save(address)
        with pytest.raises(FaultyArticles):
            self.build()
        del self.articles[address]["type"]
        self.save(address)

    def meddle_with_the_site(self) -> None:
        """Take away a page, write into another, and leave a file of one's own."""
        pages = sorted((self.root / "build" / "site").rglob("*.html"))
        if pages:
            taken, written = self.chance.sample(pages, 2)
            taken.rename(f"{taken}.bak")
            written.write_bytes(b"x" * written.stat().st_size)

    def lose_the_site(self) -> None:
        shutil.rmtree(self.root / "build", ignore_errors=True)

    def damage_the_memory(self) -> None:
        memory = memory_of(self.root / "mkdocs.yml")
        if not memory.exists():
            return
        data = bytearray(memory.read_bytes())
        match self.chance.randrange(4):
            case 0:
                memory.unlink()
            case 1:
                memory.write_bytes(b"not a database at all")
            case 2:
                memory.write_bytes(data[: len(data) // 2])
            case _:
                for _ in range(200):
                    data[self.chance.randrange(len(data))] = self.chance.randrange(256)
                memory.write_bytes(data)

    def build(self) -> None:
        build_site(self.root / "mkdocs.yml", self.root / "build", today=self.today)

    def build_with_mkdocs_alone(self) -> Path:
        out = self.root / "cold"
        shutil.rmtree(out, ignore_errors=True)
        config = load_config(str(self.root / "mkdocs.yml"), site_dir=str(out / "site"), strict=False)
        config.plugins["answerfirst"].config.update({"today": self.today.isoformat()})
        config.plugins.on_startup(command="build", dirty=False)
        build(config)
        return out


def git(*words: str, folder: Path) -> None:
    subprocess.run(["git", *words], cwd=folder, check=True)


def files(folder: Path) -> dict[str, bytes]:
    """Read what a build wrote, but for the moment at which it did."""
    found = {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }
    for name in ("catalogue.json", "audit.json"):
        found[name] = json.dumps(json.loads(found[name]) | {"generated_at": ""}).encode()
    return found


def differences(some: dict[str, bytes], others: dict[str, bytes]) -> list[str]:
    return sorted(name for name in some.keys() | others.keys() if some.get(name) != others.get(name))


def deck(writers: Writers) -> list[Callable[[], None]]:
    """Everything that somebody may do, each deed at least once."""
    deeds: list[Callable[[], None]] = [
        *(writers.write_new, writers.edit_text, writers.edit_title, writers.edit_heading),
        *(writers.ask_the_same, writers.ask_the_same, writers.edit_question, writers.hide_or_show),
        *(writers.commit, writers.bring_new_version, writers.commit, writers.bring_new_version),
        *(writers.give_old_address, writers.link, writers.link),
        *(writers.translate, writers.translate, writers.delete, writers.move, writers.move),
        *(writers.name_people, writers.name_category, writers.name_category, writers.name_category),
        *(writers.name_synonyms, writers.change_theme, writers.change_asset, writers.place_picture),
        *(writers.place_icon, writers.let_time_pass, writers.fail, writers.meddle_with_the_site),
        *(writers.meddle_with_the_site, writers.lose_the_site, writers.damage_the_memory),
        *(partial(writers.change_configuration, changed) for changed in CONFIGURATIONS),
    ]
    writers.chance.shuffle(deeds)
    return deeds


@pytest.mark.parametrize("seed", range(2))
def test_what_is_reused_is_what_would_be_made_anew(tmp_path: Path, seed: int) -> None:
    writers = Writers(desk=Desk(folder=tmp_path / "kb"), chance=random.Random(seed))
    writers.begin()
    deeds, done = deck(writers), []
    writers.build()
    while deeds:
        for _ in range(writers.chance.randint(1, 5)):
            if deeds:
                deed = deeds.pop()
                deed()
                done.append(str(deed))
        writers.build()
        done.append("build")

        cold = writers.build_with_mkdocs_alone()

        assert differences(files(tmp_path / "build"), files(cold)) == [], done
