"""Who is asked to look at a pull request, as GitHub reads it (GitHub Docs, "About code owners")."""

from collections import Counter, defaultdict
from typing import Final

from generator.articles.article import Article
from generator.articles.knowledge_base import KnowledgeBase

FIRST: Final = (
    "# Made by `kb owners` from the owners of the articles; what stands between these lines is made anew."
)
LAST: Final = "# End of what `kb owners` made."


def code_owners(base: KnowledgeBase) -> str:
    """Write a line for each folder with the owner of most of its articles, and one for each exception.

    The last line that fits a path counts, so folders stand before the files in them.
    """
    folders: dict[str, list[Article]] = defaultdict(list)
    for article in base.articles:
        folders[article.path.rpartition("/")[0]].append(article)
    lines = []
    for folder, articles in sorted(folders.items()):
        most = Counter(article.owner for article in articles).most_common(1)[0][0]
        if handle := _handle(base, most):
            lines.append(f"/{_escaped(base.spoken_path(folder))}/ {handle}")
        lines.extend(
            f"/{_escaped(base.spoken_path(article.path))} {handle}"
            for article in articles
            if article.owner != most and (handle := _handle(base, article.owner))
        )
    return "\n".join([FIRST, *lines, LAST, ""])


def merged(there: str, made: str) -> str:
    """Put what was made where it stood before; below everything else the first time."""
    before, first, rest = there.partition(FIRST)
    if not first:
        return f"{there.rstrip()}\n\n{made}" if there.strip() else made
    return before + made.rstrip("\n") + rest.partition(LAST)[2]


def nameless(base: KnowledgeBase) -> tuple[str, ...]:
    """List the owners whom GitHub cannot be told of."""
    owners = dict.fromkeys(article.owner for article in base.articles)
    return tuple(owner for owner in owners if not _handle(base, owner))


def _handle(base: KnowledgeBase, owner: str) -> str:
    person = base.people.get(owner)
    return (person.github or person.email or "") if person else ""


def _escaped(path: str) -> str:
    return path.replace("\\", "\\\\").replace(" ", "\\ ")
