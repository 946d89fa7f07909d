"""The lists beside the articles: who answers for them, how they are grouped, which words mean the same."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from generator.articles.languages import DEFAULT_LANGUAGE
from generator.articles.yaml_tree import Fault, Place, Tree, Value

Synonyms = Mapping[str, tuple[tuple[str, ...], ...]]
"""Groups of words that mean the same, by language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A group of articles, as categories.yml names it; titles and summaries are by language."""

    key: str
    icon: str = ""
    titles: Mapping[str, str] = field(default_factory=dict)
    summaries: Mapping[str, str] = field(default_factory=dict)
    default_language: str = DEFAULT_LANGUAGE

    def title(self, lang: str) -> str:
        """Name the category in a language, else in the default one, else after its key."""
        spoken = self.key.replace("-", " ").replace("_", " ").capitalize()
        return self.titles.get(lang) or self.titles.get(self.default_language) or spoken

    def summary(self, lang: str) -> str:
        """Describe the category in a language, else in the default one; "" where nothing is written."""
        return self.summaries.get(lang) or self.summaries.get(self.default_language) or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """Something that articles apply to, with its newest release."""

    key: str
    name: str
    version: str
    released: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who answers for articles: a person, or a team."""

    key: str
    name: str
    is_team: bool = False
    email: str | None = None
    github: str | None = None
    """The name of the account or team on GitHub, e.g. @playdeck/payments."""


class Register:
    """Reads one of the lists entry by entry and gathers what is wrong with it."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self.faults: list[Fault] = []

    def people(self) -> dict[str, Person]:
        """Read people.yml: `maya: {name: Maya Lindqvist, role: person, email: …}`; role is person or team."""
        people = {}
        for key, entry in self._entries(
            {"name", "role", "email", "github"}, "maya: {name: Maya Lindqvist, role: person}"
        ):
            name, role, email, github = (
                self._text(entry, (key, part)) for part in ("name", "role", "email", "github")
            )
            if role not in ("", "person", "team"):
                self._report((key, "role"), f"'role' is \"{role}\". Write person or team.")
            people[key] = Person(
                key=key, name=name or key, is_team=role == "team", email=email or None, github=github or None
            )
        return people

    def categories(self, default_language: str) -> dict[str, Category]:
        """Read categories.yml in its order; title and summary are text, or text by language."""
        categories = {}
        for key, entry in self._entries(
            {"icon", "title", "summary"}, "refunds: {icon: cash, title: {en: Refunds}}"
        ):
            categories[key] = Category(
                key=key,
                icon=self._text(entry, (key, "icon")),
                titles=self._by_language(entry, (key, "title"), default_language),
                summaries=self._by_language(entry, (key, "summary"), default_language),
                default_language=default_language,
            )
        return categories

    def products(self) -> dict[str, Product]:
        """Read products.yml: `app: {name: Playdeck app, version: "5.0", released: 2026-11-10}`."""
        products = {}
        for key, entry in self._entries(
            {"name", "version", "released"}, 'app: {version: "5.0", released: 2026-11-10}'
        ):
            name, version, day = (self._text(entry, (key, part)) for part in ("name", "version", "released"))
            try:
                released = date.fromisoformat(day)
            except ValueError:
                advice = "Write the day of the newest release, e.g. 2026-11-10."
                self._report((key, "released"), f"'released' is \"{day}\". {advice}")
                continue
            products[key] = Product(key=key, name=name or key, version=version, released=released)
        return products

    def jargon(self) -> dict[str, str]:
        """Read jargon.yml: `SKU: Write product number.`"""
        found = {}
        for word, advice in self._tree.values.items():
            if isinstance(advice, str) and advice.strip():
                found[word.casefold()] = advice.strip()
            else:
                self._report((word,), f"'{word}' has no advice. Write e.g. SKU: Write product number.")
        return found

    def synonyms(self) -> Synonyms:
        """Read synonyms.yml: by language, a list of groups such as `[refund, money back]`."""
        found = {}
        for lang, groups in self._tree.values.items():
            if groups == "":
                continue
            if not isinstance(groups, list):
                self._report(
                    (lang,), f"'{lang}' is no list. Write one '- [refund, money back]' a line below it."
                )
                continue
            found[lang] = tuple(self._groups(lang, groups))
        return found

    def _groups(self, lang: str, groups: list[Value]) -> Iterator[tuple[str, ...]]:
        for number, group in enumerate(groups):
            words = (
                [word.strip() for word in group if isinstance(word, str)] if isinstance(group, list) else []
            )
            if len([word for word in words if word]) < 2 or len(words) != len(group):
                self._report(
                    (lang, number), "A group needs two words or more. Write e.g. - [refund, money back]."
                )
                continue
            yield tuple(words)

    def _entries(self, known: set[str], example: str) -> Iterator[tuple[str, Mapping[str, Value]]]:
        for key, entry in self._tree.values.items():
            if not isinstance(entry, dict):
                self._report((key,), f"'{key}' has no keys of its own. Write e.g. {example}.")
                continue
            for name in sorted(entry.keys() - known):
                message = f"'{name}' is not a known key. The known keys are: {', '.join(sorted(known))}."
                self._report((key, name), message, rule="unknown-key")
            yield key, entry

    def _text(self, entry: Mapping[str, Value], place: tuple[str, str]) -> str:
        value = entry.get(place[1], "")
        if isinstance(value, str):
            return value.strip()
        self._report(place, f"'{place[1]}' is not text. Write one line of text.")
        return ""

    def _by_language(
        self, entry: Mapping[str, Value], place: tuple[str, str], default_language: str
    ) -> dict[str, str]:
        value = entry.get(place[1], "")
        if isinstance(value, dict):
            return {
                lang: text.strip() for lang, text in value.items() if isinstance(text, str) and text.strip()
            }
        text = self._text(entry, place)
        return {default_language: text} if text else {}

    def _report(self, place: Place, message: str, *, rule: str = "register") -> None:
        line = next(
            (self._tree.lines[place[:n]] for n in range(len(place), 0, -1) if place[:n] in self._tree.lines),
            1,
        )
        self.faults.append(Fault(line=line, rule=rule, message=message))
