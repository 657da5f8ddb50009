"""One customer on one page: who, consent, value, points, tier, and all that happened."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from huitouke.service.backoffice.acts import may, say
from huitouke.service.backoffice.customers.contexts import (
    Consents,
    HistoryPage,
    Household,
    Housemate,
    IdentityShown,
    MergeShown,
    Person,
    PersonPage,
    Said,
    TimelinePart,
)
from huitouke.service.backoffice.customers.holding import coupons_shown, stamps_shown
from huitouke.service.backoffice.customers.naming import (
    PURPOSES,
    brand_names,
    kind_name,
    main_identity,
    name_of,
    named,
    phone_shown,
    public,
)
from huitouke.service.backoffice.customers.standing import points_shown, tier_shown
from huitouke.service.backoffice.customers.telling import told
from huitouke.service.backoffice.frame import frame_of
from huitouke.service.backoffice.guards import needs
from huitouke.service.backoffice.insight.profile import profile_of
from huitouke.service.core import clock
from huitouke.service.core.ids import private_id, public_id
from huitouke.service.customers import queries as people
from huitouke.service.customers.contact import wishes_told
from huitouke.service.customers.households import living_with
from huitouke.service.customers.models import UNDO_DAYS, Consent, Customer
from huitouke.service.customers.names import CHANNELS
from huitouke.service.orders.totals import NOTHING, Bought, bought
from huitouke.service.programme import queries as programme
from huitouke.service.programme.events.reading import TierView
from huitouke.service.programme.people.conditions import Ground
from huitouke.service.programme.people.listing import ground_of
from huitouke.service.programme.people.timeline import KINDS, timeline
from huitouke.service.programme.rewards.holdings import holdings
from huitouke.service.ui.choosing import NAMES
from huitouke.service.ui.pages import fragment, show
from huitouke.service.ui.reader import current

__all__ = ["MAY", "customer", "history", "person_of"]

#: So many of one household are shown; a home for students has more.
_HOUSEMATES_MOST = 20
#: What the page asks of the reader's role, by the name its template uses.
MAY = {
    "write": "customers.write",
    "enrol": "customers.enrol",
    "merge": "customers.merge",
    "erase": "customers.erase",
    "adjust": "points.adjust",
    "grant": "tiers.grant",
    "till": "till.use",
}


def person_of(found: Customer, *, tier: str = "") -> Person:
    """Return who a page is about.

    Parameters
    ----------
    found
        With identities at hand.
    tier
        Name of the tier in effect.
    """
    name, note = name_of(found), main_identity(found.identities.all())
    return Person(
        key=public(found),
        url=reverse("customer", args=[public(found)]),
        name=name,
        note=public(found) if note in {"", name} else note,
        state=found.stage,
        tier=tier,
    )


def _said(word: Consent) -> Said:
    return Said(
        channel=CHANNELS.get(word.channel, word.channel),
        purpose=PURPOSES.get(word.purpose, word.purpose),
        given=word.given,
        at=word.at,
        source=word.source,
        wording=word.wording_version,
    )


def _consents(customer: Customer) -> Consents:
    history = people.consent_journal(customer.pk)
    newest: dict[tuple[str, str], Consent] = {}
    for word in history:
        newest.setdefault((word.channel, word.purpose), word)
    return Consents(
        now=tuple(_said(newest[pair]) for pair in sorted(newest)),
        history=tuple(_said(word) for word in history),
    )


def _timeline(request: HttpRequest, *, found: Customer, ground: Ground) -> TimelinePart:
    kind = request.GET.get("kind", "")
    kind = kind if kind in KINDS else ""
    story = timeline(found.pk, ground=ground, kind=kind, cursor=request.GET.get("before", ""))
    url = reverse("customer_history", args=[public(found)])
    following = f"{url}?kind={kind}&before={_quoted(story.cursor)}"
    return TimelinePart(
        url=url,
        kind=kind,
        kinds=tuple((key, say(label)) for key, label in KINDS.items()),
        events=told(story.moments),
        next_url=following if story.cursor else "",
    )


def _quoted(cursor: str) -> str:
    return cursor.replace("+", "%2B")


def _merges(found: Customer, *, now: datetime) -> tuple[MergeShown, ...]:
    return tuple(
        MergeShown(
            key=public_id("mrg", each.pk),
            merged=public_id("cus", each.loser_id),
            at=each.at,
            until=each.at + timedelta(days=UNDO_DAYS),
            undo_url=reverse("customer_unmerge", args=[public_id("mrg", each.pk)]),
        )
        for each in people.merges_open(found.pk, at=now)
    )


def _household(found: Customer, *, own: Bought, currency: str) -> Household | None:
    if not found.household:
        return None
    others = living_with(found, most=_HOUSEMATES_MOST + 1)
    shown = others[:_HOUSEMATES_MOST]
    sums = bought([each.pk for each in shown], currency=currency)
    whole = len(shown) == len(others)
    return Household(
        key=found.household,
        others=tuple(
            Housemate(
                url=reverse("customer", args=[public(each)]),
                name=name_of(each),
                bought=sums.get(each.pk, NOTHING),
            )
            for each in shown
        ),
        orders=sum(each.orders for each in (own, *sums.values())) if whole else None,
        spend_minor=sum(each.spend_minor for each in (own, *sums.values())) if whole else None,
    )


def _tags(found: Customer) -> tuple[str, ...]:
    tags: Any = found.attributes.get("tags", ())
    return tuple(each for each in tags if isinstance(each, str)) if tags else ()


def _page(request: HttpRequest, *, found: Customer, currency: str) -> PersonPage:
    now = clock.now()
    ground = ground_of(now=now)
    book = ground.rulebook
    stands: TierView | None = (
        None if book is None else programme.tier(found.pk, now=now, programme=book.code)
    )
    held = holdings(
        found.pk,
        programme="main" if book is None else book.code,
        definition=None if book is None else book.now.definition,
        at=now,
    )
    brought_by = held.referrals.brought_by
    own = bought([found.pk], currency=currency).get(found.pk, NOTHING)
    return PersonPage(
        person=person_of(found, tier=named(stands.name) if stands else ""),
        identities=tuple(
            IdentityShown(
                kind=kind_name(each.kind),
                kind_key=each.kind,
                shown=phone_shown(each.value) if each.kind == "phone" else each.value,
                value=each.value,
                verified_at=each.verified_at,
            )
            for each in sorted(found.identities.all(), key=lambda one: (one.kind, one.value))
        ),
        tags=_tags(found),
        birthday_on=found.birthday_on,
        language=NAMES.get(found.language, found.language),
        contact=wishes_told(found.contact, language=current().language),
        gender=found.gender,
        brand=brand_names().get(found.brand, found.brand) if found.brand else "",
        since_at=found.created_at,
        joined_at=found.enrolled_at,
        consents=_consents(found),
        bought=own,
        currency=currency,
        points=points_shown(found.pk, ground=ground),
        tier=tier_shown(stands),
        coupons=coupons_shown(held.coupons),
        cards=stamps_shown(held.cards),
        referral_code=held.referrals.code,
        brought=sum(held.referrals.brought.values()),
        brought_points=held.referrals.points,
        brought_by_url=""
        if brought_by is None
        else reverse("customer", args=[public_id("cus", brought_by)]),
        merges=_merges(found, now=now),
        timeline=_timeline(request, found=found, ground=ground),
        household=_household(found, own=own, currency=currency),
        may={name: may(request, permission) for name, permission in MAY.items()},
        profile=profile_of(found.pk) if may(request, "insight.read") else None,
    )


@needs("customers.read")
@require_safe
def customer(request: HttpRequest, key: str) -> HttpResponse:
    """Show one customer; an id that was merged leads to the record of today.

    Parameters
    ----------
    request
        ``GET``; ``kind`` filters the timeline.
    key
        Public id.
    """
    found = people.get(private_id("cus", key))
    if public(found) != key:
        return HttpResponseRedirect(reverse("customer", args=[public(found)]))
    frame = frame_of(request)
    page = _page(request, found=found, currency=frame.shop.currency)
    template = "backoffice/customers/person.html"
    return show(request, template=template, page=page, frame=frame)


@needs("customers.read")
@require_safe
def history(request: HttpRequest, key: str) -> HttpResponse:
    """Show the timeline alone; htmx gets just the part.

    Parameters
    ----------
    request
        ``GET``; ``kind`` filters, ``before`` leads on.
    key
        Public id.
    """
    found = people.get(private_id("cus", key))
    frame = frame_of(request)
    ground = ground_of(now=clock.now())
    part = _timeline(request, found=found, ground=ground)
    here: Any = request
    if here.htmx:
        return fragment(
            request, component="backoffice.customer_timeline", frame=frame, part=part
        )
    page = HistoryPage(person_of(found), part)
    template = "backoffice/customers/history.html"
    return show(request, template=template, page=page, frame=frame)
