"""``huitouke backup`` and ``huitouke restore``."""

from __future__ import annotations

from pathlib import Path

import click

from huitouke.cli.ledger import told
from huitouke.cli.reader import language_option, words_of
from huitouke.cli.service import data_dir_option, owner_database, service
from huitouke.language import N_
from huitouke.service.config import backup as copies
from huitouke.service.config.prepare import django_on
from huitouke.service.core.actor import Actor

__all__ = ["backup", "restore"]

_WRITTEN = N_("Backup written to {file} ({size} bytes).")
_RESTORED = N_("{file} is restored.")
_ACTOR = Actor("staff", "operator")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@data_dir_option
@language_option
def backup(*, file: Path, data_dir: Path | None, lang: str | None) -> None:
    """Write the whole database to FILE, as of one moment, also while it is at work."""
    with owner_database(data_dir=data_dir) as url:
        size = copies.dump(url, file=file)
        with django_on(url):
            from huitouke.service.core import audit  # noqa: PLC0415 - needs Django

            facts = {"size_bytes": size}
            audit.note("backup.made", actor=_ACTOR, target="database", facts=facts)
    click.echo(words_of(lang).say(_WRITTEN, file=file, size=size))


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--replace", is_flag=True, help="Lose what the database holds now.")
@data_dir_option
@language_option
@click.pass_context
def restore(
    context: click.Context,
    *,
    file: Path,
    replace: bool,
    data_dir: Path | None,
    lang: str | None,
) -> None:
    """Put the backup FILE into an empty database and check the ledger; exit 1 if broken."""
    reader = words_of(lang)
    with owner_database(data_dir=data_dir) as url:
        copies.restore(url, file=file, replace=replace)
        click.echo(reader.say(_RESTORED, file=file))
        with service(data_dir=data_dir):
            from huitouke.service.ledger.verify import verify  # noqa: PLC0415

            verdict = verify()
    click.echo("\n".join(told(verdict, reader=reader)))
    if verdict.broken:
        context.exit(1)
