"""Stamp cards, and bringing a friend."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.views.decorators.http import require_safe

from huitouke.language import N_
from huitouke.service.customers import queries as customers
from huitouke.service.portal.contexts.points import Friend, Friends, StampLine, Stamps
from huitouke.service.portal.door import frame_of, members
from huitouke.service.portal.qr import qr
from huitouke.service.portal.shop import PROGRAMME, Counted, counted, rules_of, shop
from huitouke.service.portal.signing.sessions import Me
from huitouke.service.programme.mine.friends import Invitation, invitations
from huitouke.service.programme.rewards.referrals import referral_code
from huitouke.service.programme.rewards.stamps import stamp_cards
from huitouke.service.ui.pages import show
from huitouke.service.ui.reader import current

__all__ = ["friends", "stamps"]

_ROW_MOST = 24
_STATES = {
    "joined": (N_("Has joined; the first order is still to come"), "info"),
    "ordered": (N_("Has ordered; the reward waits for the return window"), "info"),
    "rewarded": (N_("You were rewarded"), "good"),
    "over": (N_("Ended without a reward"), ""),
}


@members
@require_safe
def stamps(request: HttpRequest, me: Me) -> HttpResponse:
    """Show where the member's stamp cards stand.

    Parameters
    ----------
    request, me
        Who asks.
    """
    rules, _ = rules_of(me.at)
    number = counted(rules.definition)
    found = stamp_cards(
        customers.record_of(me.customer),
        programme=PROGRAMME,
        definition=rules.definition,
        at=me.at,
    )
    lines = []
    for card, count in found:
        have = max(0, min(count.stamps, card.stamps))
        drawn = card.stamps <= _ROW_MOST
        lines.append(
            StampLine(
                name=card.name.said(current().language),
                have=have,
                of=card.stamps,
                marks=tuple(place < have for place in range(card.stamps)) if drawn else (),
                present=number.said(card.points)
                if card.points
                else current().words.say(N_("a coupon")),
                full=count.full,
            )
        )
    frame = frame_of(request, me=me, who=customers.get(me.customer).name)
    page = Stamps(tuple(lines))
    return show(request, template="portal/stamps.html", page=page, frame=frame)


@members
@require_safe
def friends(request: HttpRequest, me: Me) -> HttpResponse:
    """Show the member's own code, and what became of invitations.

    Parameters
    ----------
    request, me
        Who asks.
    """
    rules, _ = rules_of(me.at)
    terms = rules.definition.referral
    page = Friends(on=False)
    if terms is not None:
        number, say = counted(rules.definition), current().words.say
        code = referral_code(me.customer, programme=PROGRAMME, at=me.at)
        there = resolve_url("my_invited", code)
        public: str = settings.MEMBERS.public_url
        link = public + there if public else request.build_absolute_uri(there)
        page = Friends(
            on=True,
            code=code,
            link=link,
            qr=qr(link, title=say(N_("QR code of your invitation"))),
            text=say(N_("Come to {shop} with me:"), shop=shop().name),
            mine=number.said(terms.advocate_points) if terms.advocate_points else "",
            theirs=number.said(terms.friend_points) if terms.friend_points else "",
            least_minor=terms.least_order_minor,
            came=tuple(
                _friend(each, number=number)
                for each in invitations(me.customer, programme=PROGRAMME)
            ),
        )
    frame = frame_of(request, me=me, who=customers.get(me.customer).name)
    return show(request, template="portal/friends.html", page=page, frame=frame)


def _friend(found: Invitation, *, number: Counted) -> Friend:
    said, tone = _STATES[found.state]
    return Friend(
        came_at=found.came_at,
        due_at=found.due_at,
        state=current().words.say(said),
        tone=tone,
        points=number.said(found.points) if found.state != "over" and found.points else "",
    )
