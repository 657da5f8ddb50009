"""The list as a file: rows leave as they are read, and no cell is a formula."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from huitouke.language import N_
from huitouke.service.backoffice.acts import actor_of, say
from huitouke.service.backoffice.customers.filters import asked_of
from huitouke.service.backoffice.customers.naming import STATES, public
from huitouke.service.backoffice.customers.pages.listing import tier_names
from huitouke.service.backoffice.files import Cell, sent
from huitouke.service.backoffice.frame import frame_of
from huitouke.service.backoffice.guards import needs
from huitouke.service.core import audit, clock
from huitouke.service.programme.people.listing import Row, ground_of, streamed
from huitouke.service.ui.reader import Reader, current

__all__ = ["COLUMNS", "export"]

#: What the file has, in order.
COLUMNS: tuple[str, ...] = (
    N_("Number"),
    N_("Name"),
    N_("Phone"),
    N_("E-mail"),
    N_("Card"),
    N_("Standing"),
    N_("Tier"),
    N_("Points"),
    N_("Orders"),
    N_("Spent"),
    N_("First order"),
    N_("Last order"),
    N_("Known since"),
    N_("Joined"),
)


@dataclass(frozen=True)
class _Writer:
    """Makes cells of rows for one reader."""

    reader: Reader
    tiers: dict[str, str]

    def _day(self, moment: datetime | None) -> str:
        return self.reader.machine(moment)[:10]

    def cells(self, row: Row) -> list[Cell]:
        """Return the cells of a customer."""
        who = row.customer
        by_kind = {each.kind: each.value for each in who.identities.all()}
        day = self._day
        return [
            public(who),
            who.name,
            by_kind.get("phone", ""),
            by_kind.get("email", ""),
            by_kind.get("card", ""),
            self.reader.words.say(STATES[who.stage]),
            self.tiers.get(row.tier, row.tier),
            row.points,
            row.bought.orders,
            self.reader.major(row.bought.spend_minor),
            day(row.bought.first_at),
            day(row.bought.last_at),
            day(who.created_at),
            day(who.enrolled_at),
        ]


@needs("customers.export")
@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """Take the list out as CSV or Excel, filtered as it was shown.

    Parameters
    ----------
    request
        ``POST`` with the filters and ``as`` (``csv`` or ``xlsx``).
    """
    now = clock.now()
    ground = ground_of(now=now)
    asked = asked_of(request.POST, ground=ground)
    kind = "xlsx" if request.POST.get("as") == "xlsx" else "csv"
    shop = frame_of(request).shop
    # What was searched for may be a phone number: that there was a search is enough.
    facts = {"as": kind, "filters": asked.chosen, "searched": bool(asked.text)}
    audit.note("customers.exported", actor=actor_of(request), target="customers", facts=facts)
    rows = streamed(asked.narrowed, ground=ground, currency=shop.currency)
    reader = Reader(current().language, currency=shop.currency, zone=shop.zone)
    writer = _Writer(reader, tier_names(ground))
    return sent(
        map(writer.cells, rows),
        heads=[say(each) for each in COLUMNS],
        name=f"customers_{now:%Y%m%d}",
        kind=kind,
        reader=reader,
    )
