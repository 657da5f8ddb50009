"""One member under lock, for what is done to one at a time; and becoming a member."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from huitouke.language import N_
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import Refused
from huitouke.service.core.ids import public_id
from huitouke.service.customers.following import CustomerBusy, CustomerUnknown, roots
from huitouke.service.programme.events.claims import FactDiffers
from huitouke.service.programme.events.facts import FACT
from huitouke.service.programme.events.members import Member, load_one
from huitouke.service.programme.events.people import Person, lock_person
from huitouke.service.programme.events.record import record
from huitouke.service.programme.events.results import FactResult
from huitouke.service.programme.events.rulebook import Rulebook
from huitouke.service.programme.models.members import Fact

__all__ = ["OWN", "Held", "NotAMember", "enrol", "held"]

#: Source of the facts that the service itself tells.
OWN = "huitouke"
_CODE_MOST = 60


class NotAMember(Refused):
    """The customer is not enrolled."""

    code = "programme.not_a_member"
    status = 409
    says = N_("Customer {customer} is not a member of the programme {programme!r}.")
    remedy = N_("Enrol the customer first.")


@dataclass(frozen=True, slots=True)
class Held:
    """A member whose rows are locked, and the rules."""

    rulebook: Rulebook
    member: Member

    @property
    def subject(self) -> str:
        """Public id of the customer."""
        return public_id("cus", self.member.person.id)


def held(customer: UUID, *, programme: str, at: datetime) -> Held:
    """Lock a member to the end of the transaction.

    Parameters
    ----------
    customer
        Any id the person ever had.
    programme
        Code of the programme.
    at
        The present moment.

    Raises
    ------
    CustomerUnknown, CustomerErased, CustomerBusy
        If there is no such person, or no more, or they are being merged right now.
    NotAMember
        If they are not enrolled.
    NothingPublished
        If the programme has no rules.
    """
    rulebook = Rulebook.open(programme, at=at)
    person = lock_person(customer) or _root(customer)
    member = load_one(person, programme=rulebook.programme)
    if not member.enrolled:
        raise NotAMember(customer=public_id("cus", member.person.id), programme=programme)
    return Held(rulebook, member)


def _root(customer: UUID) -> Person:
    """Lock the person that a merged record leads to."""
    named = public_id("cus", customer)
    found = roots([customer]).get(customer)
    if found is None:
        raise CustomerUnknown(customer=named)
    person = lock_person(found)
    if person is None:
        raise CustomerBusy(customer=named)
    return person


def enrol(
    customer: UUID,
    *,
    at: datetime,
    actor: Actor,
    programme: str = "main",
    referral_code: str = "",
) -> FactResult:
    """Make a customer a member, with what the programme gives for it; once.

    Parameters
    ----------
    customer
        Any id the person ever had.
    at
        Since when.
    actor
        Who enrols them.
    programme
        Code of the programme.
    referral_code
        With which a member brought them; a code that is none keeps nobody out.

    Returns
    -------
    FactResult
        Of the fact ``customer.signed_up``; ``replayed`` for who is a member by this way.

    Raises
    ------
    CustomerUnknown
        If there is no such person.
    """
    root = roots([customer]).get(customer)
    if root is None:
        raise CustomerUnknown(customer=public_id("cus", customer))
    name = public_id("cus", root)
    source_id = f"enrol:{programme}:{name}"
    given: dict[str, Any] = {
        "source_id": source_id,
        "programme": programme,
        "at": at,
        "actor": actor,
        "referral_code": referral_code[:_CODE_MOST],
    }
    told = _told(name, **given)
    if told.code == FactDiffers.code:
        # Another enrolled them at this moment: theirs is the moment that counts.
        told = _told(name, **given)
    return told


def _told(
    name: str,
    *,
    source_id: str,
    programme: str,
    at: datetime,
    actor: Actor,
    referral_code: str,
) -> FactResult:
    # Asked for again it is the same fact, code and all, whatever is sent beside it then.
    known = Fact.objects.filter(source=OWN, source_id=source_id).values_list(
        "occurred_at", "body__referral_code"
    )
    since = known.first()
    fact = FACT.validate_python(
        {
            "type": "customer.signed_up",
            "source": OWN,
            "source_id": source_id,
            "occurred_at": at if since is None else since[0],
            "programme": programme,
            "customer": {"id": name},
            "referral_code": referral_code if since is None else since[1] or "",
        }
    )
    return record([fact], actor=actor)[0]
