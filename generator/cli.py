"""The command `kb`."""

from importlib import import_module
from typing import Final

import click

_ROOMS: Final = {
    "authoring": ("new", "import"),
    "inspecting": ("check", "history"),
    "auditing": ("audit", "review", "remind"),
    "publishing": ("build", "watch"),
    "tending": ("schema", "owners"),
}
"""Which module of generator.commands has which commands: only that of the command that is run is loaded."""


class _Commands(click.Group):
    """Loads a command when it is asked for; loading all of them takes longer than many a command."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - as Click calls it
        return sorted(name for names in _ROOMS.values() for name in names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        for room, names in _ROOMS.items():
            if cmd_name in names:
                commands = import_module(f"generator.commands.{room}").COMMANDS
                return next((one for one in commands if one.name == cmd_name), None)
        return None


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
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
