"""A person joins by themselves: known from then on, a member, with a card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from huitouke.language import N_
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import public_id
from huitouke.service.customers import commands as customers
from huitouke.service.customers import queries
from huitouke.service.programme.events.membership import enrol

__all__ = ["BirthdayKnown", "NotJoined", "Said", "come_in", "join", "set_birthday"]

_OWN = "member:self"


class NotJoined(ServiceError):
    """The programme did not take the person in."""

    code = "programme.not_joined"
    status = 409
    says = N_("Joining did not work: {problem}.")
    remedy = N_("Try once more; if it happens again, ask the shop.")


@dataclass(frozen=True)
class Said:
    """A yes of a person who joins.

    Parameters
    ----------
    channel, purpose
        By which way, and for what.
    wording_version
        Name of the text that was shown.
    """

    channel: str
    purpose: str
    wording_version: str


def come_in(identity: tuple[str, str], *, at: datetime) -> UUID | None:
    """Return who has an identity that was just shown to be theirs; it is verified now.

    A person who has no card yet gets a number.

    Parameters
    ----------
    identity
        Kind and value; the person has shown a code that was sent to it.
    at
        The present moment.

    Returns
    -------
    UUID
        The person's record; None: nobody is known by it.
    """
    kind, value = identity
    with transaction.atomic():
        owner = queries.resolve([identity]).get(identity)
        if owner is None:
            return None
        actor = Actor("member", public_id("cus", owner))
        customers.add_identity(
            owner, kind=kind, value=value, at=at, actor=actor, verified_at=at
        )
        customers.give_card(owner, at=at, actor=actor)
    return owner


def join(
    *,
    customer: UUID | None,
    identity: tuple[str, str] | None,
    name: str,
    language: str,
    consents: Sequence[Said],
    source: str,
    at: datetime,
    programme: str,
    referral_code: str = "",
) -> UUID:
    """Make a person a member, in one transaction with all they said.

    Parameters
    ----------
    customer
        Who is known already; None: somebody new.
    identity
        Of somebody new: kind and value, shown to be theirs.
    name
        As they call themselves; empty leaves what is known.
    language
        In which they read.
    consents
        What they said yes to.
    source
        Where: a short name.
    at
        The present moment.
    programme
        Code of the programme.
    referral_code
        With which a friend brought them.

    Returns
    -------
    UUID
        The person's record.

    Raises
    ------
    NotJoined
        If the programme refuses.
    DetailInvalid
        If the name cannot be kept.
    """
    with transaction.atomic():
        if customer is None and identity is not None:
            customer = come_in(identity, at=at)
        if customer is None:
            pairs = [] if identity is None else [identity]
            customer = customers.create(
                pairs, at=at, actor=Actor("member", _OWN), name=name, language=language
            ).pk
            if identity is not None:
                come_in(identity, at=at)
        actor = Actor("member", public_id("cus", customer))
        if name and not queries.get(customer).name:
            customers.change(customer, at=at, actor=actor, name=name)
        for said in consents:
            customers.record_consent(
                customer,
                channel=said.channel,
                purpose=said.purpose,
                given=True,
                source=source,
                at=at,
                actor=actor,
                wording_version=said.wording_version,
            )
        told = enrol(
            customer, at=at, actor=actor, programme=programme, referral_code=referral_code
        )
        if told.status not in {"done", "replayed"}:
            raise NotJoined(problem=told.code or told.status)
    return customer


class BirthdayKnown(ServiceError):
    """A birthday is said once: presents hang on it."""

    code = "programme.birthday_known"
    status = 409
    says = N_("The birthday is known already.")
    remedy = N_("If it is wrong, the shop can mend it.")


def set_birthday(customer: UUID, *, birthday_on: date, at: datetime, actor: Actor) -> None:
    """Note a member's birthday, once.

    Parameters
    ----------
    customer
        Whose.
    birthday_on
        The day.
    at, actor
        When, and who says it.

    Raises
    ------
    BirthdayKnown
        If one is known.
    DetailInvalid
        If it is no day on which somebody can be born.
    """
    with transaction.atomic():
        # A change of nothing locks the record: two at once cannot both find no birthday.
        customers.change(customer, at=at, actor=actor)
        if queries.get(customer).birthday_on is not None:
            raise BirthdayKnown
        customers.change(customer, at=at, actor=actor, birthday_on=birthday_on)
