"""`deflector user` and `deflector token`: who may see the figures."""

import click

from deflector.app import utc_now
from deflector.commands.environment import Failure, open_store, read_settings, said_in_a_sentence
from deflector.roles import StaffRole
from deflector.staff import NotAllowed, StaffDoor
from deflector.store.staff import NameTaken


@click.group()
def user() -> None:
    """Look after those who may sign in at /admin."""


@user.command("add")
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice([role.value for role in StaffRole]),
    default=StaffRole.VIEWER.value,
    show_default=True,
    help="A viewer reads; a lead also decides what to do about gaps.",
)
@click.option("--password", help="Asked for when it is not given.")
@click.option(
    "--no-password",
    is_flag=True,
    help="Only a proxy signs them in (DEFLECTOR_LOGIN_HEADER, docs/operating.md).",
)
@said_in_a_sentence
def add(name: str, role: str, password: str | None, *, no_password: bool) -> None:
    """Give somebody an account.

    \b
    deflector user add maya --role lead
    deflector user add jon@example.com --no-password
    """
    if no_password and password:
        raise click.UsageError("--password and --no-password do not go together.")
    if password is None and not no_password:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    try:
        _door().add(name, password, StaffRole(role))
    except NotAllowed as exc:
        raise Failure(str(exc)) from None
    except NameTaken:
        raise Failure(
            f"{name} has an account already. A new password: deflector user password {name}"
        ) from None
    click.echo(f"{name} may sign in at /admin as a {role}.")


@user.command("password")
@click.argument("name")
@click.password_option(help="Asked for when it is not given.")
@said_in_a_sentence
def change_password(name: str, password: str) -> None:
    """Set a new password; whoever is signed in with the old one is signed out."""
    try:
        changed = _door().change_password(name, password)
    except NotAllowed as exc:
        raise Failure(str(exc)) from None
    if not changed:
        raise Failure(f"{name} has no account. Make one: deflector user add {name}")
    click.echo(f"{name} has a new password.")


@user.command("remove")
@click.argument("name")
@said_in_a_sentence
def remove(name: str) -> None:
    """Take an account away, with its sessions."""
    with open_store(read_settings()).writing() as tx:
        if not tx.staff.remove(name):
            raise Failure(f"{name} has no account. deflector user list names those who have.")
    click.echo(f"{name} may not sign in any more.")


@user.command("list")
@said_in_a_sentence
def everybody() -> None:
    """List who may sign in."""
    with open_store(read_settings()).reading() as tx:
        for member in tx.staff.everybody():
            click.echo(f"{member.name}\t{member.role}")


@click.group()
def token() -> None:
    """Look after the tokens of programs that read the figures."""


@token.command("add")
@click.argument("name")
@said_in_a_sentence
def add_token(name: str) -> None:
    """Print a token that may read GET /api/figures; an earlier one of this name stops working.

    \b
    curl -H "Authorization: Bearer TOKEN" https://help.example.com/api/figures
    """
    click.echo(_door().new_read_token(name[:64]))


def _door() -> StaffDoor:
    return StaffDoor(store=open_store(read_settings()), now=utc_now)
