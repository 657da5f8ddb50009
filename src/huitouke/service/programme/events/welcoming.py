"""A new member on the spot: entered, enrolled and asked for consent in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from huitouke.service.core.actor import Actor
from huitouke.service.customers import commands as customers
from huitouke.service.customers.models import Customer
from huitouke.service.programme.events.membership import enrol

__all__ = ["Yes", "welcome"]


@dataclass(frozen=True, slots=True)
class Yes:
    """One consent that a new member gave; see ``customers.record_consent``."""

    channel: str
    purpose: str
    wording_version: str


def welcome(
    phone: str,
    *,
    at: datetime,
    actor: Actor,
    name: str = "",
    said: Sequence[Yes] = (),
    source: str = "till",
    programme: str = "main",
) -> Customer:
    """Enter somebody by phone, make them a member, and note what they agreed to.

    Parameters
    ----------
    phone
        As it was said.
    at, actor
        When, and who does it.
    name
        How they are called, if they said so.
    said
        What they agreed to.
    source
        Where that was.
    programme
        Code of the programme.

    Raises
    ------
    IdentityInvalid
        If that is no phone number.
    IdentityTaken
        If somebody has it already.
    ConsentInvalid, DetailInvalid
        If what was said cannot be kept.
    """
    with transaction.atomic():
        made = customers.create([("phone", phone)], name=name, at=at, actor=actor)
        enrol(made.pk, at=at, actor=actor, programme=programme)
        for each in said:
            customers.record_consent(
                made.pk,
                channel=each.channel,
                purpose=each.purpose,
                given=True,
                source=source,
                wording_version=each.wording_version,
                at=at,
                actor=actor,
            )
    return made
