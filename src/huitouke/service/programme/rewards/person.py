"""What rewards know of a person: shown on request, moved by a merge, forgotten on erasure."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from huitouke.service.core.actor import Actor
from huitouke.service.core.ids import public_id
from huitouke.service.core.person import Part
from huitouke.service.programme.models.coupons import Code, CodeUse
from huitouke.service.programme.models.referrals import (
    Referral,
    ReferralCode,
    StampGrant,
    StampState,
    Trace,
)
from huitouke.service.programme.models.rewards import Pact, Redemption
from huitouke.service.programme.rewards.completion import release_held
from huitouke.service.programme.rewards.pacts import locked_pact, release_held_pact
from huitouke.service.programme.rewards.person_referrals import (
    merge_referrals,
    unmerge_referrals,
)
from huitouke.service.programme.rewards.person_stamps import merge_stamps, unmerge_stamps
from huitouke.service.programme.rewards.stock import return_stock

__all__ = ["PART", "end_holds", "erase", "export", "merge", "unmerge"]


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def export(customer: UUID) -> dict[str, Any]:
    """Return a person's redemptions, codes, referrals and stamp cards, ready for JSON.

    Parameters
    ----------
    customer
        Whose.
    """
    redemptions = Redemption.objects.filter(customer=customer).select_related("reward")
    codes = Code.objects.filter(customer=customer)
    uses = CodeUse.objects.filter(customer=customer)
    referrals = Referral.objects.filter(Q(advocate=customer) | Q(friend=customer))
    cards = StampState.objects.filter(customer=customer)
    grants = StampGrant.objects.filter(customer=customer)
    own = ReferralCode.objects.filter(customer=customer).order_by("created_at", "code")
    return {
        "redemptions": [
            {
                "id": public_id("rdm", each.id),
                "reward": each.reward.names if each.reward else None,
                "points": each.points,
                "state": each.state,
                "created_at": _text(each.created_at),
                "code": each.code,
            }
            for each in redemptions.order_by("created_at", "id")
        ],
        "codes": [
            {"code": each.code, "issued_at": _text(each.issued_at), "void": each.void}
            for each in codes.order_by("issued_at", "code")
        ],
        "code_uses": [
            {
                "code": each.code_id,
                "state": each.state,
                "discount_minor": each.discount_minor,
                "at": _text(each.created_at),
            }
            for each in uses.order_by("created_at", "id")
        ],
        "referral_codes": [each.code for each in own],
        "referrals": [
            {
                "as": "advocate" if each.advocate_id == customer else "friend",
                "state": each.state,
                "points": each.advocate_paid
                if each.advocate_id == customer
                else each.friend_paid,
                "at": _text(each.created_at),
            }
            for each in referrals.order_by("created_at", "id")
        ],
        "stamp_cards": [
            {"card": each.card, "stamps": each.stamps, "full": each.full}
            for each in cards.order_by("card")
        ],
        "presents": [
            {"card": each.card, "points": each.points, "code": each.code, "at": _text(each.at)}
            for each in grants.order_by("at", "id")
        ],
    }


def end_holds(customer: UUID, *, at: datetime, actor: Actor, because: str) -> None:
    """Give back what is set aside: an account with open holds cannot move or close.

    Parameters
    ----------
    customer
        Whose; the row is locked.
    at, actor, because
        When, by whom, and why: ``merged``, ``unmerged``, ``erased``.
    """
    pacts = Pact.objects.filter(
        Q(starter=customer) | Q(partner=customer), state__in=(Pact.State.OPEN, Pact.State.READY)
    )
    for pact in list(pacts.order_by("id").values_list("id", flat=True)):
        with locked_pact(pact) as (found, _):
            if found.state in {Pact.State.OPEN, Pact.State.READY}:
                release_held_pact(found, at=at, actor=actor, because=because)
    held = Redemption.objects.select_for_update(of=("self",)).filter(
        customer=customer, state=Redemption.State.HELD
    )
    for each in held.select_related("reward").order_by("id"):
        release_held(each, at=at, actor=actor, because=because)
        return_stock(each)


def merge(loser: UUID, *, into: UUID, at: datetime, actor: Actor) -> dict[str, Any]:
    """Give a person's redemptions, codes, referrals and stamps to another.

    What is set aside at this moment is released first.

    Parameters
    ----------
    loser, into
        From whom, to whom.
    at, actor
        When and by whom.

    Returns
    -------
    dict
        What moved, for :func:`unmerge`.
    """
    end_holds(loser, at=at, actor=actor, because="merged")
    moved: dict[str, Any] = {}
    for name, rows in (
        ("redemptions", Redemption.objects.filter(customer=loser)),
        ("codes", Code.objects.filter(customer=loser)),
        ("uses", CodeUse.objects.filter(customer=loser)),
        ("referral_codes", ReferralCode.objects.filter(customer=loser)),
    ):
        moved[name] = [str(key) for key in rows.values_list("pk", flat=True)]
        rows.update(customer=into)
    moved["traces"] = _copy_traces(loser, into=into)
    moved["referrals"] = merge_referrals(loser, into=into, at=at, actor=actor)
    moved["stamps"] = merge_stamps(loser, into=into)
    return moved


def _copy_traces(loser: UUID, *, into: UUID) -> list[tuple[str, str]]:
    known = {
        (kind, bytes(digest))
        for kind, digest in Trace.objects.filter(customer=into).values_list("kind", "digest")
    }
    new = [
        each
        for each in Trace.objects.filter(customer=loser)
        if (each.kind, bytes(each.digest)) not in known
    ]
    Trace.objects.bulk_create(
        Trace(customer_id=into, kind=each.kind, digest=each.digest, seen_at=each.seen_at)
        for each in new
    )
    return [(each.kind, bytes(each.digest).hex()) for each in new]


def unmerge(
    loser: UUID, *, winner: UUID, moved: dict[str, Any], at: datetime, actor: Actor
) -> None:
    """Put back what a merge moved; what is set aside from both is released first.

    Parameters
    ----------
    loser, winner
        Whose it was, and who has it.
    moved
        What :func:`merge` returned.
    at, actor
        When and by whom.
    """
    end_holds(winner, at=at, actor=actor, because="unmerged")
    for name, rows in (
        ("redemptions", Redemption.objects.all()),
        ("codes", Code.objects.all()),
        ("uses", CodeUse.objects.all()),
        ("referral_codes", ReferralCode.objects.all()),
    ):
        rows.filter(pk__in=moved[name], customer=winner).update(customer=loser)
    for kind, digest in moved["traces"]:
        Trace.objects.filter(customer=winner, kind=kind, digest=bytes.fromhex(digest)).delete()
    unmerge_referrals(loser, winner=winner, moved=moved["referrals"])
    unmerge_stamps(loser, winner=winner, moved=moved["stamps"])


def erase(customer: UUID, *, at: datetime, actor: Actor) -> None:
    """Forget by what a person might be recognised; points, uses and amounts stay.

    Parameters
    ----------
    customer
        Whose.
    at, actor
        When and by whom.
    """
    end_holds(customer, at=at, actor=actor, because="erased")
    Code.objects.filter(customer=customer).update(void=True)
    # What waits for stock is handed out to nobody.
    StampGrant.objects.filter(customer=customer, state=StampGrant.State.WAITING).update(
        state=StampGrant.State.TAKEN_BACK
    )
    ReferralCode.objects.filter(customer=customer).delete()
    Trace.objects.filter(customer=customer).delete()
    Referral.objects.filter(Q(advocate=customer) | Q(friend=customer)).update(evidence={})


#: Before the ledger's own part, which moves no account that has open holds.
PART = Part(name="rewards", export=export, merge=merge, unmerge=unmerge, erase=erase, place=30)
