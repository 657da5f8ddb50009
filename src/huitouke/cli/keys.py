"""``huitouke api-key``: keys for machines, shown once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click

from huitouke.cli.reader import language_option, words_of
from huitouke.cli.service import data_dir_option, service
from huitouke.language import N_, Words

__all__ = ["api_key", "create", "list_keys", "revoke"]

_SHOWN_ONCE = N_("Key {name} ({key}). It is shown this once; keep it in a safe place:")
_NONE = N_("There is no API key yet.")
_REVOKED = N_("Key {name} ({key}) is no longer valid.")
_VALID = N_("valid")
_ENDED = N_("revoked")
_EXPIRED = N_("expired")


@click.group("api-key")
def api_key() -> None:
    """Make, list and revoke the keys of machines."""


@api_key.command()
@click.argument("name")
@click.option("--scopes", required=True, help="What it may do: names, comma apart, or all.")
@click.option(
    "--expires-in", type=click.IntRange(1, 3650), metavar="DAYS", help="Days it is valid."
)
@data_dir_option
@language_option
def create(
    *,
    name: str,
    scopes: str,
    expires_in: int | None,
    data_dir: Path | None,
    lang: str | None,
) -> None:
    """Make a key named NAME and show it, this once."""
    reader = words_of(lang)
    with service(data_dir=data_dir):
        from huitouke.service.core import clock, keys  # noqa: PLC0415 - needs Django
        from huitouke.service.core.actor import SYSTEM  # noqa: PLC0415
        from huitouke.service.core.ids import public_id  # noqa: PLC0415
        from huitouke.service.core.scopes import SCOPES  # noqa: PLC0415

        at = clock.now()
        wanted = [each.strip() for each in scopes.split(",") if each.strip()]
        made = keys.create(
            name,
            scopes=list(SCOPES) if wanted == ["all"] else wanted,
            expires_at=at + timedelta(days=expires_in) if expires_in else None,
            at=at,
            actor=SYSTEM,
        )
        # What a person should know goes to standard error: the key alone can be piped on.
        told = reader.say(
            _SHOWN_ONCE, name=made.record.name, key=public_id("key", made.record.id)
        )
        click.echo(told, err=True)
        click.echo(made.secret)


@api_key.command("list")
@data_dir_option
@language_option
def list_keys(*, data_dir: Path | None, lang: str | None) -> None:
    """List all keys: id, name, state, scopes; never the key itself."""
    reader = words_of(lang)
    with service(data_dir=data_dir):
        from huitouke.service.core import clock, keys  # noqa: PLC0415 - needs Django
        from huitouke.service.core.ids import public_id  # noqa: PLC0415

        at = clock.now()
        found = keys.all_keys()
        for each in found:
            expired = each.expires_at is not None and each.expires_at <= at
            state = _state(revoked=each.revoked_at is not None, expired=expired, reader=reader)
            parts = (public_id("key", each.id), each.name, state, ",".join(each.scopes))
            click.echo("\t".join(parts))
        if not found:
            click.echo(reader.say(_NONE), err=True)


def _state(*, revoked: bool, expired: bool, reader: Words) -> str:
    if revoked:
        return reader.say(_ENDED)
    return reader.say(_EXPIRED if expired else _VALID)


@api_key.command()
@click.argument("key")
@data_dir_option
@language_option
def revoke(*, key: str, data_dir: Path | None, lang: str | None) -> None:
    """End the key with the id KEY (see list) at once."""
    with service(data_dir=data_dir):
        from huitouke.service.core import clock, keys  # noqa: PLC0415 - needs Django
        from huitouke.service.core.actor import SYSTEM  # noqa: PLC0415
        from huitouke.service.core.ids import private_id  # noqa: PLC0415

        ended = keys.revoke(private_id("key", key), at=clock.now(), actor=SYSTEM)
        click.echo(words_of(lang).say(_REVOKED, name=ended.name, key=key))
