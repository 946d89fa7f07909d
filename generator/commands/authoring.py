"""The commands that write: new, import."""

from datetime import date
from pathlib import Path

import click

from generator.articles.article import Article
from generator.articles.drafts import DRAFT_BODY, author, draft, similar, translation
from generator.articles.knowledge_base import KnowledgeBase
from generator.articles.languages import is_language
from generator.articles.locating import Place, as_typed
from generator.articles.writing import front_matter, slug
from generator.audit import check
from generator.commands.options import format_option, kb_option, load, today_option
from generator.commands.output import as_json
from generator.history.git import GitUnavailable, Repository
from generator.importing.folders import import_folder
from generator.importing.placing import GENERAL
from generator.importing.report import as_data, as_markdown, summary


@click.command("new", short_help="Begin an article, or a translation of one.")
@click.argument("title")
@click.option("--category", metavar="C", help="A key of categories.yml. [default: the first of them]")
@click.option("--lang", metavar="LANG", help="The language. [default: that of the site]")
@click.option("--translates", metavar="ID", help="Begin the translation of an article into --lang.")
@click.option("--by", metavar="NAME", help="Who writes it, a key of people.yml. [default: as Git knows you]")
@kb_option
@today_option
def new_command(
    title: str,
    category: str | None,
    lang: str | None,
    translates: str | None,
    by: str | None,
    place: Place,
    today: date,
) -> None:
    """Begin an article: a draft with complete front matter, in its place, that passes every check.

    \b
    kb new "Get a refund for a game" --category refunds
    kb new "Pide un reembolso" --lang es --translates refund-for-a-game

    A translation has the id of its original, and its text to begin with. Prints the path of the new file.
    Nothing that exists is overwritten.
    """
    base = load(place)
    title = " ".join(title.split())
    if not title or not title.isprintable():
        raise click.BadParameter(
            "A title is a line of text, e.g. Get a refund for a game.", param_hint="TITLE"
        )
    lang = lang or base.default_language
    if not is_language(lang):
        raise click.BadParameter(
            f'"{lang}" is no language code. Write e.g. en or pt-BR.', param_hint="--lang"
        )
    original = _original(base, translates, lang, category) if translates else None
    category = original.category if original else _category(base, category)
    id_ = original.id if original else slug(title)
    file = base.folder / lang / category / f"{id_}.md"
    if taken := base.by_id.get((lang, id_)):
        advice = "Change that file instead." if original else "Choose another title."
        raise click.ClickException(f"{base.spoken_path(taken.path)} exists already. {advice}")
    by = by or author(base, _user(base))
    values = draft(base, title=title, id=id_, category=category, by=by, today=today)
    body = f"\n{DRAFT_BODY}"
    if original is not None:
        values, body = translation(values, original), original.body
    if base.people and by not in base.people:
        click.echo(f'people.yml does not name "{by}", who begins it. Add them there, or say --by.', err=True)
    alike = similar(base, title)
    _create(file, front_matter(values) + body)
    click.echo(file.as_posix())
    for article in alike:
        click.echo(f"Close to it: {base.spoken_path(article.path)} ({article.title})", err=True)
    click.echo(
        f"{values['owner']} answers for it. It is a draft: no reader sees it before you change confidence.",
        err=True,
    )


@click.command("import", short_help="Take over Markdown from another system.")
@click.argument("source", metavar="FROM", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--into",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("kb/en"),
    show_default=True,
    help="<knowledge base>/<language>.",
)
@click.option(
    "--report",
    "report_file",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the report goes. [default: import-report.md beside the knowledge base]",
)
@click.option("--hold-drafts", is_flag=True, help="Leave unpublished what the source calls a draft.")
@format_option("text", "json")
@today_option
def import_command(
    source: Path, into: Path, report_file: Path | None, hold_drafts: bool, form: str, today: date
) -> None:
    """Take over a folder of Markdown from another system: Zendesk exports, Hugo, Docusaurus, or plain files.

    \b
    kb import ../old-help                 into kb/en
    kb import ../alte-hilfe --into kb/de  another language
    kb import ../old-help --format json   the report, for a program

    Bodies stay as they are, byte for byte. Ids become unique slugs, folders become categories, and every
    article is not_validated and unassigned until somebody vouches for it. The report says what could not be
    known. Run it twice, and the second run leaves out what is there.
    """
    into = as_typed(into)
    _look_at_folders(source, into)
    try:
        report = import_folder(source, into, today=today, hold_drafts=hold_drafts)
        base = KnowledgeBase.load(into.parent)
        taken = {base.spoken_path(one.article.path) for one in report.taken}
        findings = [finding for finding in check(base, today=today) if finding.path in taken]
        if form == "json":
            click.echo(as_json(as_data(report, findings)))
            return
        target = report_file or as_typed(into.parent.absolute().parent / "import-report.md")
        if report.taken or report_file:  # a second run, which finds everything there, keeps the first report
            target.write_text(as_markdown(report, findings), encoding="utf-8")
    except OSError as exc:
        where = exc.filename or into
        raise click.ClickException(
            f"{where}: cannot be written ({(exc.strerror or str(exc)).lower()})."
        ) from None
    click.echo(summary(report, findings))
    if target.is_file():
        click.echo(f"The whole report: {target}")


def _category(base: KnowledgeBase, name: str | None) -> str:
    if name is None:
        return next(iter(base.categories), GENERAL)
    is_named = "categories.yml" in base.files
    if (is_named and name not in base.categories) or slug(name) != name:
        known = ", ".join(base.categories) or "none yet"
        raise click.BadParameter(
            f'There is no category "{name}". There are: {known}.', param_hint="--category"
        )
    return name


def _original(base: KnowledgeBase, id: str, lang: str, category: str | None) -> Article:  # noqa: A002
    """Find what is to be translated; end the command where that makes no sense."""
    original = base.by_id.get((base.default_language, id))
    if original is None:
        message = f'There is no {base.default_language} article "{id}". Write the id as its file is named.'
        raise click.BadParameter(message, param_hint="--translates")
    if lang == base.default_language:
        message = f"The original is in {lang}. Name the language of the translation, e.g. --lang es."
        raise click.BadParameter(message, param_hint="--lang")
    if category not in (None, original.category):
        message = f"A translation lies where its original does: {original.category}. Leave the option out."
        raise click.BadParameter(message, param_hint="--category")
    return original


def _user(base: KnowledgeBase) -> str:
    try:
        return Repository.around(base.folder).user()
    except GitUnavailable:
        return ""


def _create(file: Path, content: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8", newline="\n") as handle:
            handle.write(content)
    except FileExistsError:
        raise click.ClickException(f"{file} exists already. Choose another title.") from None
    except OSError as exc:
        raise click.ClickException(
            f"{file}: cannot be written ({(exc.strerror or str(exc)).lower()})."
        ) from None


def _look_at_folders(source: Path, into: Path) -> None:
    if not is_language(into.name):
        message = f'"{into}" does not end in a language code. Write <knowledge base>/<language>, e.g. kb/en.'
        raise click.BadParameter(message, param_hint="--into")
    here, there = source.resolve(), into.parent.resolve()
    if here.is_relative_to(there) or there.is_relative_to(here):
        message = f"{source} and {into.parent} lie in each other. Import from a folder elsewhere."
        raise click.BadParameter(message, param_hint="FROM")


COMMANDS = (new_command, import_command)
