"""Points from one member to another: off unless the unit allows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from huitouke.language import N_
from huitouke.service.core import audit
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import Refused
from huitouke.service.core.ids import public_id
from huitouke.service.core.outbox import Happening, tell
from huitouke.service.customers import queries as customers
from huitouke.service.ledger import commands as ledger
from huitouke.service.ledger.contract import Receipt
from huitouke.service.programme.events.membership import Held, held

__all__ = ["PostingRefused", "Transferred", "transfer"]


class PostingRefused(Refused):
    """The ledger said no; ``outcome`` is its code."""

    code = "programme.posting_refused"
    status = 409
    says = N_("The points were not moved: {outcome}.")
    remedy = N_("See the balance and the settings of the unit; then send it under a new key.")


@dataclass(frozen=True)
class Transferred:
    """Points that went from one member to another.

    Parameters
    ----------
    giver, receiver
        Public ids.
    unit, points
        What, and how many.
    left
        What the giver may still spend.
    at
        When it was written.
    """

    giver: str
    receiver: str
    unit: str
    points: int
    left: int
    at: datetime


def transfer(
    giver: UUID,
    *,
    to: UUID,
    points: int,
    key: str,
    at: datetime,
    actor: Actor,
    unit: str = "points",
    programme: str = "main",
) -> Transferred:
    """Give points of one member to another; they keep their expiry.

    Parameters
    ----------
    giver, to
        Any ids the two ever had.
    points
        How many.
    key
        The caller's; the same transfer under it happens once.
    at, actor
        When, and who does it.
    unit, programme
        What of which programme.

    Raises
    ------
    PostingRefused
        If the unit allows no transfers, they are one person, or points are missing.
    NotAMember
        If one of them is not enrolled.
    """
    with transaction.atomic():
        # Locked in order of id, so that two transfers in opposite directions never meet.
        both = [customers.record_of(each) for each in (giver, to)]
        locked = {root: held(root, programme=programme, at=at) for root in sorted(set(both))}
        first, second = (locked[root] for root in both)
        receipt = _posted(first, second, unit=unit, points=points, key=key, at=at, actor=actor)
        if receipt.outcome != "done":
            raise PostingRefused(outcome=receipt.outcome)
        facts = {"unit": unit, "points": points, "to": second.subject}
        if not receipt.replayed:
            tell([Happening("points.transferred", first.subject, facts)])
            audit.note("points.transferred", actor=actor, target=first.subject, facts=facts)
    return Transferred(
        giver=first.subject,
        receiver=second.subject,
        unit=unit,
        points=points,
        left=receipt.available,
        at=receipt.created_at,
    )


def _posted(
    first: Held,
    second: Held,
    *,
    unit: str,
    points: int,
    key: str,
    at: datetime,
    actor: Actor,
) -> Receipt:
    number = first.rulebook.unit(unit)
    persons = [first.member.person.id, second.member.person.id]
    one, other = ledger.open_accounts(persons, unit=number)
    return ledger.transfer(
        one,
        to_account=other,
        key=ledger.key_of("transfer", name=key),
        amount=points,
        actor=str(actor),
        reason={
            "code": "transferred",
            "unit": unit,
            "points": points,
            "from": public_id("cus", persons[0]),
            "to": public_id("cus", persons[1]),
        },
        effective_at=at,
    )
