"""The closed table of fields: what apps registered, in order."""

from __future__ import annotations

from collections.abc import Iterable

from huitouke.language import N_
from huitouke.service.core.errors import ServiceError
from huitouke.service.segments.fields import FAMILIES, Field

__all__ = ["FieldUnknown", "field", "fields", "register"]

_fields: dict[str, Field] = {}


class FieldUnknown(ServiceError):
    """A condition asks for something that nobody can answer."""

    code = "segments.field_unknown"
    status = 422
    says = N_("Customers cannot be asked for {field!r}.")
    remedy = N_("Choose one of the fields that docs/segments.md lists.")


def register(given: Iterable[Field]) -> None:
    """Add an app's fields; the same key replaces (Django may start twice in tests).

    Parameters
    ----------
    given
        In the order in which they are shown.
    """
    _fields.update({each.key: each for each in given})


def fields() -> list[Field]:
    """Return all fields, family by family."""
    families = list(FAMILIES)
    return sorted(_fields.values(), key=lambda each: families.index(each.family))


def field(key: str) -> Field:
    """Return a field by its key.

    Parameters
    ----------
    key
        As conditions keep it.

    Raises
    ------
    FieldUnknown
        If there is none.
    """
    if key not in _fields:
        raise FieldUnknown(field=key[:60])
    return _fields[key]
