"""Which pages must be rendered anew, and which are as they were.

**How a page declares what it depends on: by what it can see.** A template is given three things and no more:
the view of its page (a dataclass of generator/site/pages.py), the frame of its language, and the HTML of its
article. The key under which a page is remembered is a digest of exactly these, of the configuration, of every
file of the theme's own folder, and of the programs (our code, the installed packages, Python). So a page that
shows something new carries it in its view, as a field: dates, titles, counts, versions, whatever it is. What
a field may hold, cache/fingerprints.py says; a value that could change unseen is refused at once. The article
that a page is about counts as the bytes of its file, any other article as its face (builds/faces.py). What a
view cannot hold, such as the clock or the site engine's other pages, is kept from templates altogether.

Laying out a page takes longer than looking it up, so its key is remembered too: under a digest of the file of
its article and of everything that the site is laid out from, the faces of all articles among it.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from generator.articles.article import Article
from generator.cache.fingerprints import fingerprint
from generator.cache.memory import Memory, digest, packed, unpacked
from generator.sections import Section
from generator.site.layout import Site
from generator.site.pages import ArticlePage, Frame, Page

CONTENTS: Final = "contents"
BATCH: Final = 64
"""So many rendered pages are written down together."""
_LEVEL: Final = 1
"""How hard pages are compressed: 1 is the quickest, and HTML shrinks to a fourth by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """An entry of a page's contents; `title` is HTML."""

    title: str
    id: str
    level: int
    children: "tuple[Heading, ...]" = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What stands in a page's frame: the article as HTML. `heading` is the id of the page's title."""

    html: str
    heading: str
    headings: tuple[Heading, ...] = ()
    sections: tuple[Section, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump:
    """A link to a place in a page: the page's file, the id there, and the link as it was written."""

    path: str
    anchor: str
    written: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is to be known of a rendered article without its HTML.

    `asked` has the files that rendering looked for and whether they were there; `warnings` are those of the
    site engine.
    """

    digest: bytes
    asked: tuple[tuple[str, bool], ...] = ()
    anchors: frozenset[str] = frozenset()
    jumps: tuple[Jump, ...] = ()
    warnings: tuple[str, ...] = ()


class Engine(Protocol):
    """What turns Markdown into HTML and a view into a page: the one part that knows the site engine.

    `content_stamp` and `page_stamp` are digests of all that goes into every article, and into every page.
    """

    content_stamp: bytes
    page_stamp: bytes

    def has(self, path: str) -> bool:
        """Whether the site has a file of this path."""
        ...

    def content(self, article: Article) -> tuple[Content, Facts]: ...

    def page(self, view: Page, frame: Frame, content: Content) -> str: ...

    @property
    def nothing(self) -> Content:
        """The content of pages that no article stands for."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A page to be rendered; with its content where that is as it was."""

    path: str
    file: str
    view: Page
    content: Content | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamps:
    """Digests that stand for articles, by their paths: of their files, and of their faces.

    `around` is a digest of all that the site is laid out from, but for what stands in an article's text.
    """

    files: Mapping[str, bytes]
    faces: Mapping[str, bytes]
    around: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A rendered page, compressed; with its content where that was rendered too."""

    page: bytes
    content: Content | None
    facts: Facts | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A page of the site: the file that it becomes, its key, and its bytes where they were asked for."""

    file: str
    key: bytes
    html: bytes | None


Crew = Callable[[Callable[[Job], Done], list[Job]], Iterator[tuple[int, Done]]]
"""Does all the jobs, in any order, perhaps on several cores; each comes back with its number."""
Progress = Callable[[int, int], None]
"""Hears how many pages of how many have been rendered."""


class Renderer:
    """Renders the pages of a site, from memory where it can.

    `view_of` lays out the page of a file; `pile` names the pages of one way of building, so that a preview
    and a build do not throw away each other's.
    """

    def __init__(
        self,
        *,
        site: Site,
        stamps: Stamps,
        engine: Engine,
        view_of: Callable[[str], Page],
        memory: Memory,
        pile: str,
    ) -> None:
        self._site, self._stamps, self._engine, self._view_of = site, stamps, engine, view_of
        self._memory, self._pile = memory, pile
        self._drawer = memory.drawer("facts")
        self._known_keys = memory.drawer(f"keys of {pile}")
        self._around = digest(engine.page_stamp, stamps.around)
        self.facts: dict[str, Facts] = {}
        """What is known of each rendered article, by its path."""
        self._keys: set[bytes] = set()
        self._frames = {
            lang: (frame, fingerprint(frame, stamps.faces))
            for lang, frame in ((lang, site.frame(lang)) for lang in site.languages)
        }

    def render(
        self,
        pages: Iterable[tuple[str, str]],
        *,
        is_current: Callable[[str, bytes], bool],
        crew: Crew,
        progress: Progress,
    ) -> Iterator[Printed]:
        """Give out every page; its bytes only where its file is not `is_current` under its key already.

        `pages` are named by the file that each is made of, an article's or one that MkDocs is made to believe
        in, and the file that it becomes.
        """
        jobs = []
        for path, file in pages:
            printed = self._remembered(path, file, is_current)
            if printed is not None:
                yield printed
            else:
                view = self._view_of(path)
                jobs.append(Job(path=path, file=file, view=view, content=self._content_of(view)))
        progress(0, len(jobs))
        batch: list[tuple[Job, Done]] = []
        for count, (number, done) in enumerate(crew(self._work, jobs) if jobs else (), start=1):
            batch.append((jobs[number], done))
            progress(count, len(jobs))
            if len(batch) == BATCH or count == len(jobs):
                yield from self._written_down(batch)
                batch = []

    def finish(self) -> None:
        """Forget what no page of this site needs any more."""
        self._memory.keep_sheets(self._pile, self._keys)
        self._memory.keep_sheets(CONTENTS, {facts.digest for facts in self.facts.values()})

    def content(self, article: Article) -> Content:
        """Give out the content of a rendered article."""
        return self._content_at(self.facts[article.path]) or self._engine.content(article)[0]

    def _remembered(self, path: str, file: str, is_current: Callable[[str, bytes], bool]) -> Printed | None:
        key = self._known_key(path)
        if key is None:
            return None
        html = None
        if not is_current(file, key):
            sheet = self._memory.sheet(self._pile, key)
            if sheet is None:
                return None
            html = zlib.decompress(sheet)
        self._keys.add(key)
        return Printed(file=file, key=key, html=html)

    def _known_key(self, path: str) -> bytes | None:
        """Say under which key a page is remembered; None where its article must be rendered to know that."""
        if path not in self._stamps.files:
            return self._key(self._view_of(path), _NO_FACTS)
        facts: Facts | None = self._drawer.get(path, self._content_key(path))
        if facts is None or any(self._engine.has(other) is not was for other, was in facts.asked):
            return None
        self.facts[path] = facts
        key: bytes | None = self._known_keys.get(path, self._seen_by(path, facts))
        return key or self._key_of_article(path, self._view_of(path), facts)

    def _content_key(self, path: str) -> bytes:
        return digest(self._engine.content_stamp, self._stamps.files[path])

    def _seen_by(self, path: str, facts: Facts) -> bytes:
        """Make a digest of all that the page of an article can depend on."""
        return digest(self._around, self._stamps.files[path], facts.digest)

    def _key_of_article(self, path: str, view: Page, facts: Facts) -> bytes:
        key = digest(self._key(view, facts), self._stamps.files[path])
        self._known_keys.put(path, self._seen_by(path, facts), key)
        return key

    def _key(self, view: Page, facts: Facts) -> bytes:
        frame = self._frames[view.lang][1]
        return digest(self._engine.page_stamp, fingerprint(view, self._stamps.faces), frame, facts.digest)

    def _content_of(self, view: Page) -> Content | None:
        if not isinstance(view, ArticlePage):
            return self._engine.nothing
        facts = self.facts.get(view.article.path)
        return self._content_at(facts) if facts else None

    def _content_at(self, facts: Facts) -> Content | None:
        sheet = self._memory.sheet(CONTENTS, facts.digest)
        content = unpacked(zlib.decompress(sheet)) if sheet else None
        return content if isinstance(content, Content) else None

    def _work(self, job: Job) -> Done:
        """Render one page; runs in another process where there are several cores."""
        content, facts = job.content, None
        if content is None and isinstance(job.view, ArticlePage):
            content, facts = self._engine.content(job.view.article)
        html = self._engine.page(job.view, self._frames[job.view.lang][0], content or self._engine.nothing)
        page = zlib.compress(html.encode("utf-8", "xmlcharrefreplace"), _LEVEL)
        return Done(page=page, content=content if facts else None, facts=facts)

    def _written_down(self, batch: Iterable[tuple[Job, Done]]) -> Iterator[Printed]:
        contents, pages, printed = [], [], []
        for job, done in batch:
            path = job.path
            if path not in self._stamps.files:
                key = self._key(job.view, _NO_FACTS)
            else:
                if done.facts is not None:
                    contents.append((done.facts.digest, zlib.compress(packed(done.content), _LEVEL)))
                    self.facts[path] = done.facts
                    self._drawer.put(path, self._content_key(path), done.facts)
                key = self._key_of_article(path, job.view, self.facts[path])
            self._keys.add(key)
            pages.append((key, done.page))
            printed.append(Printed(file=job.file, key=key, html=zlib.decompress(done.page)))
        self._memory.add_sheets(CONTENTS, contents)
        self._memory.add_sheets(self._pile, pages)
        return iter(printed)


_NO_FACTS: Final = Facts(digest=b"")


def with_digest(content: Content, **facts: Any) -> tuple[Content, Facts]:
    """Put a content beside what is known of it."""
    return content, Facts(digest=fingerprint(content, {}), **facts)
