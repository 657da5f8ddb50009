"""The programme as it stands: what members get, since when and by whom, what it costs."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from huitouke.service.backoffice.acts import new_key
from huitouke.service.backoffice.programme import reading
from huitouke.service.backoffice.programme.acts import (
    names_of_staff,
    own_programme,
    page_frame,
    shown,
)
from huitouke.service.backoffice.programme.contexts import Programmes, VersionRow
from huitouke.service.core import clock
from huitouke.service.ledger.units import UnitUnknown
from huitouke.service.programme.economics.closings import books
from huitouke.service.programme.economics.liability import LiabilityReport
from huitouke.service.programme.economics.months import Month
from huitouke.service.programme.models.versions import Version
from huitouke.service.programme.rewards.overviews import waiting_referrals
from huitouke.service.programme.versions import queries
from huitouke.service.ui.pages import fragment
from huitouke.service.ui.reader import current

__all__ = ["Cost", "Home", "cost", "home"]


@dataclass(frozen=True)
class Home:
    """The first page of the programme.

    Parameters
    ----------
    name, code
        Of the programme.
    others
        Codes and names of the merchant's other programmes.
    force
        The version in force; none: nothing is earned.
    reads
        What it says.
    drafts, versions
        Open drafts; how many versions there are.
    waiting
        Referrals that wait for a decision.
    key
        Of its forms.
    """

    name: str
    code: str
    others: tuple[tuple[str, str], ...]
    force: VersionRow | None
    reads: Programmes | None
    drafts: tuple[VersionRow, ...]
    versions: int
    waiting: int
    key: str


@dataclass(frozen=True)
class Cost:
    """What the programme has cost lately, and what is open.

    Parameters
    ----------
    at
        As of when.
    month
        The running month's lines; none where nothing was ever counted.
    report
        What members hold, and what of it will be redeemed.
    unit
        Name of the unit.
    """

    at: datetime
    month: Month | None
    report: LiabilityReport | None
    unit: str

    @property
    def redeemed(self) -> int:
        """Points used in the running month, above 0, less those given back."""
        return 0 if self.month is None else -self.month.roll.redeemed - self.month.roll.returned

    @property
    def low(self) -> str:
        """The low end of what will be redeemed, in money."""
        low = None if self.report is None else self.report.expected.low_money.cost_minor
        return current().money(low)

    @property
    def high(self) -> str:
        """The high end of what will be redeemed, in money."""
        high = None if self.report is None else self.report.expected.high_money.cost_minor
        return current().money(high)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the programme in force.

    Parameters
    ----------
    request
        Of whoever reads.
    """
    own = own_programme(request)
    language, names = current().language, names_of_staff()
    found = list(queries.versions(own))
    force = next((each for each in found if each.state == Version.State.PUBLISHED), None)
    reads = None if force is None else reading.read(queries.get(force.id)[1])
    page = Home(
        name=_name(own.name, language),
        code=own.code,
        others=tuple(
            (each.code, _name(each.name, language))
            for each in queries.programmes()
            if each.code != own.code
        ),
        force=None if force is None else reading.row(force, names=names),
        reads=reads,
        drafts=tuple(
            reading.row(each, names=names)
            for each in found
            if each.state == Version.State.DRAFT
        ),
        versions=len(found),
        waiting=waiting_referrals(own.code),
        key=new_key(),
    )
    return shown(request, name="home", page=page, own=own)


def _name(names: dict[str, str], language: str) -> str:
    return names.get(language) or names.get("zh") or names.get("en") or ""


@require_safe
def cost(request: HttpRequest) -> HttpResponse:
    """Return what the programme costs, as a part of a page: the books are read for it.

    Parameters
    ----------
    request
        Of whoever may see what is owed.
    """
    own, at = own_programme(request), clock.now()
    month, report = None, None
    # Where nothing was ever published there is nothing to count.
    with suppress(UnitUnknown):
        found = books(own.code, at=at)
        month, report, at = found.months.months[-1], found.report, found.report.at
    force = queries.in_force(own, at=at)
    unit = None if force is None else force[1].unit("points")
    page = Cost(at, month, report, "" if unit is None else unit.name.said(current().language))
    frame = page_frame(request, own=own)
    return fragment(request, component="backoffice.programme.cost", frame=frame, page=page)
