"""What the counter says of a reward that was redeemed elsewhere and is shown now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse

from huitouke.language import N_
from huitouke.service.backoffice.acts import new_key, say
from huitouke.service.backoffice.customers.naming import main_identity, named, public
from huitouke.service.backoffice.customers.standing import unit_name
from huitouke.service.backoffice.till.parts import PartShown, ShownPage, ShownRow, Warning
from huitouke.service.core.ids import public_id, spoken_id
from huitouke.service.customers import queries as people
from huitouke.service.customers.masking import masked
from huitouke.service.customers.queries import CustomerErased
from huitouke.service.ledger.returning import Returning, on_release, together
from huitouke.service.programme.models.rewards import Redemption
from huitouke.service.programme.people.conditions import Ground
from huitouke.service.programme.rewards.shown import Shown, standing_of

__all__ = ["page_of", "returning", "row_of"]

_STATES: dict[str, tuple[str, str]] = {
    "waits": (N_("Waits to be handed over"), "info"),
    "missing": (N_("Waits for the second member"), "warn"),
    "late": (N_("Not used in time"), ""),
    "given_up": (N_("Cancelled"), ""),
    "handed_over": (N_("Handed over"), "warn"),
    "reversed": (N_("Points were given back"), ""),
}
_COUPON = (N_("Coupon issued"), "good")
_DOORS = {"redemption": "till_redemption", "pact": "till_shared"}


def _state(part: Redemption, *, at: datetime) -> tuple[str, str, str]:
    """Return where it stands: its name, in a word, and the tone."""
    standing = standing_of(part, at=at)
    if standing == "handed_over" and part.code:
        return (standing, *_COUPON)
    return (standing, *_STATES[standing])


def _part(part: Redemption) -> PartShown:
    """Return who gives what; a phone is masked, for nobody needs all of it here."""
    try:
        who = people.get(part.customer_id)
    except CustomerErased:
        return PartShown(say(N_("A member who was forgotten")), "", part.points, "")
    known = {each.kind: each.value for each in who.identities.all()}
    note = masked("phone", known["phone"]) if "phone" in known else ""
    if not note and (other := main_identity(who.identities.all())):
        note = masked("external", other)
    return PartShown(
        name=who.name or note or say(N_("Customer without a name")),
        note=note if who.name else "",
        points=part.points,
        url=reverse("till_member", args=[public(who)]),
    )


def row_of(found: Shown, *, part: Redemption, at: datetime) -> ShownRow:
    """Return one of several things that a code may stand for.

    Parameters
    ----------
    found
        Which.
    part
        Of it: the redemption, or that of who began.
    at
        When it is asked.
    """
    _, said, tone = _state(part, at=at)
    return ShownRow(
        url=reverse(_DOORS[found.kind], args=[_key(found)]),
        reward=named(part.reward.names) if part.reward else "",
        who=_part(part).name,
        state=say(said),
        tone=tone,
        at=part.created_at,
    )


def _key(found: Shown) -> str:
    return public_id("pct" if found.kind == "pact" else "rdm", found.id)


def page_of(
    found: Shown, *, parts: Sequence[Redemption], ground: Ground, wrong: str = ""
) -> ShownPage:
    """Return what stands behind a code, and what can be done with it here.

    Parameters
    ----------
    found
        Which.
    parts
        Its redemptions, the one who began first.
    ground
        Of ``listing.ground_of``.
    wrong
        Why something was just not done; empty: nothing was tried.
    """
    first, at, key = parts[0], ground.now, _key(found)
    standing, said, tone = _state(first, at=at)
    shown = tuple(_part(each) for each in parts)
    coupon = next((each.code for each in parts if each.code), "")
    is_open = standing in {"waits", "missing"}
    back = [returning([each]) for each in parts]
    door = _DOORS[found.kind]
    book = ground.rulebook
    return ShownPage(
        reward=named(first.reward.names) if first.reward else "",
        code=spoken_id(found.id),
        state=say(said),
        tone=tone,
        says=_says(
            first, standing=standing, coupon=coupon, back=sum(each.back for each in back)
        ),
        parts=shown,
        unit=first.unit if book is None else unit_name(book.now, first.unit),
        cash_minor=sum(each.cash_minor for each in parts),
        until=first.expires_at,
        made_at=first.created_at,
        coupon=coupon,
        hand_over_url=reverse(f"{door}_hand_over", args=[key]) if standing == "waits" else "",
        give_back_url=reverse(f"{door}_give_back", args=[key]) if is_open else "",
        gives=say(
            N_("Handing it over spends the {n} points that are set aside."),
            n=sum(each.points for each in parts),
        ),
        returns=_returns(parts, found=back) if is_open else "",
        warnings=_lost(back) if is_open else (),
        next_url=shown[0].url or reverse("till"),
        next_says=shown[0].name if shown[0].url else say(N_("Till")),
        key=new_key(),
        wrong=wrong,
    )


#: By standing: what it means here, and which moment of the redemption it names.
_MEANS: dict[str, tuple[str, str]] = {
    "handed_over": (
        N_("It was handed over on {at}. Do not hand it over a second time."),
        "captured_at",
    ),
    "reversed": (N_("Its points went back on {at}; nothing is to be handed over."), "ended_at"),
    "late": (
        N_("It was to be fetched by {at}. {n} points went back: redeem again if wanted."),
        "expires_at",
    ),
    "given_up": (
        N_("It was given up on {at}. {n} points went back: redeem again if wanted."),
        "ended_at",
    ),
}


def _says(first: Redemption, *, standing: str, coupon: str, back: int) -> str:
    """Return what its state means for who stands at the counter; empty: it simply waits."""
    if standing == "handed_over" and coupon:
        return say(N_("It became the coupon {code}. Type that into a sale."), code=coupon)
    if standing in _MEANS:
        text, moment = _MEANS[standing]
        return say(text, at=getattr(first, moment) or first.captured_at, n=back)
    if first.pact is None or not first.pact.missing_points:
        return ""
    return say(
        N_("{n} points are missing until the second member joins, by {at} at the latest."),
        n=first.pact.missing_points,
        at=first.expires_at,
    )


def returning(parts: Sequence[Redemption]) -> Returning:
    """Return what goes back of redemptions that are given up, or went back of those that were.

    Parameters
    ----------
    parts
        Of one thing that was redeemed.
    """
    return together(on_release(each.account, each.hold_key) for each in parts)


def _returns(parts: Sequence[Redemption], *, found: Sequence[Returning]) -> str:
    if len(parts) > 1:
        return say(
            N_("{first} and {second} points go back to the two members at once."),
            first=found[0].back,
            second=found[1].back,
        )
    return say(N_("{n} points go back to the member at once."), n=found[0].back)


def _lost(found: Sequence[Returning]) -> tuple[Warning, ...]:
    """Return what is out of date by now: honoured when handed over, gone when given back."""
    lost = sum(each.lapsed for each in found)
    if not lost:
        return ()
    return (
        Warning(
            said=say(
                N_("{n} of these points are out of date by now: given back, they are gone."),
                n=lost,
            ),
            words=say(
                N_("If you take it today, {n} points that have lapsed still count."), n=lost
            ),
        ),
    )
