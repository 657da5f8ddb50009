"""Points from one member to another: off unless the unit allows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from huitouke.language import N_, Language, words
from huitouke.service.core import audit
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import Refused
from huitouke.service.core.ids import public_id
from huitouke.service.core.outbox import Happening, tell
from huitouke.service.customers import queries as customers
from huitouke.service.ledger import commands as ledger
from huitouke.service.ledger.contract import Receipt
from huitouke.service.ledger.queries import given_away
from huitouke.service.programme.events.membership import Held, held
from huitouke.service.programme.rules.calendar import days_after, start_of_day

__all__ = [
    "ExpiresFirst",
    "PostingRefused",
    "TransferLimitReached",
    "Transferred",
    "transfer",
]

_OUTCOMES = {
    "not_allowed": N_("these members cannot give it to each other"),
    "insufficient_points": N_("there are not so many"),
    "account_closed": N_("the account is closed"),
    "too_much": N_("there would be more than an account holds"),
}


class PostingRefused(Refused):
    """The ledger said no; ``outcome`` is its code."""

    code = "programme.posting_refused"
    status = 409
    says = N_("The points were not moved: {outcome}.")
    remedy = N_("See the balance and the settings of the unit; then send it under a new key.")

    def text(self, language: Language) -> str:
        """Return what is wrong, with the outcome in words.

        Parameters
        ----------
        language
            ``"en"``, ``"zh"`` or ``"zh-Hant"``.
        """
        reader, outcome = words(language), self.values["outcome"]
        shown = reader.say(_OUTCOMES[outcome]) if outcome in _OUTCOMES else outcome
        return reader.gap.join([reader.say(self.says, outcome=shown), reader.say(self.remedy)])


class TransferLimitReached(Refused):
    """The giver would give away more than the rules allow on a day."""

    code = "programme.transfer_limit"
    status = 409
    says = N_("A member may give away {most} on a day; {left} of it are left today.")
    remedy = N_("Give fewer, or wait for the next day.")


class ExpiresFirst(Refused):
    """Points would expire while the receiver waits for them."""

    code = "programme.transfer_expires"
    status = 409
    says = N_(
        "The receiver may use the points from {available_on} on; those that expire soonest go "
        "first, and they would have expired by then."
    )
    remedy = N_("Let the giver spend the points that expire soonest, then try again.")


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
    available_at
        From when the receiver may use them; none is at once.
    """

    giver: str
    receiver: str
    unit: str
    points: int
    left: int
    at: datetime
    available_at: datetime | None


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
    TransferLimitReached, ExpiresFirst
        If the rules allow not so many on a day, or some would expire in the waiting time.
    NotAMember
        If one of them is not enrolled.
    """
    with transaction.atomic():
        # Locked in order of id, so that two transfers in opposite directions never meet.
        both = [customers.record_of(each) for each in (giver, to)]
        locked = {root: held(root, programme=programme, at=at) for root in sorted(set(both))}
        first, second = (locked[root] for root in both)
        gift = _Gift(first, second, unit=unit, points=points, later=_later(first, unit, at=at))
        receipt = gift.post(key=key, at=at, actor=actor)
        facts = {"unit": unit, "points": points, "to": second.subject}
        later = receipt.detail.get("available_at")
        if not receipt.replayed:
            told = {} if later is None else {"available_at": later}
            tell([Happening("points.transferred", first.subject, facts | told)])
            audit.note("points.transferred", actor=actor, target=first.subject, facts=facts)
    return Transferred(
        giver=first.subject,
        receiver=second.subject,
        unit=unit,
        points=points,
        left=receipt.available,
        at=receipt.created_at,
        available_at=None if later is None else datetime.fromisoformat(later),
    )


def _later(giver: Held, unit: str, *, at: datetime) -> datetime | None:
    """Return from when a receiver may use what is given now; none is at once."""
    giver.rulebook.unit(unit)
    days = giver.rulebook.settings(unit).transfer_wait
    zone = giver.rulebook.now.definition.zone_info
    return days_after(at, days=days, zone=zone) if days else None


@dataclass(frozen=True)
class _Gift:
    """Points of one locked member for another."""

    first: Held
    second: Held
    unit: str
    points: int
    later: datetime | None

    def post(self, *, key: str, at: datetime, actor: Actor) -> Receipt:
        """Write it into the ledger.

        Raises
        ------
        PostingRefused, ExpiresFirst, TransferLimitReached
            Then nothing may be kept of it.
        """
        rulebook = self.first.rulebook
        persons = [self.first.member.person.id, self.second.member.person.id]
        one, other = ledger.open_accounts(persons, unit=rulebook.unit(self.unit))
        receipt = ledger.transfer(
            one,
            to_account=other,
            key=ledger.key_of("transfer", name=key),
            amount=self.points,
            actor=str(actor),
            reason={
                "code": "transferred",
                "unit": self.unit,
                "points": self.points,
                "from": public_id("cus", persons[0]),
                "to": public_id("cus", persons[1]),
                **self._waits(),
            },
            effective_at=at,
            available_at=self.later,
        )
        if receipt.outcome == "expires_first":
            raise ExpiresFirst(**self._waits())
        if receipt.outcome != "done":
            raise PostingRefused(outcome=receipt.outcome)
        if not receipt.replayed:
            self._refuse_above_limit(one, at=at)
        return receipt

    def _waits(self) -> dict[str, str]:
        if self.later is None:
            return {}
        return {"available_on": self.first.rulebook.now.day(self.later).isoformat()}

    def _refuse_above_limit(self, account: int, *, at: datetime) -> None:
        """Refuse what makes the day's gifts more than the rules allow; it is written by now.

        Its row of the member is locked, so nobody else gives from this account meanwhile.
        """
        rulebook = self.first.rulebook
        most = rulebook.settings(self.unit).transfer_limit
        if most is None:
            return
        day = rulebook.now.day(at)
        since = start_of_day(day, rulebook.now.definition.zone_info)
        given = given_away(account, since=since)
        if given > most:
            raise TransferLimitReached(most=most, left=max(0, most - (given - self.points)))
