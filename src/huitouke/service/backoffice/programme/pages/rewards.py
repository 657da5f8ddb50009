"""The catalogue of rewards: what points buy, what is left of it, what is paused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from huitouke.language import N_
from huitouke.service.backoffice.acts import actor_of, at_most_once, new_key
from huitouke.service.backoffice.programme.acts import (
    goes,
    own_programme,
    shown,
    tell,
    tell_error,
)
from huitouke.service.backoffice.programme.forms.rewards import REWARD_KINDS, RewardForm
from huitouke.service.core import clock
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import private_id, public_id
from huitouke.service.programme.models.rewards import Reward
from huitouke.service.programme.models.versions import Programme
from huitouke.service.programme.rewards import catalogue
from huitouke.service.programme.rewards.campaigns import campaigns
from huitouke.service.programme.rewards.queries import rewards
from huitouke.service.programme.rewards.redemptions import reward_of
from huitouke.service.programme.rules.definition import Definition
from huitouke.service.programme.versions import queries
from huitouke.service.ui.reader import current

__all__ = ["Catalogue", "RewardPage", "RewardRow", "edit", "listed", "new", "pause", "stock"]

_ADDED = N_("{name} is offered from now on.")
_CHANGED = N_("{name} is changed; redemptions under way keep what they were made for.")
_PAUSED = N_("{name} is paused: nobody can redeem it until it is offered again.")
_OFFERED = N_("{name} is offered again.")
_STOCKED = N_("{name}: {n} left now.")
_NO_COUNT = N_("Write how many came in, or how many are gone with a minus before it.")


@dataclass(frozen=True)
class RewardRow:
    """One reward in the list.

    Parameters
    ----------
    id, code, name, kind
        Which, and the English message of what it is.
    price
        What it costs, in words.
    stock
        What is left; none is without end.
    limit, limit_days
        At most so many per member, in so many days.
    valid_from, valid_to
        From when to when.
    enabled, shared
        Whether it is offered, and whether two pay for it together.
    """

    id: str
    code: str
    name: str
    kind: str
    price: str
    stock: int | None
    limit: int | None
    limit_days: int | None
    valid_from: datetime | None
    valid_to: datetime | None
    enabled: bool
    shared: bool

    @property
    def last_day(self) -> datetime | None:
        """A moment of the last day on which it is valid."""
        return None if self.valid_to is None else self.valid_to - timedelta(microseconds=1)


@dataclass(frozen=True)
class Catalogue:
    """All rewards.

    Parameters
    ----------
    rows
        Cheapest first, as filtered.
    show
        ``""``, ``offered``, ``paused`` or ``scarce``.
    all
        How many there are without the filter.
    key
        Of its forms.
    """

    rows: tuple[RewardRow, ...]
    show: str
    all: int
    key: str

    @property
    def filters(self) -> list[tuple[str, str]]:
        """What the list may be filtered to: value and label."""
        say = current().words.say
        return [
            ("", say(N_("All"))),
            ("offered", say(N_("Offered"))),
            ("paused", say(N_("Paused"))),
            ("scarce", say(N_("Fewer than 10 left"))),
        ]


@dataclass(frozen=True)
class RewardPage:
    """One reward in its form.

    Parameters
    ----------
    row
        As it is; none for a new one.
    form
        Changes it.
    revision
        The one that was read.
    key
        Of its forms.
    """

    row: RewardRow | None
    form: RewardForm
    revision: int
    key: str


_SCARCE = 10


def _row(reward: Reward, *, definition: Definition | None) -> RewardRow:
    reader = current()
    language, say = reader.language, reader.words.say
    unit = None if definition is None else definition.unit(reward.unit)
    name = reward.unit if unit is None else unit.name.said(language)
    price = say(N_("{n} {unit}"), n=reader.number(reward.cost_points), unit=name)
    if reward.cash_minor:
        currency = "" if definition is None else definition.currency
        money = reader.money(reward.cash_minor, currency=currency)
        price = say(N_("{points} and {money}"), points=price, money=money)
    return RewardRow(
        id=public_id("rwd", reward.id),
        code=reward.code,
        name=_name(reward.names),
        kind=REWARD_KINDS[reward.kind],
        price=price,
        stock=reward.stock_left,
        limit=reward.per_member_limit,
        limit_days=reward.limit_days,
        valid_from=reward.valid_from,
        valid_to=reward.valid_to,
        enabled=reward.enabled,
        shared=reward.cooperative,
    )


def _name(names: dict[str, str]) -> str:
    language = current().language
    return names.get(language) or names.get("zh") or names.get("en") or ""


def _definition(own: Programme) -> Definition | None:
    force = queries.in_force(own, at=clock.now())
    return None if force is None else force[1]


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """List the rewards.

    Parameters
    ----------
    request
        ``?show=`` filters.
    """
    own = own_programme(request)
    definition, show = _definition(own), request.GET.get("show", "")
    rows = tuple(_row(each, definition=definition) for each in rewards(own.code))
    kept = {
        "offered": [row for row in rows if row.enabled],
        "paused": [row for row in rows if not row.enabled],
        "scarce": [row for row in rows if row.stock is not None and row.stock < _SCARCE],
    }.get(show, rows)
    page = Catalogue(tuple(kept), show, len(rows), new_key())
    return shown(request, name="rewards", page=page, own=own, here="programme_rewards")


def _form(own: Programme, data: Any, *, initial: dict[str, Any]) -> RewardForm:
    definition, language = _definition(own), current().language
    tiers = definition.tiers.tiers if definition is not None and definition.tiers else ()
    return RewardForm(
        data,
        zone=own.zone,
        currency=own.currency,
        tiers={tier.code: tier.name.said(language) for tier in tiers},
        units={
            unit.code: unit.name.said(language)
            for unit in queries.spent_units(own, at=clock.now())
        },
        campaigns={
            str(each.campaign.id): _name(each.campaign.names) for each in campaigns(own.code)
        },
        initial=initial,
    )


def new(request: HttpRequest) -> HttpResponse:
    """Offer a new reward.

    Parameters
    ----------
    request
        A POST with the form keeps it.
    """
    own = own_programme(request)
    given = request.POST if request.method == "POST" else None
    form = _form(own, given, initial={"when_used": "refuse", "cost_points": 500})
    if given is not None and form.is_valid():

        def act(_: str) -> str:
            catalogue.add_reward(
                own.code, at=clock.now(), actor=actor_of(request), **form.written()
            )
            return reverse("programme_rewards")

        try:
            address = at_most_once(request, act)
        except ServiceError as error:
            form.blame(error)
        else:
            tell(request, _ADDED, name=_name(form.written()["names"]))
            return goes(address)
    page = RewardPage(None, form, 0, new_key())
    status = 200 if given is None else 422
    return shown(
        request, name="reward", page=page, own=own, here="programme_rewards", status=status
    )


def edit(request: HttpRequest, *, reward: str) -> HttpResponse:
    """Show a reward in its form; a POST changes it.

    Parameters
    ----------
    request
        Of who changes rewards.
    reward
        Public id.
    """
    own = own_programme(request)
    found = reward_of(private_id("rwd", reward), programme=own.code)
    given = request.POST if request.method == "POST" else None
    form = _form(own, given, initial=RewardForm.shown(found, zone=own.zone))
    if given is not None and form.is_valid():
        sent = given.get("revision", "")

        def act(_: str) -> str:
            catalogue.change_reward(
                found.id,
                programme=own.code,
                revision=int(sent) if sent.isdecimal() else 0,
                at=clock.now(),
                actor=actor_of(request),
                **form.written(),
            )
            return reverse("programme_rewards")

        try:
            address = at_most_once(request, act)
        except ServiceError as error:
            form.blame(error)
        else:
            tell(request, _CHANGED, name=_name(form.written()["names"]))
            return goes(address)
    row = _row(found, definition=_definition(own))
    page = RewardPage(row, form, found.revision, new_key())
    status = 200 if given is None else 422
    return shown(
        request, name="reward", page=page, own=own, here="programme_rewards", status=status
    )


@require_POST
def pause(request: HttpRequest, *, reward: str) -> HttpResponse:
    """Pause a reward, or offer it again.

    Parameters
    ----------
    request
        ``enabled`` is ``yes`` or ``no``.
    reward
        Public id.
    """
    own = own_programme(request)
    found = reward_of(private_id("rwd", reward), programme=own.code)
    enabled = request.POST.get("enabled") == "yes"

    def act(_: str) -> str:
        catalogue.change_reward(
            found.id,
            programme=own.code,
            revision=found.revision,
            at=clock.now(),
            actor=actor_of(request),
            enabled=enabled,
        )
        return reverse("programme_rewards")

    return _done(request, act, says=_OFFERED if enabled else _PAUSED, name=_name(found.names))


@require_POST
def stock(request: HttpRequest, *, reward: str) -> HttpResponse:
    """Add to a reward's stock, or take from it.

    Parameters
    ----------
    request
        ``count`` says how many.
    reward
        Public id.
    """
    own = own_programme(request)
    found = reward_of(private_id("rwd", reward), programme=own.code)
    written = request.POST.get("count", "").strip().replace("−", "-")
    address = reverse("programme_reward", args=[reward])
    if not written.lstrip("+-").isdecimal() or len(written) > 9:
        return _refused(request, address)

    def act(_: str) -> str:
        catalogue.add_stock(
            found.id, programme=own.code, count=int(written), actor=actor_of(request)
        )
        return address

    left = (found.stock_left or 0) + int(written)
    return _done(request, act, says=_STOCKED, name=_name(found.names), n=left)


def _refused(request: HttpRequest, address: str) -> HttpResponse:
    messages.error(request, current().words.say(_NO_COUNT))
    return goes(address)


def _done(request: HttpRequest, act: Any, *, says: str, **values: Any) -> HttpResponse:
    try:
        address = at_most_once(request, act)
    except ServiceError as error:
        tell_error(request, error)
        return goes(reverse("programme_rewards"))
    tell(request, says, **values)
    return goes(address)
