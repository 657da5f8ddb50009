"""How Django reaches a PostgreSQL."""

from __future__ import annotations

from typing import Any

from psycopg.conninfo import conninfo_to_dict

from huitouke.service.config.environment import Environment

__all__ = ["database"]


def database(url: str, *, environment: Environment) -> dict[str, Any]:
    """Return Django's description of the PostgreSQL behind a URL.

    Parameters
    ----------
    url
        ``postgresql://user:password@host:port/name?option=value``.
    environment
        Gives the size of the pool.
    """
    parts: dict[str, Any] = conninfo_to_dict(url) if url else {}
    known = {
        "NAME": parts.pop("dbname", "huitouke"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": str(parts.pop("port", "")),
    }
    pool = {
        "min_size": 1,
        "max_size": environment.pool_size,
        "timeout": environment.pool_wait_seconds,
    }
    # Plans of prepared statements are kept: a posting runs the same few statements all day.
    options = {**parts, "pool": pool, "server_side_binding": True, "prepare_threshold": 2}
    return {"ENGINE": "django.db.backends.postgresql", **known, "OPTIONS": options}
