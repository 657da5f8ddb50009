"""What the service may do in the database: add to the journal, never change it.

The service connects with ``-c role=huitouke_app``; migrations run as the owner. Triggers
refuse changes of the journal to everybody; the role has no right even to try.
"""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

__all__ = ["APPLICATION", "grant_application_role"]

APPLICATION = "huitouke_app"

_ADDED_TO = ("op", "entry", "alloc", "reversal", "leaf", "seal")
_CHANGED = ("account", "lot", "hold", "debt", "holder", "unit")
#: A list that is worked off.
_WORKED_OFF = ("untold",)
_KEPT = ("core_request", "core_audit")


def grant_application_role(connection: BaseDatabaseWrapper, role: str = APPLICATION) -> None:
    """Create the service's role where it is missing, and give it exactly its rights.

    Run it as the owner after every migration: new tables get the rights of the service's
    ordinary tables. The connection's user becomes a member, so that it may set the role.

    Parameters
    ----------
    connection
        Django's connection, as a user that owns the tables and may create roles.
    role
        The role's name.
    """
    name = sql.Identifier(role)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        missing = cursor.fetchone() is None
        cursor.execute("SELECT current_database()")
        database = sql.Identifier(cursor.fetchone()[0])
        steps = [_CREATE] if missing else []
        for step in [*steps, *_ordinary(), *_ledger()]:
            cursor.execute(
                sql.SQL(step).format(role=name, database=database).as_string(cursor.cursor)
            )


_CREATE = "CREATE ROLE {role} NOLOGIN"
_LATER = "ALTER DEFAULT PRIVILEGES IN SCHEMA"


def _ordinary() -> list[str]:
    """Rights on everything outside the ledger; two journals are only added to."""
    kept = ", ".join(_KEPT)
    return [
        "GRANT {role} TO CURRENT_USER",
        "GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {role}",
        "GRANT USAGE ON SCHEMA public, ledger TO {role}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
        f"REVOKE UPDATE, DELETE ON {kept} FROM {{role}}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public, ledger TO {role}",
        "GRANT EXECUTE ON ALL ROUTINES IN SCHEMA public, ledger TO {role}",
        # Tables of later migrations, the queue's among them, until this runs again.
        f"{_LATER} public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {{role}}",
        f"{_LATER} public, ledger GRANT USAGE, SELECT ON SEQUENCES TO {{role}}",
        f"{_LATER} public, ledger GRANT EXECUTE ON ROUTINES TO {{role}}",
    ]


def _ledger() -> list[str]:
    """Rights in the ledger, from nothing up."""
    added = ", ".join(f"ledger.{table}" for table in _ADDED_TO)
    changed = ", ".join(f"ledger.{table}" for table in _CHANGED)
    worked_off = ", ".join(f"ledger.{table}" for table in _WORKED_OFF)
    return [
        "REVOKE ALL ON ALL TABLES IN SCHEMA ledger FROM {role}",
        "GRANT SELECT ON ALL TABLES IN SCHEMA ledger TO {role}",
        f"GRANT INSERT ON {added}, {changed} TO {{role}}",
        f"GRANT UPDATE ON {changed} TO {{role}}",
        f"GRANT INSERT, UPDATE, DELETE ON {worked_off} TO {{role}}",
    ]
