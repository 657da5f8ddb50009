"""What the templates of imports receive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from huitouke.language import N_, one_of
from huitouke.service.backoffice.acts import may, new_key
from huitouke.service.backoffice.imports.forms import HandInForm
from huitouke.service.backoffice.imports.words import COUNTS, DATE_ORDERS, FIELDS, KINDS, STATES
from huitouke.service.core import roster
from huitouke.service.core.ids import public_id
from huitouke.service.loop.imports.models import Upload
from huitouke.service.loop.imports.opening import FIELDS as KNOWN
from huitouke.service.loop.imports.queries import has_quarantine
from huitouke.service.loop.imports.report import explained, reviews
from huitouke.service.loop.place import settled
from huitouke.service.ui.reader import current

__all__ = [
    "Aside",
    "Column",
    "Found",
    "One",
    "Past",
    "PastImports",
    "kinds_open_to",
    "page_of",
    "past_of",
]

_SHOWN = 3
_BALANCES = "imports.balances"


@dataclass(frozen=True)
class Past:
    """One file in the list.

    ``new``, ``changed`` and ``aside`` are None until it was tried or brought in.
    """

    url: str
    name: str
    kind: str
    state: str
    tone: str
    who: str
    at: datetime
    new: int | None
    aside: int | None


@dataclass(frozen=True)
class PastImports:
    """The page of imports."""

    imports: tuple[Past, ...]
    form: HandInForm
    form_key: str
    most_mb: int
    days: int
    older_url: str
    reading_on: bool


@dataclass(frozen=True)
class Column:
    """One column of a file: its header, some of its cells, and what it is taken for."""

    number: int
    header: str
    samples: tuple[str, ...]
    taken_for: str
    doubtful: bool


@dataclass(frozen=True)
class Aside:
    """Why some rows are not brought in, and how many."""

    says: str
    rows: int


@dataclass(frozen=True)
class Found:
    """What a try or an import found: rows by what became of them."""

    new: int
    same: int
    changed: int
    refused: int
    more: tuple[tuple[str, int], ...]
    reviews: tuple[tuple[date, int], ...]
    reasons: tuple[Aside, ...]

    @property
    def changes(self) -> bool:
        """Whether anything is written."""
        return bool(self.new or any(number for name, number in self.more if name in _WRITTEN))


#: Counts that say that something is written although no row is new.
_WRITTEN = frozenset({N_("New refunds"), N_("Points"), N_("Tiers")})


@dataclass(frozen=True)
class One:
    """The page of one file."""

    key: str
    url: str
    name: str
    kind: str
    state: str
    state_says: str
    tone: str
    job: str
    who: str
    at: datetime
    waiting: bool
    stopping: bool
    rows_done: int
    rows_total: int
    share: float | None
    problem: str
    columns: tuple[Column, ...]
    options: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    missing: tuple[str, ...]
    undecided: str
    date_order: str
    timezone: str
    currency: str
    rows: int
    tried: Found | None
    result: Found | None
    aside: bool
    gone: bool
    form_key: str
    may_analyse: bool
    wrong: str = ""
    date_orders: tuple[tuple[str, str], ...] = DATE_ORDERS

    @property
    def busy(self) -> bool:
        """Whether a job is at work on it."""
        return self.state in Upload.BUSY


def kinds_open_to(request: HttpRequest) -> tuple[str, ...]:
    """Return the kinds of files that somebody may bring in.

    Parameters
    ----------
    request
        Whose.
    """
    return tuple(kind for kind in KINDS if kind != "balances" or may(request, _BALANCES))


def _names() -> dict[str, str]:
    return {
        f"staff:{public_id('stf', each.id)}": each.first_name or each.email
        for each in roster.all_staff()
    }


def past_of(uploads: list[Upload]) -> tuple[Past, ...]:
    """Return files as rows of the list.

    Parameters
    ----------
    uploads
        Newest first.
    """
    names = _names()
    rows = []
    for each in uploads:
        counts = (each.result or each.tried or {}).get("counts")
        says, tone = STATES[each.state]
        rows.append(
            Past(
                url=reverse("imports_one", args=[public_id("imp", each.id)]),
                name=each.name,
                kind=KINDS[each.kind],
                state=says,
                tone=tone,
                who=names.get(each.uploaded_by, each.uploaded_by),
                at=each.uploaded_at,
                new=None if counts is None else counts.get("new", 0),
                aside=None
                if counts is None
                else counts.get("refused", 0) + counts.get("changed", 0),
            )
        )
    return tuple(rows)


def _found(told: Mapping[str, Any]) -> Found | None:
    if not told:
        return None
    counts = told["counts"]
    return Found(
        new=counts.get("new", 0),
        same=counts.get("same", 0),
        changed=counts.get("changed", 0),
        refused=counts.get("refused", 0),
        more=tuple((says, counts[name]) for name, says in COUNTS if counts.get(name)),
        reviews=reviews(counts),
        reasons=tuple(Aside(explained(code), rows) for code, rows in told["reasons"].items()),
    )


def _columns(found: Upload, *, given: Mapping[int, str]) -> tuple[Column, ...]:
    looked = found.looked
    taken: dict[int, str] = {}
    for name, places in looked.get("places", {}).items():
        taken.update(dict.fromkeys(places, name))
    if found.mapping:
        taken = {
            int(place) - 1: name
            for name, places in found.mapping.items()
            for place in places.split("+")
        }
    taken = dict(given) or taken
    return tuple(
        Column(
            number=number + 1,
            header=header,
            samples=tuple(row[number] for row in looked["samples"][:_SHOWN]),
            taken_for=taken.get(number, ""),
            doubtful=taken.get(number, "") in looked["doubtful"] and not found.mapping,
        )
        for number, header in enumerate(looked.get("headers", ()))
    )


def _lacking(found: Upload) -> tuple[str, ...]:
    reader = current()
    groups = () if found.mapping else found.looked.get("missing", ())
    return tuple(
        reader.words.say(N_("{first} or another that says who it is"), first=first)
        if len(group) > 2
        else first
        for group in groups
        for first in [reader.words.say(FIELDS[group[0]])]
    )


def page_of(
    request: HttpRequest,
    found: Upload,
    *,
    given: Mapping[int, str] | None = None,
    wrong: str = "",
) -> One:
    """Return the page of a file.

    Parameters
    ----------
    request
        Of who reads.
    found
        The file.
    given
        What somebody chose in the form of columns, to be mended.
    wrong
        What is wrong with that.
    """
    reader, place = current(), settled()
    says, tone = STATES[found.state]
    posted = request.POST if wrong else {}
    total = found.rows_total if found.job != Upload.State.LOOKING else 0
    looked = found.looked
    return One(
        key=public_id("imp", found.id),
        url=reverse("imports_one", args=[public_id("imp", found.id)]),
        name=found.name,
        kind=KINDS[found.kind],
        state=found.state,
        state_says=says,
        tone=tone,
        job=found.job,
        who=_names().get(found.uploaded_by, found.uploaded_by),
        at=found.uploaded_at,
        waiting=found.started_at is None,
        stopping=found.cancel_asked_at is not None,
        rows_done=found.rows_done,
        rows_total=total,
        share=min(1.0, found.rows_done / total) if total else None,
        problem=one_of(found.error_says, language=reader.language),
        columns=_columns(found, given=given or {}) if looked else (),
        options=tuple((name, FIELDS[name]) for name in KNOWN[found.kind].names),
        notes=tuple(looked.get("notes", ())),
        missing=_lacking(found),
        undecided=looked.get("undecided", ""),
        date_order=str(posted.get("date_order", found.date_order)),
        timezone=str(posted.get("timezone", found.timezone or place.zone)),
        currency=str(
            posted.get("currency", found.currency or looked.get("currency") or place.currency)
        ),
        rows=looked.get("rows", found.rows_total),
        tried=_found(found.tried),
        result=_found(found.result),
        aside=has_quarantine(found),
        gone=found.removed_at is not None,
        form_key=new_key(),
        may_analyse=may(request, "insight.run") and found.kind == "orders",
        wrong=wrong,
    )
