"""Rewards: within reach, next, redeemed; and what shows it at the till."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huitouke.language import N_
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import new_id, private_id, public_id, spoken_id
from huitouke.service.customers import queries as customers
from huitouke.service.ledger.contract import Balance
from huitouke.service.ledger.returning import if_held
from huitouke.service.portal.contexts.points import (
    Back,
    Codes,
    CouponLine,
    Offer,
    Redeemed,
    RewardPage,
    Rewards,
)
from huitouke.service.portal.door import frame_of, members, see
from huitouke.service.portal.qr import qr
from huitouke.service.portal.returning import (
    back_of,
    lapse_lines,
    late_lines,
    warnings_before,
)
from huitouke.service.portal.shop import PROGRAMME, UNIT, Counted, counted, name_of, rules_of
from huitouke.service.portal.signing.sessions import Me
from huitouke.service.portal.words import no_because, standing_line, why_not
from huitouke.service.programme.events import reading
from huitouke.service.programme.events.rulebook import Rules
from huitouke.service.programme.mine import redeemed
from huitouke.service.programme.mine.reach import obtain, reach
from huitouke.service.programme.models.rewards import Redemption
from huitouke.service.programme.rewards.offers import RewardOffer, rewards_for
from huitouke.service.programme.rewards.pacts import PactOfOne, offer_pact
from huitouke.service.programme.rewards.refusals import RewardUnknown
from huitouke.service.programme.rewards.shown import standing_of
from huitouke.service.ui.frame import Frame
from huitouke.service.ui.pages import show
from huitouke.service.ui.reader import current

__all__ = ["cancel", "codes", "redemption", "reward", "rewards", "share"]

_KEY_MOST = 64
_POINTS_MOST = 12


_STATES = {
    "ready": (N_("Ready to use"), "good"),
    "waiting": (N_("Not valid yet"), "info"),
    "used": (N_("Used"), ""),
    "expired": (N_("Lapsed"), "warn"),
    "void": (N_("Withdrawn"), "warn"),
}


def _waits() -> timedelta:
    return timedelta(hours=settings.MEMBERS.redeem_hours)


def _offer(found: RewardOffer, *, number: Counted, active: int) -> Offer:
    cost = found.reward.cost_points
    said = number.said(cost)
    if found.reward.cooperative:
        said = current().words.say(N_("{points} between two"), points=said)
    return Offer(
        name=name_of(found.reward.names),
        cost=said,
        cash_minor=found.reward.cash_minor,
        url=resolve_url("my_reward", public_id("rwd", found.reward.pk)),
        no=why_not(found, counted=number),
        share=max(0, min(100, active * 100 // cost)),
        shared=found.reward.cooperative,
    )


@members
@require_safe
def rewards(request: HttpRequest, me: Me) -> HttpResponse:
    """Show what may be had now, what is next, and what is closed and why.

    Parameters
    ----------
    request, me
        Who asks.
    """
    rules, _ = rules_of(me.at)
    number = counted(rules.definition)
    active = reading.balance(me.customer, now=me.at, unit=UNIT, programme=PROGRAMME).active
    offers = rewards_for(me.customer, programme=PROGRAMME, at=me.at)
    found = reach(offers)
    now, later, closed = (
        tuple(_offer(each, number=number, active=active) for each in group)
        for group in (found.now, found.later, found.closed)
    )
    mine = redeemed.redemptions(me.customer, programme=PROGRAMME)
    page = Rewards(
        points=number.said(active),
        now=now,
        later=later,
        closed=closed,
        waiting=sum(1 for each in mine if standing_of(each, at=me.at) == "waits"),
        has_shared=any(each.reward.cooperative for each in offers),
    )
    return show(request, template="portal/rewards.html", page=page, frame=_frame(request, me))


def _frame(request: HttpRequest, me: Me) -> Frame:
    return frame_of(request, me=me, who=customers.get(me.customer).name)


@members
@require_http_methods(["GET", "POST"])
def reward(request: HttpRequest, me: Me, reward_id: str) -> HttpResponse:
    """Show one reward, and redeem it.

    Parameters
    ----------
    request, me
        Who asks; ``POST`` with ``key`` redeems.
    reward_id
        Public id of the reward.
    """
    wanted = private_id("rwd", reward_id)
    no = ""
    if request.method == "POST":
        name, key = public_id("cus", me.customer), request.POST.get("key", "") or str(new_id())
        try:
            made = obtain(
                me.customer,
                programme=PROGRAMME,
                reward=wanted,
                key=f"my:{name}:{key[:_KEY_MOST]}",
                at=me.at,
                actor=me.actor,
                waits=_waits(),
            )
            return see(resolve_url("my_redemption", public_id("rdm", made.pk)))
        except RewardUnknown:
            raise
        except ServiceError as error:
            no = no_because(error)
    return _reward_page(request, me, wanted=wanted, no=no)


def _reward_page(
    request: HttpRequest,
    me: Me,
    *,
    wanted: UUID,
    no: str = "",
    typed: str = "",
    wrong: str = "",
) -> HttpResponse:
    rules, _ = rules_of(me.at)
    number = counted(rules.definition)
    has = reading.balance(me.customer, now=me.at, unit=UNIT, programme=PROGRAMME)
    active = has.active
    offers = rewards_for(me.customer, programme=PROGRAMME, at=me.at)
    found = next((each for each in offers if each.reward.pk == wanted), None)
    if found is None:
        raise RewardUnknown(reward=public_id("rwd", wanted))
    is_coupon = found.reward.campaign_id is not None
    gives = min(active, -(-found.reward.cost_points // 2))
    shared = found.reward.cooperative
    costs = gives if shared else found.reward.cost_points
    most = min(active, found.reward.cost_points - 1)
    late: tuple[str, ...] = ()
    lapses = False
    if not is_coupon:
        late, lapses = _late(
            me, has=has, points=most if shared else costs, number=number, shared=shared
        )
    warned = warnings_before(me, offers=offers, spends=costs, unit=found.reward.unit)
    page = RewardPage(
        offer=_offer(found, number=number, active=active),
        left=number.said(max(0, active - found.reward.cost_points)),
        until=None if is_coupon else me.at + _waits(),
        hours=settings.MEMBERS.redeem_hours,
        is_coupon=is_coupon,
        key=str(new_id()),
        no=no,
        gives=typed or str(gives),
        gives_most=most,
        gives_wrong=wrong,
        warnings=(*late, *warned) if lapses else warned,
        late=() if lapses else late,
    )
    return show(
        request,
        template="portal/reward.html",
        page=page,
        frame=_frame(request, me),
        status=422 if wrong else 409 if no else 200,
    )


def _late(
    me: Me, *, has: Balance, points: int, number: Counted, shared: bool
) -> tuple[tuple[str, ...], bool]:
    """Return what becomes of points that are not used in time, and whether some lapse by it."""
    found = if_held(has.expiring, points=points, until=me.at + _waits())
    lines = lapse_lines(found, number=number) if shared else late_lines(found, number=number)
    return lines, found.lapsed > 0


@members
@require_POST
def share(request: HttpRequest, me: Me, reward_id: str) -> HttpResponse:
    """Begin a reward that two members share, with so many points of one's own.

    Parameters
    ----------
    request, me
        Who begins; ``POST`` with ``points`` and ``key``.
    reward_id
        Public id of the reward.
    """
    wanted = private_id("rwd", reward_id)
    typed = request.POST.get("points", "").strip()[:_POINTS_MOST]
    if not (typed.isascii() and typed.isdigit() and int(typed)):
        wrong = current().words.say(N_("Give a whole number of points, at least 1."))
        return _reward_page(request, me, wanted=wanted, typed=typed, wrong=wrong)
    name, key = public_id("cus", me.customer), request.POST.get("key", "") or str(new_id())
    try:
        made = offer_pact(
            me.customer,
            programme=PROGRAMME,
            reward=wanted,
            points=int(typed),
            key=f"my:{name}:{key[:_KEY_MOST]}",
            at=me.at,
            actor=me.actor,
            ttl=_waits(),
        )
    except PactOfOne as error:
        wrong = no_because(error)
        return _reward_page(request, me, wanted=wanted, typed=typed, wrong=wrong)
    except RewardUnknown:
        raise
    except ServiceError as error:
        return _reward_page(request, me, wanted=wanted, typed=typed, no=no_because(error))
    return see(resolve_url("my_shared", public_id("pct", made.pk)))


def _redeemed(
    found: Redemption, *, at: datetime, number: Counted, rules: Rules | None = None
) -> Redeemed:
    """Return one redemption; with its code and its points' ways back where rules are given."""
    standing = standing_of(found, at=at)
    said, tone = standing_line(standing, part=found)
    waits = standing in {"waits", "missing"}
    key, url = public_id("rdm", found.pk), ""
    if found.pact is not None:
        url = resolve_url("my_shared", public_id("pct", found.pact.pk))
    title = current().words.say(N_("QR code of this redemption"))
    return Redeemed(
        name=name_of(found.reward.names) if found.reward else "",
        cost=number.said(found.points),
        cash_minor=found.cash_minor,
        url=url or resolve_url("my_redemption", key),
        state=said,
        tone=tone,
        waits=waits,
        missing=standing == "missing",
        until=found.expires_at if waits else None,
        at=found.created_at,
        short=spoken_id(found.pk),
        qr=qr(key, title=title) if rules and waits else SafeString(""),
        coupon=found.code,
        back=back_of(found, standing=standing, at=at, rules=rules) if rules else Back(),
    )


@members
@require_safe
def redemption(request: HttpRequest, me: Me, redemption_id: str) -> HttpResponse:
    """Show one redemption with what the till scans.

    Parameters
    ----------
    request, me
        Who asks.
    redemption_id
        Public id; another member's is not there.
    """
    found = redeemed.redemption(me.customer, redemption=private_id("rdm", redemption_id))
    if found.pact_id is not None:
        return see(resolve_url("my_shared", public_id("pct", found.pact_id)))
    rules, _ = rules_of(me.at)
    number = counted(rules.definition)
    page = _redeemed(found, at=me.at, number=number, rules=rules)
    return show(
        request, template="portal/redemption.html", page=page, frame=_frame(request, me)
    )


@members
@require_POST
def cancel(request: HttpRequest, me: Me, redemption_id: str) -> HttpResponse:
    """Give up a redemption that was not used.

    Parameters
    ----------
    request, me
        Who asks.
    redemption_id
        Public id; another member's is not there.
    """
    del request
    wanted = private_id("rdm", redemption_id)
    redeemed.cancel(me.customer, redemption=wanted, at=me.at, actor=me.actor)
    return see(resolve_url("my_redemption", redemption_id))


@members
@require_safe
def codes(request: HttpRequest, me: Me) -> HttpResponse:
    """Show what a member redeemed, and the coupons that are theirs.

    Parameters
    ----------
    request, me
        Who asks.
    """
    rules, _ = rules_of(me.at)
    number = counted(rules.definition)
    mine = [
        _redeemed(each, at=me.at, number=number)
        for each in redeemed.redemptions(me.customer, programme=PROGRAMME)
    ]
    page = Codes(
        waiting=tuple(each for each in mine if each.waits),
        ended=tuple(each for each in mine if not each.waits),
        coupons=tuple(
            _coupon(each)
            for each in redeemed.coupons(me.customer, programme=PROGRAMME, at=me.at)
        ),
    )
    return show(request, template="portal/codes.html", page=page, frame=_frame(request, me))


def _coupon(found: redeemed.Coupon) -> CouponLine:
    said, tone = _STATES[found.state]
    ready = found.state == "ready"
    title = current().words.say(N_("QR code of this coupon"))
    return CouponLine(
        name=name_of(found.names),
        code=found.code,
        qr=qr(found.code, title=title) if ready else SafeString(""),
        state=current().words.say(said),
        tone=tone,
        until=found.expires_at,
        least_minor=found.min_spend_minor,
        currency=found.currency,
        ready=ready,
    )
