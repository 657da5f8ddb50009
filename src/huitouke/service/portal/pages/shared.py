"""Rewards that two members share: begun by one, joined by a friend, given up by either."""

from __future__ import annotations

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
from huitouke.service.customers.masking import masked_name
from huitouke.service.ledger.returning import if_held
from huitouke.service.portal.contexts.points import Back
from huitouke.service.portal.contexts.shared import FriendsCode, SharedPage
from huitouke.service.portal.door import frame_of, members, see
from huitouke.service.portal.qr import qr
from huitouke.service.portal.returning import (
    back_of,
    friend_line,
    late_lines,
    warnings_before,
)
from huitouke.service.portal.shop import PROGRAMME, counted, name_of, rules_of
from huitouke.service.portal.signing import limits
from huitouke.service.portal.signing.sessions import Me
from huitouke.service.portal.words import no_because, standing_line
from huitouke.service.programme.events import reading
from huitouke.service.programme.mine import shared
from huitouke.service.programme.mine.shared import InvitationOver, Mine
from huitouke.service.programme.rewards.offers import rewards_for
from huitouke.service.programme.rewards.shown import standing_of
from huitouke.service.ui.pages import show
from huitouke.service.ui.reader import current

__all__ = ["cancel", "friends_code", "join", "one"]

_KEY_MOST = 64
_CODE_MOST = 200


def _named(customer: UUID) -> str:
    try:
        name = masked_name(customers.get(customer).name)
    except customers.CustomerErased:
        name = ""
    return name or current().words.say(N_("a member without a name"))


def _link(request: HttpRequest, url: str) -> str:
    public: str = settings.MEMBERS.public_url
    return public + url if public else request.build_absolute_uri(url)


def _page(request: HttpRequest, me: Me, *, found: Mine, no: str = "") -> SharedPage:
    pact, own, other = found.pact, found.own, found.other
    say = current().words.say
    rules, _ = rules_of(me.at)
    number = counted(rules.definition)
    part = own or other
    standing = standing_of(part, at=me.at) if part is not None else "missing"
    said, tone = standing_line(standing, part=part)
    key = public_id("pct", pact.pk)
    url = resolve_url("my_shared", key)
    link = _link(request, url) if standing == "missing" else ""
    drawn = SafeString("")
    if standing == "missing" and own is not None:
        drawn = qr(link, title=say(N_("QR code of your invitation")))
    elif standing == "waits":
        drawn = qr(key, title=say(N_("QR code of this redemption")))
    why = found.why_not[0] if found.why_not else None
    name = name_of(pact.reward.names)
    gives = pact.missing_points if own is None else own.points
    waits = standing in {"missing", "waits"}
    late, warnings = _before(me, found=found) if own is None and why is None else ((), ())
    return SharedPage(
        name=name,
        cost=number.said(pact.reward.cost_points),
        standing=standing,
        state=said,
        tone=tone,
        friend=_named(other.customer_id) if other is not None else "",
        mine=number.said(gives),
        theirs=number.said(other.points if other is not None else pact.missing_points),
        left=number.said(max(0, found.available - gives)),
        until=pact.expires_at,
        made_at=pact.created_at,
        cash_minor=pact.reward.cash_minor if part is None else _cash(found),
        invited=own is None,
        began=found.began,
        link=link,
        share=say(N_("Share {reward} with me:"), reward=name),
        code=spoken_id(pact.pk),
        qr=drawn,
        coupon="" if own is None else own.code,
        url=url,
        back=Back() if own is None else back_of(own, standing=standing, at=me.at, rules=rules),
        friend_back=""
        if own is None or other is None or not waits
        else friend_line(other, friend=_named(other.customer_id), number=number),
        late=late,
        warnings=warnings,
        key=str(new_id()),
        no=no or ("" if why is None else no_because(why)),
        may_join=own is None and why is None,
        not_enrolled=why is not None and why.code == "programme.not_enrolled",
    )


def _before(me: Me, *, found: Mine) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what may become of the points of who joins, and what joining costs beside them."""
    pact, unit = found.pact, found.pact.reward.unit
    rules, _ = rules_of(me.at)
    has = reading.balance(me.customer, now=me.at, unit=unit, programme=PROGRAMME)
    held = if_held(has.expiring, points=pact.missing_points, until=pact.expires_at)
    offers = rewards_for(me.customer, programme=PROGRAMME, at=me.at)
    late = late_lines(held, number=counted(rules.definition))
    warned = warnings_before(me, offers=offers, spends=pact.missing_points, unit=unit)
    return ((), (*late, *warned)) if held.lapsed else (late, warned)


def _cash(found: Mine) -> int:
    return sum(each.cash_minor for each in (found.own, found.other) if each is not None)


def _looked(me: Me, key: str) -> Mine:
    return shared.look(me.customer, pact=private_id("pct", key), programme=PROGRAMME, at=me.at)


def _shown(request: HttpRequest, me: Me, *, found: Mine, no: str = "") -> HttpResponse:
    frame = frame_of(request, me=me, who=customers.get(me.customer).name)
    return show(
        request,
        template="portal/shared.html",
        page=_page(request, me, found=found, no=no),
        frame=frame,
        status=409 if no else 200,
    )


@members
@require_safe
def one(request: HttpRequest, me: Me, pact_id: str) -> HttpResponse:
    """Show a shared reward to its members, or to the friend who was sent its link.

    Parameters
    ----------
    request, me
        Who asks.
    pact_id
        Public id; others' that cannot be joined is not there.
    """
    return _shown(request, me, found=_looked(me, pact_id))


@members
@require_POST
def join(request: HttpRequest, me: Me, pact_id: str) -> HttpResponse:
    """Join a friend's shared reward.

    Parameters
    ----------
    request, me
        Who asks; ``POST`` with ``key``.
    pact_id
        Public id of the shared reward.
    """
    name, key = public_id("cus", me.customer), request.POST.get("key", "") or str(new_id())
    try:
        shared.join(
            me.customer,
            pact=private_id("pct", pact_id),
            programme=PROGRAMME,
            key=f"my:{name}:{key[:_KEY_MOST]}",
            at=me.at,
            actor=me.actor,
        )
    except InvitationOver:
        raise
    except ServiceError as error:
        # Who came too late is told so like anybody; whoever is in it sees how it stands.
        return _shown(request, me, found=_looked(me, pact_id), no=no_because(error))
    return see(resolve_url("my_shared", pact_id))


@members
@require_POST
def cancel(request: HttpRequest, me: Me, pact_id: str) -> HttpResponse:
    """Give a shared reward up; what is still good of both parts goes back.

    Parameters
    ----------
    request, me
        One of the two.
    pact_id
        Public id of the shared reward.
    """
    wanted = private_id("pct", pact_id)
    try:
        shared.cancel(me.customer, pact=wanted, programme=PROGRAMME, at=me.at, actor=me.actor)
    except InvitationOver:
        raise
    except ServiceError as error:
        return _shown(request, me, found=_looked(me, pact_id), no=no_because(error))
    return see(resolve_url("my_shared", pact_id))


@members
@require_http_methods(["GET", "POST"])
def friends_code(request: HttpRequest, me: Me) -> HttpResponse:
    """Take the code that a friend read out, and open what it stands for.

    Parameters
    ----------
    request, me
        Who asks; ``POST`` with ``code``.
    """
    code = request.POST.get("code", "").strip()[:_CODE_MOST]
    wrong = ""
    if request.method == "POST":
        limits.take_heard(public_id("cus", me.customer))
        found = shared.heard(code, programme=PROGRAMME)
        try:
            if found is not None:
                shared.look(me.customer, pact=found, programme=PROGRAMME, at=me.at)
                return see(resolve_url("my_shared", public_id("pct", found)))
        except InvitationOver:
            pass
        wrong = current().words.say(
            N_("Nothing can be joined under this code. Compare the eight letters once more.")
        )
    frame = frame_of(request, me=me, who=customers.get(me.customer).name)
    return show(
        request,
        template="portal/friends_code.html",
        page=FriendsCode(code, wrong),
        frame=frame,
        status=422 if wrong else 200,
    )
