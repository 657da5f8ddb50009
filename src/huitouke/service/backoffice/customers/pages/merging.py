"""Two records of one person: side by side, merged, and moved apart again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from huitouke.language import N_
from huitouke.service.backoffice.acts import (
    Done,
    actor_of,
    done_once,
    explain,
    new_key,
    say,
)
from huitouke.service.backoffice.customers.contexts import Person, RowShown
from huitouke.service.backoffice.customers.naming import kind_name, phone_shown, public
from huitouke.service.backoffice.customers.pages.acting import loaded, to_customer
from huitouke.service.backoffice.customers.pages.listing import row_shown, tier_names
from huitouke.service.backoffice.customers.pages.person import person_of
from huitouke.service.backoffice.frame import frame_of
from huitouke.service.backoffice.guards import needs
from huitouke.service.core import clock
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import private_id, public_id
from huitouke.service.customers import commands
from huitouke.service.customers.models import UNDO_DAYS, Customer
from huitouke.service.programme.people.listing import (
    Narrowed,
    Row,
    ground_of,
    listed,
    rows_of,
)
from huitouke.service.ui.pages import show

__all__ = ["MergePage", "Pair", "Side", "merge", "undo"]

_FOUND_MOST = 10


@dataclass(frozen=True)
class Side:
    """One of the two records.

    Parameters
    ----------
    person
        Who.
    identities
        Kind and value, as they are read.
    name, birthday_on, tier, points, orders, spend_minor
        What is kept of them.
    """

    person: Person
    identities: tuple[str, ...]
    name: str
    birthday_on: date | None
    tier: str
    points: int | None
    orders: int
    spend_minor: int


@dataclass(frozen=True)
class Pair:
    """What a merge would do.

    Parameters
    ----------
    stays, goes
        The record that stays, and the one that leads to it afterwards.
    swap_url
        The other way round.
    conflicts
        What both say differently; the one who stays is right.
    """

    stays: Side
    goes: Side
    swap_url: str
    conflicts: tuple[str, ...]


@dataclass(frozen=True)
class MergePage:
    """Find the other record, look at both, merge.

    Parameters
    ----------
    person
        Who stays.
    text, found
        What was searched for, and who was found.
    pair
        Both side by side; none before one was chosen.
    key
        Of the form.
    undo_days
        So long it can be undone.
    wrong
        Why it was not done; empty if nothing was tried.
    """

    person: Person
    text: str
    found: tuple[RowShown, ...]
    pair: Pair | None
    key: str
    undo_days: int
    wrong: str = ""


def _side(row: Row, *, tiers: dict[str, str]) -> Side:
    who = row.customer
    tier = tiers.get(row.tier, row.tier)
    return Side(
        person=person_of(who, tier=tier),
        identities=tuple(
            f"{kind_name(each.kind)} "
            f"{phone_shown(each.value) if each.kind == 'phone' else each.value}"
            for each in who.identities.all()
        ),
        name=who.name,
        birthday_on=who.birthday_on,
        tier=tier,
        points=row.points,
        orders=row.bought.orders,
        spend_minor=row.bought.spend_minor,
    )


def _conflicts(stays: Customer, goes: Customer, *, sides: tuple[Side, Side]) -> tuple[str, ...]:
    """Say what both records tell differently, and which of it will hold."""
    found = []
    if stays.name and goes.name and stays.name != goes.name:
        found.append(say(N_("Two names: {name} stays."), name=stays.name))
    if stays.birthday_on and goes.birthday_on and stays.birthday_on != goes.birthday_on:
        found.append(say(N_("Two birthdays: {day} stays."), day=stays.birthday_on))
    if sides[0].tier and sides[1].tier and sides[0].tier != sides[1].tier:
        found.append(say(N_("Two tiers: the higher one stays.")))
    if stays.enrolled_at and goes.enrolled_at:
        found.append(say(N_("Both are members: what is given once is kept once.")))
    return tuple(found)


def _pair(stays: Customer, goes: Customer, *, currency: str) -> Pair:
    ground = ground_of(now=clock.now())
    tiers = tier_names(ground)
    one, other = rows_of([stays, goes], ground=ground, currency=currency)
    sides = (_side(one, tiers=tiers), _side(other, tiers=tiers))
    swap = reverse("customer_merge", args=[public(goes)])
    return Pair(
        stays=sides[0],
        goes=sides[1],
        swap_url=f"{swap}?other={public(stays)}",
        conflicts=_conflicts(stays, goes, sides=sides),
    )


def _found(text: str, *, but: UUID, currency: str) -> tuple[RowShown, ...]:
    if not text:
        return ()
    ground = ground_of(now=clock.now())
    tiers = tier_names(ground)
    page = listed(Narrowed(text), ground=ground, currency=currency, limit=_FOUND_MOST)
    return tuple(row_shown(each, tiers=tiers) for each in page.rows if each.customer.pk != but)


@needs("customers.merge")
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: HttpRequest, key: str) -> HttpResponse:
    """Find the other record, show both side by side, and merge them.

    Parameters
    ----------
    request
        ``GET`` with ``q`` or ``other``, or ``POST`` with ``other``.
    key
        Public id of who stays.
    """
    customer = loaded(key)
    frame = frame_of(request)
    given = request.POST if request.method == "POST" else request.GET
    text, wrong, pair = given.get("q", "").strip()[:100], "", None
    other = None
    if given.get("other"):
        try:
            other = loaded(given["other"])
        except ServiceError as error:
            wrong = explain(error)
    if request.method == "POST" and other is not None:
        goes = other

        def act() -> Done:
            commands.merge(goes.pk, into=customer.pk, at=clock.now(), actor=actor_of(request))
            text = N_("Merged. Everything stands here now; it can be undone for {n} days.")
            return to_customer(customer, say(text, n=UNDO_DAYS))

        try:
            return done_once(request, act)
        except ServiceError as error:
            wrong = explain(error)
    if other is not None and other.pk == customer.pk:
        wrong = wrong or say(N_("That is this very customer. Look for the other record."))
    elif other is not None:
        pair = _pair(customer, other, currency=frame.shop.currency)
    page = MergePage(
        person=person_of(customer),
        text=text,
        found=_found(text, but=customer.pk, currency=frame.shop.currency),
        pair=pair,
        key=new_key(),
        undo_days=UNDO_DAYS,
        wrong=wrong,
    )
    status = 422 if request.method == "POST" else 200
    template = "backoffice/customers/merge.html"
    return show(request, template=template, page=page, frame=frame, status=status)


@needs("customers.merge")
@require_POST
def undo(request: HttpRequest, key: str) -> HttpResponse:
    """Move two persons apart again.

    Parameters
    ----------
    request
        ``POST``.
    key
        Public id of the merge.
    """
    wanted = private_id("mrg", key)

    def act() -> Done:
        made = commands.unmerge(wanted, at=clock.now(), actor=actor_of(request))
        url = reverse("customer", args=[public_id("cus", made.loser_id)])
        return Done(url, say(N_("Moved apart. What came since the merge stayed where it was.")))

    try:
        return done_once(request, act)
    except ServiceError as error:
        refused = Done(reverse("customers"), explain(error), "error")
        return done_once(request, lambda: refused)
