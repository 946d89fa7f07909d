"""The command `kb`."""

import click

from generator.commands import auditing, authoring, inspecting, publishing, tending


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="answerfirst", prog_name="kb")
def main() -> None:
    """Write, check and publish a help centre that is kept in Git.

    \b
    kb new "Get a refund for a game" --category refunds
    kb watch                 see it while you write
    kb check                 hear what is wrong, and what to do
    kb build                 make the site and the catalogue

    `kb COMMAND --help` has more examples.
    """


for command in (
    *authoring.COMMANDS,
    *inspecting.COMMANDS,
    *auditing.COMMANDS,
    *publishing.COMMANDS,
    *tending.COMMANDS,
):
    main.add_command(command)
