"""The filters of the list of customers: data of the domain, shown and kept in addresses."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict

from huitouke.language import N_
from huitouke.service.backoffice.acts import say
from huitouke.service.backoffice.segments.narrowing import SEGMENT
from huitouke.service.backoffice.segments.wording import option_name
from huitouke.service.programme.people.conditions import CONDITIONS, Condition, Ground
from huitouke.service.programme.people.listing import Narrowed
from huitouke.service.segments.fields import Option

__all__ = ["FILTERS", "Asked", "Field", "asked_of"]

#: All filters in the order in which they stand above the list. Another app adds its own here.
FILTERS: tuple[Condition, ...] = (*CONDITIONS, SEGMENT)

_ANY = N_("any")
_TEXT_MOST = 100


@dataclass(frozen=True)
class Field:
    """One filter as the form shows it.

    Parameters
    ----------
    key, label, kind
        As of its condition; the label is an English message.
    value
        Chosen now; empty is none.
    options
        Value and words, "any" first; none for a number that is typed in.
    """

    key: str
    label: str
    kind: str
    value: str
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Asked:
    """What an address asks for.

    Parameters
    ----------
    text
        What is searched for.
    fields
        All filters, chosen or not.
    chosen
        The values that can be, by key.
    narrowed
        The same for the domain.
    """

    text: str
    fields: tuple[Field, ...]
    chosen: dict[str, str]
    narrowed: Narrowed

    @property
    def any(self) -> bool:
        """Whether anything narrows the list."""
        return bool(self.text or self.chosen)

    @property
    def hidden(self) -> tuple[tuple[str, str], ...]:
        """Names and values for hidden fields of another form."""
        return tuple(self._parts().items())

    def query(self, **more: str) -> str:
        """Return the address's query.

        Parameters
        ----------
        **more
            Further parameters; empty ones are left out.
        """
        parts = {**self._parts(), **{name: value for name, value in more.items() if value}}
        return urlencode(parts)

    def _parts(self) -> dict[str, str]:
        return {**({"q": self.text} if self.text else {}), **self.chosen}


def asked_of(given: QueryDict, *, ground: Ground) -> Asked:
    """Return what an address or a form asks for; values that cannot be are left out.

    Parameters
    ----------
    given
        ``q`` and one parameter per filter.
    ground
        What filters need to know.

    Raises
    ------
    IdUnknown, SegmentUnknown
        If it is narrowed to a segment that is not there.
    """
    text = given.get("q", "").strip()[:_TEXT_MOST]
    fields, chosen, conditions = [], {}, []
    for each in FILTERS:
        value = given.get(each.key, "").strip()[:_TEXT_MOST]
        if value and each.expression(value, ground) is None:
            value = ""
        options = each.options(ground)
        if each.kind == "choice" and not options and not value:
            continue
        if value:
            chosen[each.key] = value
            conditions.append((each, value))
        shown = _shown(options, value=value) if each.kind == "choice" else ()
        fields.append(Field(each.key, each.label, each.kind, value, shown))
    return Asked(text, tuple(fields), chosen, Narrowed(text, tuple(conditions)))


def _shown(options: tuple[Option, ...], *, value: str) -> tuple[tuple[str, str], ...]:
    found = [("", say(_ANY)), *((each.value, option_name(each)) for each in options)]
    # A span of days that somebody put into the address stays what it is.
    if value and value not in {each.value for each in options}:
        found.append((value, value))
    return tuple(found)
