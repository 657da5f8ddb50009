"""What a person said yes or no to, with the words shown and what proves it."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

from django.db import transaction

from huitouke.language import N_
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import ServiceError
from huitouke.service.customers.following import lock_one
from huitouke.service.customers.journal import wrote
from huitouke.service.customers.models import Consent, ConsentProof
from huitouke.service.customers.queries import consents

__all__ = ["ConsentInvalid", "answer_profiling", "record_consent"]

PROOF_LENGTH_MAX = 4000
#: The way on which a person's own no to being analysed is written down.
_OWN_WISH = "push"

# A name for a place or a text, not a sentence: the journal is never changed, so nothing that
# a person could be told by may get into it.
_SLUG = re.compile(r"[a-z0-9][a-z0-9_.:/-]{0,59}")


class ConsentInvalid(ServiceError):
    """A consent cannot be kept as it was sent."""

    code = "customers.consent_invalid"
    status = 422
    says = N_("The consent cannot be kept: {field} is missing or not usable.")
    remedy = N_(
        "Channel: sms, email, wechat, phone, push, post. Purpose: marketing, service, survey,"
        " profiling. Source and wording version are short names such as till/3 or sms-2026-05;"
        " a yes needs the wording that was shown."
    )


def _check(
    *, channel: str, purpose: str, given: bool, names: dict[str, str], proof: str
) -> None:
    if channel not in Consent.Channel.values:
        raise ConsentInvalid(field="channel")
    if purpose not in Consent.Purpose.values:
        raise ConsentInvalid(field="purpose")
    for field, name in names.items():
        may_lack = field == "wording_version" and not given and not name
        if not may_lack and not _SLUG.fullmatch(name):
            raise ConsentInvalid(field=field)
    if len(proof) > PROOF_LENGTH_MAX or re.search("[\x00\ud800-\udfff]", proof):
        raise ConsentInvalid(field="proof")


def record_consent(
    customer_id: UUID,
    *,
    channel: str,
    purpose: str,
    given: bool,
    source: str,
    at: datetime,
    actor: Actor,
    wording_version: str = "",
    proof: str = "",
) -> Consent:
    """Add what a person said to the journal; no is said like yes, and counts at once.

    Parameters
    ----------
    customer_id
        Any id the person ever had.
    channel, purpose
        By which way they may be reached, and for what.
    given
        Yes or no (also: no more).
    source
        Where it was said: a short name such as ``"till/3"``.
    at
        When it was said; of several words the newest counts.
    actor
        Who recorded it.
    wording_version
        Name of the text that was shown; needed for a yes.
    proof
        What shows it: a form's number, an address of a recording. It may name the person and
        is deleted when the person is erased; the journal is not.

    Raises
    ------
    ConsentInvalid
        If something is missing or unknown.
    CustomerUnknown, CustomerErased
        If there is no such person, or no more.
    """
    names = {"source": source, "wording_version": wording_version}
    _check(channel=channel, purpose=purpose, given=given, names=names, proof=proof)
    with transaction.atomic():
        customer = lock_one(customer_id)
        said = Consent.objects.create(
            customer=customer,
            channel=channel,
            purpose=purpose,
            given=given,
            wording_version=wording_version,
            source=source,
            at=at,
            actor=str(actor),
        )
        if proof:
            ConsentProof.objects.create(consent=said, text=proof)
        facts = {"channel": channel, "purpose": purpose, "given": given}
        wrote("consent.recorded", customer=customer.pk, actor=actor, facts=facts)
    return said


def answer_profiling(
    customer_id: UUID,
    *,
    given: bool,
    source: str,
    at: datetime,
    actor: Actor,
    wording_version: str,
) -> None:
    """Say no to being analysed, or take that back; nothing is written where it holds already.

    Being analysed reaches nobody, so the no stands on one way alone; it is taken back by a yes
    on every way on which somebody ever wrote it down.

    Parameters
    ----------
    customer_id
        Any id the person ever had.
    given
        False objects.
    source, at, actor
        Where, when, and who recorded it.
    wording_version
        Name of the text that was shown.

    Raises
    ------
    ConsentInvalid
        If the source or the version is no short name.
    CustomerUnknown, CustomerErased
        If there is no such person, or no more.
    """
    with transaction.atomic():
        customer = lock_one(customer_id)
        said = [each for each in consents(customer.pk) if each.purpose == "profiling"]
        refused = [each.channel for each in said if not each.given]
        for channel in refused if given else [_OWN_WISH] if not refused else []:
            record_consent(
                customer.pk,
                channel=channel,
                purpose="profiling",
                given=given,
                source=source,
                at=at,
                actor=actor,
                wording_version=wording_version,
            )
