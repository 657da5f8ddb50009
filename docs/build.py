"""Write the pages of ``docs/`` that are made from the code: tables, errors, segments, commands.

Run by ``make docs``; a test compares the pages with the code, so they cannot fall behind.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
from dataclasses import Field, fields
from pathlib import Path
from string import Formatter
from types import ModuleType
from typing import Any

import click
import django

import huitouke
from huitouke.errors import HuitoukeError, all_errors
from huitouke.insight.tables import ALL_TABLES, Column, Table
from huitouke.language import Language, words
from huitouke.service.config.environment import Environment

__all__ = [
    "commands_page",
    "errors_page",
    "import_all",
    "main",
    "pages",
    "roles_page",
    "said",
    "segments_page",
    "settings_page",
    "tables_page",
]

FOLDER = Path(__file__).resolve().parent
COMMAND = "huitouke.cli.main"
WIDTH = 88
TABLES_LEAD = (
    "Stages of the loop meet only in these tables, declared in `huitouke/insight/tables.py`. "
    "Key columns are bold; `_e4` is an integer count of ten-thousandths of the currency unit."
)
ERRORS_LEAD = (
    "Each error names an obstacle that a person can do something about. The code is stable; "
    "the words may improve. `{places}` are filled with what was found."
)
SETTINGS_LEAD = (
    "The service reads its settings from the environment when it starts; `huitouke serve` "
    "needs none of them. A value of the wrong kind is refused by name."
)
ROLES_LEAD = (
    "Each person of the staff has one role; a role is a named set of permissions "
    "(`huitouke/service/core/permissions.py`). A page or an act asks for a permission, never "
    "for a role. `huitouke staff role EMAIL ROLE` changes a role; it counts from the next page "
    "on and stands in the audit log. The last owner who can sign in keeps the role."
)
SEGMENTS_LEAD = (
    "A segment is a name and up to {most} conditions, all of which must hold. A condition is "
    "JSON: `field`, `op`, `values` (of several, any will do), `not` (turns it round) and "
    "`days` (over how many days). Who is in a segment is asked anew each time; erased "
    "customers and records merged into others never are.\n\n"
    "Of a field marked *may be unknown* there are customers of whom nobody knows: they were "
    "never analysed, there was too little to tell, they do not want to be profiled, or they "
    "did not say. Such a condition is neither true nor false of them, with `not` or without. "
    "A customer of whom one condition is false is outside; of whom all are true, inside; the "
    "rest is counted beside: *of 1,204 customers who meet everything else, 3 are not known*. "
    "What profiles say is as of the day of the latest analysis; the page names the day.\n\n"
    "Money is in minor units, a share in per cent, a day as `2026-01-31`. Each field belongs "
    "to the app whose facts it asks (`segmenting.py`); conditions become one statement with "
    "all values as parameters (`huitouke/service/segments/compiling.py`). A count is given up "
    "after {glance} s while somebody writes, after {look} s when they ask for it, and the page "
    "says so. Whoever asks next, such as a campaign, gets the customers as a subquery from "
    "`segments.queries.members`."
)
MADE = "<!-- Made from the code by `make docs`; do not edit. -->"


def import_all() -> dict[str, ModuleType]:
    """Import every module of the package, so that every error is in the register.

    Returns
    -------
    dict of str to module
        The modules by their dotted names.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huitouke.service.config.settings")
    django.setup()
    found = {huitouke.__name__: huitouke}
    for entry in pkgutil.walk_packages(huitouke.__path__, prefix="huitouke."):
        if not entry.name.endswith(".__main__") and ".migrations" not in entry.name:
            found[entry.name] = importlib.import_module(entry.name)
    return found


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _column_row(column: Column, table: Table) -> str:
    name = f"**`{column.name}`**" if column.name in table.key else f"`{column.name}`"
    null = "yes" if column.null else ""
    cells = (name, column.type, column.unit, null, column.meaning)
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def tables_page() -> str:
    """Return the page of all tables: keys, columns, types, units, meanings."""
    parts = [
        MADE,
        "# Tables",
        TABLES_LEAD,
        "\n".join(f"- [`{table.name}`](#{table.name})" for table in ALL_TABLES),
    ]
    for table in ALL_TABLES:
        key = ", ".join(f"`{name}`" for name in table.key)
        rows = [_column_row(column, table) for column in table.columns]
        head = ["| column | type | unit | may be null | meaning |", "|---|---|---|---|---|"]
        parts += [
            f"## {table.name}",
            f"{table.meaning} Key: {key}.",
            "\n".join([*head, *rows]),
        ]
    return "\n\n".join(parts) + "\n"


class _Place(str):
    """Stands in for a value and shows the name of its place, whatever the format."""

    __slots__ = ()

    def __format__(self, spec: str) -> str:
        return "{" + self + "}"


def said(message: str, language: Language) -> str:
    """Return a message in a language with its places left open.

    Parameters
    ----------
    message
        The English message.
    language
        ``"en"`` or ``"zh"``.
    """
    names = {name for _, name, _, _ in Formatter().parse(message) if name}
    return words(language).say(message, **{name: _Place(name) for name in names})


def _error_part(error: type[HuitoukeError]) -> str:
    return "\n".join(
        (
            f"### `{error.code}`",
            "",
            f"`{error.__name__}` in `{error.__module__}`",
            "",
            f"- says: {said(error.says, 'en')}",
            f"- remedy: {said(error.remedy, 'en')}",
            f"- 中文：{said(error.says, 'zh')}",
            f"- 怎么办：{said(error.remedy, 'zh')}",
        )
    )


def errors_page() -> str:
    """Return the page of all errors: code, sentence and remedy in both languages."""
    import_all()
    parts = [
        MADE,
        "# Errors",
        ERRORS_LEAD,
    ]
    stage = ""
    for code, error in all_errors().items():
        if not error.__module__.startswith("huitouke."):
            continue
        if code.partition(".")[0] != stage:
            stage = code.partition(".")[0]
            parts.append(f"## {stage}")
        parts.append(_error_part(error))
    return "\n\n".join(parts) + "\n"


def _setting_row(setting: Field[Any]) -> str:
    default = setting.default
    shown = str(int(default)) if isinstance(default, bool) else str(default)
    cells = (
        f"`{setting.metadata['variable']}`",
        f"`{shown}`" if shown else "",
        setting.metadata["says"],
    )
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def settings_page() -> str:
    """Return the page of all settings of the service: variable, default, meaning."""
    rows = [_setting_row(setting) for setting in fields(Environment)]
    table = "\n".join(["| variable | default | meaning |", "|---|---|---|", *rows])
    return "\n\n".join([MADE, "# Settings", SETTINGS_LEAD, table]) + "\n"


def roles_page() -> str:
    """Return the page of roles: whom each is for, and what it may do, in both languages."""
    permissions = importlib.import_module("huitouke.service.core.permissions")
    roles = permissions.ROLES
    told = [
        f"- **{role.name}** (`{name}`): {role.says} "
        f"**{said(role.name, 'zh')}**：{said(role.says, 'zh')}"
        for name, role in roles.items()
    ]
    head = " | ".join(("permission", "lets one", "允许", *(f"`{name}`" for name in roles)))
    rows = [
        " | ".join(
            (
                f"`{name}`",
                _cell(says),
                _cell(said(says, "zh")),
                *("✓" if name in role.permissions else "" for role in roles.values()),
            )
        )
        for name, says in permissions.PERMISSIONS.items()
    ]
    rule = "---|" * (3 + len(roles))
    table = "\n".join([f"| {head} |", f"|{rule}", *(f"| {row} |" for row in rows)])
    return "\n\n".join([MADE, "# Roles", ROLES_LEAD, "\n".join(told), table]) + "\n"


def _segment_row(field: Any) -> str:
    operators = importlib.import_module("huitouke.service.segments.fields").OPS
    days = {"": "", "past": "the last so many, or ever", "ahead": "the next so many"}
    unit = {"money": "minor units", "percent": "%"}.get(field.unit, field.unit)
    cells = (
        f"`{field.key}`",
        field.label,
        said(field.label, "zh"),
        field.kind,
        ", ".join(f"`{each}`" for each in operators[field.kind]),
        unit,
        days[field.span],
        "yes" if field.partial else "",
        f"{field.says} {said(field.says, 'zh')}",
    )
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def segments_page() -> str:
    """Return the page of segments: how they are meant, and every field in both languages."""
    import_all()
    register = importlib.import_module("huitouke.service.segments.register")
    queries = importlib.import_module("huitouke.service.segments.queries")
    conditions = importlib.import_module("huitouke.service.segments.conditions")
    families = importlib.import_module("huitouke.service.segments.fields").FAMILIES
    values = {
        "most": conditions.CONDITIONS_MOST,
        "glance": queries.GLANCE_MS // 1000,
        "look": queries.LOOK_MS // 1000,
    }
    parts = [MADE, "# Segments", SEGMENTS_LEAD.format(**values)]
    names = ("field", "called", "中文", "kind", "operators", "unit", "days")
    head = f"| {' | '.join((*names, 'may be unknown', 'meaning'))} |"
    for family, label in families.items():
        rows = [_segment_row(each) for each in register.fields() if each.family == family]
        parts.append(f"## {label} · {said(label, 'zh')}")
        parts.append("\n".join([head, "|" + "---|" * 9, *rows]))
    return "\n\n".join(parts) + "\n"


def _command_parts(command: click.Command, context: click.Context) -> list[str]:
    parts = [f"## `{context.command_path}`", f"```text\n{command.get_help(context)}\n```"]
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None and not child.hidden:
                inner = click.Context(
                    child,
                    parent=context,
                    info_name=name,
                    terminal_width=WIDTH,
                    max_content_width=WIDTH,
                )
                parts += _command_parts(child, inner)
    return parts


def commands_page() -> str:
    """Return the page of the command line: the help of every command."""
    command = importlib.import_module(COMMAND).cli
    # The command's own settings too: they name the help option, which click then remembers.
    settings = command.context_settings | {"max_content_width": WIDTH}
    context = click.Context(command, info_name="huitouke", terminal_width=WIDTH, **settings)
    parts = [MADE, "# Commands", *_command_parts(command, context)]
    return "\n\n".join(parts) + "\n"


def pages() -> dict[Path, str]:
    """Return every generated page by its place."""
    return {
        FOLDER / "tables.md": tables_page(),
        FOLDER / "errors.md": errors_page(),
        FOLDER / "roles.md": roles_page(),
        FOLDER / "segments.md": segments_page(),
        FOLDER / "settings.md": settings_page(),
        FOLDER / "commands.md": commands_page(),
    }


def main() -> None:
    """Write every generated page and name it."""
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
        print(f"docs/{path.name}")


if __name__ == "__main__":
    main()
