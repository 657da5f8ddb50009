"""Two members are one: the better tier, all counters, and nothing that is given once twice."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from huitouke.language import N_
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import new_id
from huitouke.service.ledger import commands as ledger
from huitouke.service.ledger import queries as ledger_queries
from huitouke.service.ledger.contract import Earn
from huitouke.service.ledger.units import units
from huitouke.service.programme.events.merged_journals import join_journals, part_journals
from huitouke.service.programme.events.qualifying import uncount
from huitouke.service.programme.events.rulebook import Rulebook
from huitouke.service.programme.events.standing import due_on, standing_kept, standing_of
from huitouke.service.programme.models.members import Done, Membership, Purchase, Use
from huitouke.service.programme.rules.expiry import expires_at
from huitouke.service.programme.rules.standing import Standing
from huitouke.service.programme.rules.tier_shapes import Tiers
from huitouke.service.programme.versions.queries import NothingPublished

__all__ = ["AccountNotMerged", "better", "merge", "unmerge"]

_ADD_USES = """
INSERT INTO programme_use AS u (membership_id, period, rule, used)
SELECT %s, period, rule, used FROM programme_use WHERE membership_id = %s
ON CONFLICT (membership_id, period, rule) DO UPDATE SET used = u.used + excluded.used
"""
_TAKE_USES = """
UPDATE programme_use u SET used = greatest(0, u.used - n.used)
FROM unnest(%s::text[], %s::text[], %s::bigint[]) AS n(rule, period, used)
WHERE u.membership_id = %s AND u.rule = n.rule AND u.period = n.period
"""


class AccountNotMerged(ServiceError):
    """The ledger does not let two accounts become one, or one become two again."""

    code = "programme.account_not_merged"
    status = 409
    says = N_("The accounts of unit {unit} stay as they are: {outcome}.")
    remedy = N_("Complete or release what is set aside, then try again.")


def merge(loser: UUID, *, into: UUID, at: datetime, actor: Actor) -> dict[str, Any]:
    """Give a person's memberships and points to another; their rows are locked.

    The better tier stays, counters are summed, lots move as they are. What a rule gives once
    and both had is taken back once, as far as it is still there.

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
    name = f"merge:{loser}:{at.isoformat()}"
    accounts = _merge_accounts(loser, into=into, name=name, at=at, actor=actor)
    members = Membership.objects.filter(customer=loser, merged_into=None)
    moved = [
        _merge_member(each, into=into, name=name, at=at, actor=actor)
        for each in members.select_related("programme").order_by("programme__code")
    ]
    return {"name": name, "accounts": accounts, "members": moved}


def _merge_accounts(
    loser: UUID, *, into: UUID, name: str, at: datetime, actor: Actor
) -> list[dict[str, Any]]:
    moved = []
    for unit in units():
        account = ledger_queries.account_of(loser, unit=unit.unit)
        if account is None:
            continue
        receipt = ledger.merge_accounts(
            account,
            into=ledger.open_accounts([into], unit=unit.unit)[0],
            key=name,
            actor=str(actor),
            effective_at=at,
        )
        if receipt.outcome != "done":
            raise AccountNotMerged(unit=unit.code, outcome=receipt.outcome)
        moved.append({"unit": unit.code, "account": account})
    return moved


def _merge_member(
    mine: Membership, *, into: UUID, name: str, at: datetime, actor: Actor
) -> dict[str, Any]:
    theirs = Membership.objects.filter(customer=into, programme=mine.programme).first()
    made = theirs is None
    if theirs is None:
        theirs = Membership.objects.create(
            id=new_id(), programme=mine.programme, customer_id=into
        )
    before = _row(theirs)
    once = _take_doubles(mine, theirs, name=name, at=at, actor=actor)
    with connection.cursor() as cursor:
        uses = list(Use.objects.filter(membership=mine).values_list("rule", "period", "used"))
        cursor.execute(_ADD_USES, [theirs.id, mine.id])
    join_journals(mine, into=theirs, name=name, at=at)
    bought = Purchase.objects.filter(membership=mine)
    counted = {
        str(order): gained
        for order, *gained in bought.values_list("order_id", "spend_minor", "visits", "points")
    }
    bought.update(membership=theirs)
    _join(theirs, mine, tiers=_tiers(mine.programme.code, at=at))
    mine.merged_into, mine.due_on = theirs, None
    mine.save(update_fields=["merged_into", "due_on"])
    return {
        "mine": str(mine.id),
        "theirs": str(theirs.id),
        "made": made,
        "before": before,
        "after": _row(theirs),
        "uses": [list(each) for each in uses],
        "once": once,
        "purchases": counted,
    }


def _tiers(programme: str, *, at: datetime) -> Tiers | None:
    try:
        return Rulebook.open(programme, at=at).now.definition.tiers
    except NothingPublished:
        return None


def _row(member: Membership) -> dict[str, Any]:
    return {
        "tier": member.tier,
        "standing": member.standing,
        "joined_at": member.joined_at and member.joined_at.isoformat(),
        "order_count": member.order_count,
    }


def _join(theirs: Membership, mine: Membership, *, tiers: Tiers | None) -> None:
    """Give the one who stays the better of both."""
    one, other = (standing_of(json.dumps(each.standing)) for each in (theirs, mine))
    joined = better(one, other, tiers=tiers)
    theirs.standing = json.loads(standing_kept(joined))
    theirs.tier = joined.tier or ""
    theirs.due_on = due_on(joined)
    theirs.order_count += mine.order_count
    moments = [each.joined_at for each in (theirs, mine) if each.joined_at is not None]
    theirs.joined_at = min(moments, default=None)
    theirs.save()


def better(one: Standing, other: Standing, *, tiers: Tiers | None) -> Standing:
    """Return the better of two standings, promise by promise.

    Parameters
    ----------
    one, other
        The first is kept where both are equal.
    tiers
        In force; none keeps the first.

    Examples
    --------
    >>> from huitouke.service.programme.rules.shapes import Name
    >>> from huitouke.service.programme.rules.tier_shapes import Tier
    >>> tiers = Tiers(tiers=tuple(Tier(code=c, name=Name(en=c)) for c in ("silver", "gold")))
    >>> silver, gold = (Standing(tier=c, earned=c) for c in ("silver", "gold"))
    >>> best = better(silver, gold, tiers=tiers)
    >>> best.tier, best.earned
    ('gold', 'gold')
    """
    if tiers is None:
        return one
    joined = one
    if tiers.rank(other.earned) > tiers.rank(one.earned):
        joined = replace(
            joined,
            earned=other.earned,
            review_on=other.review_on,
            grace_until=other.grace_until,
            lifted_on=other.lifted_on,
            before=other.before,
            before_review_on=other.before_review_on,
        )
    if tiers.rank(other.granted) > tiers.rank(one.granted):
        joined = replace(joined, granted=other.granted, granted_through=other.granted_through)
    if tiers.rank(other.paid) > tiers.rank(one.paid):
        joined = replace(joined, paid=other.paid, paid_through=other.paid_through)
    if tiers.rank(other.tier) > tiers.rank(one.tier):
        joined = replace(joined, tier=other.tier, since=other.since)
    return joined


def _take_doubles(
    mine: Membership, theirs: Membership, *, name: str, at: datetime, actor: Actor
) -> list[dict[str, Any]]:
    """Take back what both were given and one person gets once; move the rest."""
    had = set(Done.objects.filter(membership=theirs).values_list("rule", "period"))
    moved = []
    for each in Done.objects.filter(membership=mine).order_by("rule", "period"):
        double = (each.rule, each.period) in had
        taken = 0
        if double and each.op_key and each.points:
            taken = _take(each, theirs=theirs, name=name, at=at, actor=actor)
        elif not double:
            Done.objects.create(
                membership=theirs,
                rule=each.rule,
                period=each.period,
                unit=each.unit,
                points=each.points,
                op_key=each.op_key,
            )
        moved.append(
            {
                "rule": each.rule,
                "period": each.period,
                "unit": each.unit,
                "added": not double,
                "taken": taken,
            }
        )
    return moved


def _take(each: Done, *, theirs: Membership, name: str, at: datetime, actor: Actor) -> int:
    account = _account(theirs, unit=each.unit)
    if account is None:
        return 0
    receipt = ledger.claw_back(
        account,
        key=ledger.key_of(name, name=f"{each.rule}:{each.period}"),
        amount=each.points,
        earn_keys=[each.op_key],
        # Nobody owes anything for having been two: only what is left of it goes.
        policy="absorb",
        actor=str(actor),
        reason={"code": "merged.once", "unit": each.unit, "points": each.points},
        effective_at=at,
    )
    taken = int(receipt.detail.get("taken", 0)) if receipt.outcome == "done" else 0
    tiers = _tiers(theirs.programme.code, at=at)
    if taken and tiers is not None and tiers.unit == each.unit:
        uncount(each, points=taken, of=theirs.id, name=name, at=at)
    return taken


def _account(member: Membership, *, unit: str) -> int | None:
    code = f"{member.programme.code}.{unit}"
    numbers = [found.unit for found in units() if found.code == code]
    if not numbers:
        return None
    return ledger_queries.account_of(member.customer_id, unit=numbers[0])


def unmerge(
    loser: UUID, *, winner: UUID, moved: dict[str, Any], at: datetime, actor: Actor
) -> None:
    """Put back what a merge moved; what came since stays with the one who stayed.

    Parameters
    ----------
    loser, winner
        To whom, from whom.
    moved
        What :func:`merge` returned.
    at, actor
        When and by whom.
    """
    del loser, winner  # what moved names both
    name = moved["name"]
    for each in moved["accounts"]:
        receipt = ledger.unmerge_accounts(
            each["account"],
            merge_key=name,
            key=f"undone:{name}",
            actor=str(actor),
            effective_at=at,
        )
        if receipt.outcome != "done":
            raise AccountNotMerged(unit=each["unit"], outcome=receipt.outcome)
    for each in moved["members"]:
        mine = Membership.objects.select_related("programme").get(id=each["mine"])
        theirs = Membership.objects.get(id=each["theirs"])
        _part(mine, theirs, moved=each, name=name, at=at)
        _regrant(mine, once=each["once"], name=name, at=at, actor=actor)


def _part(
    mine: Membership, theirs: Membership, *, moved: dict[str, Any], name: str, at: datetime
) -> None:
    """Take off one membership what came from the other."""
    Purchase.objects.filter(membership=theirs, order_id__in=moved["purchases"]).update(
        membership=mine
    )
    if moved["uses"]:
        columns = [list(column) for column in zip(*moved["uses"], strict=True)]
        with connection.cursor() as cursor:
            cursor.execute(_TAKE_USES, [*columns, theirs.id])
    part_journals(mine, into=theirs, counted=moved["purchases"], name=name, at=at)
    for each in moved["once"]:
        if each["added"]:
            Done.objects.filter(
                membership=theirs, rule=each["rule"], period=each["period"]
            ).delete()
    unchanged = _row(theirs) == moved["after"]
    if unchanged:
        before = moved["before"]
        theirs.tier, theirs.standing = before["tier"], before["standing"]
        joined = before["joined_at"]
        theirs.joined_at = datetime.fromisoformat(joined) if joined else None
        theirs.order_count = before["order_count"]
        theirs.due_on = due_on(standing_of(json.dumps(theirs.standing)))
    else:
        theirs.order_count = max(0, theirs.order_count - mine.order_count)
    theirs.save()
    mine.merged_into = None
    mine.due_on = due_on(standing_of(json.dumps(mine.standing)))
    mine.save(update_fields=["merged_into", "due_on"])


def _regrant(
    mine: Membership, *, once: list[dict[str, Any]], name: str, at: datetime, actor: Actor
) -> None:
    """Give again what was taken because two seemed one."""
    lost = [each for each in once if each["taken"]]
    if not lost:
        return
    rules = Rulebook.open(mine.programme.code, at=at).now
    for each in lost:
        account = _account(mine, unit=each["unit"])
        if account is None:
            continue
        expiry = rules.definition.expiry_of(each["unit"])
        key = ledger.key_of(f"undone:{name}", name=f"{each['rule']}:{each['period']}")
        # Another merge takes back this one, not the earning that is gone.
        given = Done.objects.filter(membership=mine, rule=each["rule"], period=each["period"])
        given.update(op_key=key)
        ledger.earn(
            Earn(
                account=account,
                key=key,
                amount=each["taken"],
                effective_at=at,
                actor=str(actor),
                reason={"code": "unmerged.once", "unit": each["unit"]},
                expires_at=expires_at(expiry, available_at=at, zone=rules.definition.zone_info),
                kind="adjust",
                contra="adjust",
            )
        )
