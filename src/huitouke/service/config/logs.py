"""The log: one line per request and per failure, without keys, bodies or names of people.

A request is told by its id, method, route (the pattern, never the ids in the path), status
and milliseconds. Tracebacks are kept, messages of database errors are not: PostgreSQL
quotes the values of a row in them.
"""

from __future__ import annotations

import json
import logging
from typing import Any

from django.db import DatabaseError

__all__ = ["JsonLines", "TextLines", "WithoutValues", "logging_settings"]

_FACTS = ("request_id", "method", "route", "status", "ms", "key", "why", "endpoint", "delivery")


class WithoutValues(logging.Filter):
    """Takes the message off database errors: it quotes what was in a row."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, an error of the database by its class alone."""
        info = record.exc_info
        if isinstance(info, tuple) and isinstance(info[1], DatabaseError):
            record.msg = f"{record.getMessage()} ({type(info[1]).__name__})"
            record.args, record.exc_info, record.exc_text = (), None, None
        return True


def _facts(record: logging.LogRecord) -> dict[str, Any]:
    found = vars(record)
    return {name: found[name] for name in _FACTS if name in found}


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        line = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "says": record.getMessage(),
            **_facts(record),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class TextLines(logging.Formatter):
    """A line for people: time, level, words, facts."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        facts = " ".join(f"{name}={value}" for name, value in _facts(record).items())
        line = f"{self.formatTime(record, '%H:%M:%S')} {record.levelname.lower()} "
        line += " ".join(part for part in (record.getMessage(), facts) if part)
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def logging_settings(*, style: str, level: str) -> dict[str, Any]:
    """Return the settings of Python's logging.

    Parameters
    ----------
    style
        ``"text"`` or ``"json"``.
    level
        Least level that is written.
    """
    lines = JsonLines if style == "json" else TextLines
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"without_values": {"()": WithoutValues}},
        "formatters": {"lines": {"()": lines}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "lines",
                "filters": ["without_values"],
            }
        },
        "loggers": {
            "huitouke": {"level": level.upper()},
            "django": {"level": "WARNING", "handlers": [], "propagate": True},
            # Requests are told once, by our own line.
            "django.request": {"level": "CRITICAL"},
            "django.security": {"level": "ERROR"},
            # Anybody can send one: our own line tells its 400, without a traceback each time.
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            "procrastinate": {"level": "WARNING"},
            "psycopg.pool": {"level": "ERROR"},
        },
        "root": {"level": level.upper(), "handlers": ["stderr"]},
    }
