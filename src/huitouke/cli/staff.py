"""``huitouke staff``: people who work here, and what they may do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from huitouke.cli.reader import language_option, words_of
from huitouke.cli.service import data_dir_option, service
from huitouke.language import N_

if TYPE_CHECKING:  # Django's records need its settings.
    from huitouke.service.core.models import Staff

__all__ = [
    "change_role",
    "create",
    "disable",
    "enable",
    "list_staff",
    "second_factor_off",
    "staff",
]

_ROLES = ("owner", "marketer", "care", "front_line", "analyst", "developer")
_ENTERED = N_("{email} is entered as {role}.")
_PASSWORD = N_("First password, shown this once:")
_ASK = N_("Password (at least 12 characters)")
_NOBODY = N_("Nobody is entered yet.")
_ROLE = N_("{email} is now {role}, from the next page on.")
_OFF = N_("{email} can no longer sign in; all sessions are ended.")
_ON = N_("{email} can sign in again.")
_TAKEN = N_("The second factor of {email} is taken away; all sessions are ended.")
_NONE_THERE = N_("{email} has no second factor.")
_MAY = N_("may sign in")
_MAY_NOT = N_("switched off")


@click.group()
def staff() -> None:
    """Enter people who work here, change their roles, switch their sign-in off and on."""


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


@contextmanager
def _person(email: str, *, data_dir: Path | None) -> Iterator[Staff]:
    """Have the service ready, and the person with an address."""
    with service(data_dir=data_dir):
        from huitouke.service.core import roster  # noqa: PLC0415 - needs Django

        yield roster.by_address(email)


@staff.command("list")
@data_dir_option
@language_option
def list_staff(*, data_dir: Path | None, lang: str | None) -> None:
    """List everybody: id, address, role, whether they may sign in."""
    reader = words_of(lang)
    with service(data_dir=data_dir):
        from huitouke.service.core import roster  # noqa: PLC0415 - needs Django
        from huitouke.service.core.ids import public_id  # noqa: PLC0415

        found = roster.all_staff()
        for each in found:
            state = reader.say(_MAY if each.is_active else _MAY_NOT)
            click.echo("\t".join((public_id("stf", each.id), each.email, each.role, state)))
        if not found:
            click.echo(reader.say(_NOBODY), err=True)


@staff.command("role")
@click.argument("email")
@click.argument("role", type=click.Choice(_ROLES))
@data_dir_option
@language_option
def change_role(*, email: str, role: str, data_dir: Path | None, lang: str | None) -> None:
    """Give the person with the address EMAIL the role ROLE."""
    with _person(email, data_dir=data_dir) as person:
        from huitouke.service.core import clock, roster  # noqa: PLC0415 - needs Django
        from huitouke.service.core.actor import SYSTEM  # noqa: PLC0415

        roster.change_role(person.id, role=role, at=clock.now(), actor=SYSTEM)
        click.echo(words_of(lang).say(_ROLE, email=person.email, role=role))


@staff.command()
@click.argument("email")
@data_dir_option
@language_option
def disable(*, email: str, data_dir: Path | None, lang: str | None) -> None:
    """Switch off the sign-in of the person with the address EMAIL, at once."""
    with _person(email, data_dir=data_dir) as person:
        from huitouke.service.core import clock, roster  # noqa: PLC0415 - needs Django
        from huitouke.service.core.actor import SYSTEM  # noqa: PLC0415

        roster.disable(person.id, at=clock.now(), actor=SYSTEM)
        click.echo(words_of(lang).say(_OFF, email=person.email))


@staff.command()
@click.argument("email")
@data_dir_option
@language_option
def enable(*, email: str, data_dir: Path | None, lang: str | None) -> None:
    """Switch on again the sign-in of the person with the address EMAIL."""
    with _person(email, data_dir=data_dir) as person:
        from huitouke.service.core import clock, roster  # noqa: PLC0415 - needs Django
        from huitouke.service.core.actor import SYSTEM  # noqa: PLC0415

        roster.enable(person.id, at=clock.now(), actor=SYSTEM)
        click.echo(words_of(lang).say(_ON, email=person.email))


@staff.command("second-factor-off")
@click.argument("email")
@data_dir_option
@language_option
def second_factor_off(*, email: str, data_dir: Path | None, lang: str | None) -> None:
    """Take away the second factor of the person with the address EMAIL (a lost phone)."""
    with _person(email, data_dir=data_dir) as person:
        from huitouke.service.backoffice.account import second_factor  # noqa: PLC0415
        from huitouke.service.core.actor import SYSTEM  # noqa: PLC0415

        taken = second_factor.remove(person.id, actor=SYSTEM)
        click.echo(words_of(lang).say(_TAKEN if taken else _NONE_THERE, email=person.email))
