"""A list of customers as a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from huitouke.language import N_
from huitouke.service.backoffice.acts import actor_of, say
from huitouke.service.backoffice.customers.pointing import named
from huitouke.service.backoffice.files import Cell, sent
from huitouke.service.backoffice.frame import frame_of
from huitouke.service.backoffice.guards import needs
from huitouke.service.backoffice.insight.looking import reader_at
from huitouke.service.backoffice.insight.pages.listing import asked_of
from huitouke.service.backoffice.insight.wording import STATUS, group_name
from huitouke.service.core import audit
from huitouke.service.core.ids import private_id
from huitouke.service.loop import lists, queries
from huitouke.service.loop.views import Judged, ProfileView
from huitouke.service.ui.reader import Reader

__all__ = ["COLUMNS", "export"]

#: What the file has, in order; a judged number stands beside its ends or why there is none.
COLUMNS: tuple[str, ...] = (
    N_("Number"),
    N_("Name"),
    N_("Phone, card or e-mail"),
    N_("Group"),
    N_("Last purchase"),
    N_("Purchases"),
    N_("Spent so far"),
    N_("Margin at stake"),
    N_("from"),
    N_("to"),
    N_("Chance to buy"),
    N_("from"),
    N_("to"),
    N_("Loyalty score"),
    N_("from"),
    N_("to"),
    N_("Worth from now on"),
    N_("from"),
    N_("to"),
    N_("Currency"),
    N_("Known until"),
    N_("Why"),
)
_BATCH = 200
_DIGITS = 4


def _judged(found: Judged | None, reader: Reader) -> tuple[Cell, Cell, Cell]:
    if found is None:
        return None, None, None
    if found.status != "ok" or found.value is None:
        return reader.words.say(STATUS.get(found.status, found.status)), None, None
    ends = (None if end is None else round(end, _DIGITS) for end in (found.lo, found.hi))
    return round(found.value, _DIGITS), *ends  # type: ignore[return-value]


def _cells(view: ProfileView, *, who: tuple[str, str], reader: Reader) -> Sequence[Cell]:
    numbers, group = view.numbers, group_name(view.group)
    return (
        view.customer,
        *who,
        reader.words.say(group) if group else "",
        view.last_order_on.isoformat(),
        view.orders,
        round(view.spend_total, 2),
        *_judged(view.at_stake, reader),
        *_judged(numbers["p_buy"], reader),
        *_judged(numbers["loyalty_score"], reader),
        *_judged(numbers["clv"], reader),
        view.currency,
        view.as_of.isoformat(),
        reader.words.gap.join(each.text(reader.language) for each in view.reasons),
    )


def _rows(views: Iterable[ProfileView], reader: Reader) -> Iterator[Sequence[Cell]]:
    left = iter(views)
    while some := list(islice(left, _BATCH)):
        keys: dict[str, UUID] = {
            each.customer: private_id("cus", each.customer) for each in some
        }
        names = named(keys.values())
        for each in some:
            yield _cells(each, who=names.get(keys[each.customer], ("", "")), reader=reader)


@needs("insight.read", "customers.export")
@require_POST
def export(request: HttpRequest, name: str) -> HttpResponse:
    """Take a list out as CSV or Excel, as it was shown.

    Parameters
    ----------
    request
        ``POST`` with ``group``, ``moved``, ``order`` and ``as`` (``csv`` or ``xlsx``).
    name
        Of the list.
    """
    asked = asked_of(name, request.POST)
    reader = reader_at(frame_of(request, here="insight"))
    kind = "xlsx" if request.POST.get("as") == "xlsx" else "csv"
    shown = queries.latest()
    # Refused before anything leaves, and before it is noted as taken out.
    lists.page(asked, of=shown, limit=1)
    facts = {
        "as": kind,
        "group": asked.group[:40],
        "moved": asked.moved,
        "as_of": str(shown.as_of),
    }
    audit.note("insight.exported", actor=actor_of(request), target=name, facts=facts)
    return sent(
        _rows(lists.streamed(asked, of=shown), reader),
        heads=[say(each) for each in COLUMNS],
        name=f"{name}_{shown.as_of:%Y%m%d}",
        kind=kind,
        reader=reader,
    )
