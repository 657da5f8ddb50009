"""SQL that stands in files of its own, for migrations."""

from __future__ import annotations

from importlib import resources

from django.db import migrations

__all__ = ["run_file"]


def run_file(package: str, *, name: str) -> migrations.RunSQL:
    """Return the migration step that runs ``<package>/sql/<name>.sql``.

    Parameters
    ----------
    package
        Dotted name of the app, e.g. ``"huitouke.service.ledger"``.
    name
        The file's name without its ending.
    """
    text = (resources.files(package) / "sql" / f"{name}.sql").read_text(encoding="utf-8")
    return migrations.RunSQL(text)
