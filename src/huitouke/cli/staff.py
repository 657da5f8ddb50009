"""``huitouke staff``: people who work here."""

from __future__ import annotations

from pathlib import Path

import click

from huitouke.cli.reader import language_option, words_of
from huitouke.cli.service import data_dir_option, service
from huitouke.language import N_

__all__ = ["create", "staff"]

_ROLES = ("owner", "marketer", "care", "front_line", "analyst", "developer")
_ENTERED = N_("{email} is entered as {role}.")
_PASSWORD = N_("First password, shown this once:")
_ASK = N_("Password (at least 12 characters)")


@click.group()
def staff() -> None:
    """Enter people who work here."""


@staff.command()
@click.argument("email")
@click.option("--role", required=True, type=click.Choice(_ROLES), help="What they may do.")
@click.option("--name", default="", help="How they are called.")
@click.option(
    "--ask-password", is_flag=True, help="Ask for the first password instead of making one."
)
@data_dir_option
@language_option
def create(
    *,
    email: str,
    role: str,
    name: str,
    ask_password: bool,
    data_dir: Path | None,
    lang: str | None,
) -> None:
    """Enter the person with the address EMAIL; a password is made and shown, this once."""
    reader = words_of(lang)
    password = None
    if ask_password:
        password = click.prompt(reader.say(_ASK), hide_input=True, confirmation_prompt=True)
    with service(data_dir=data_dir):
        from huitouke.service.core import clock  # noqa: PLC0415 - needs Django
        from huitouke.service.core import staff as people  # noqa: PLC0415
        from huitouke.service.core.actor import SYSTEM  # noqa: PLC0415

        made = people.create(
            email, role=role, name=name, password=password, at=clock.now(), actor=SYSTEM
        )
        click.echo(reader.say(_ENTERED, email=made.record.email, role=role), err=True)
        if made.password is not None:
            click.echo(reader.say(_PASSWORD), err=True)
            click.echo(made.password)
