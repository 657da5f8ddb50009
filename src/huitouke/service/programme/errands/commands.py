"""Ask for long work, and call it off."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from huitouke.language import N_
from huitouke.service.core import audit
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import public_id
from huitouke.service.programme.errands.jobs import begin_soon
from huitouke.service.programme.models.errands import Errand
from huitouke.service.programme.rewards.code_refusals import BatchTooLarge
from huitouke.service.programme.rewards.generation import BATCH_MOST, campaign_of
from huitouke.service.programme.rules.checks import DefinitionInvalid, problems
from huitouke.service.programme.versions.queries import get

__all__ = ["ErrandUnknown", "ask_backtest", "ask_codes", "cancel", "errand"]


class ErrandUnknown(ServiceError):
    """No work has this id."""

    code = "programme.errand_unknown"
    status = 404
    says = N_("There is no work {errand}.")
    remedy = N_("Begin at the page on which it was asked for.")


def errand(errand: UUID) -> Errand:
    """Return a piece of work.

    Parameters
    ----------
    errand
        Its id.

    Raises
    ------
    ErrandUnknown
        If there is none.
    """
    found = Errand.objects.filter(id=errand).first()
    if found is None:
        raise ErrandUnknown(errand=public_id("err", errand))
    return found


def _ask(
    programme: str, *, kind: str, subject: UUID, facts: dict[str, Any], **asked: Any
) -> Errand:
    actor: Actor = asked["actor"]
    made, is_new = Errand.objects.get_or_create(
        kind=kind,
        key=asked["key"],
        defaults={
            "programme_id": programme,
            "subject": subject,
            "facts": facts,
            "asked_at": asked["at"],
            "asked_by": str(actor),
        },
    )
    if is_new:
        audit.note(
            f"programme.{kind}_asked",
            actor=actor,
            target=public_id("err", made.id),
            facts=facts,
        )
        begin_soon(made.id)
    return made


@transaction.atomic
def ask_backtest(
    version: UUID, *, since: datetime | None, key: str, at: datetime, actor: Actor
) -> Errand:
    """Ask for a back-test of a version beside the rules in force; again is the same one.

    Parameters
    ----------
    version
        Which, as it is now.
    since
        Orders from this moment on; none is from the first.
    key
        The caller's.
    at, actor
        When, and who asks.

    Raises
    ------
    VersionUnknown
        If there is none.
    DefinitionInvalid
        If it does not hold together.
    """
    found, definition = get(version)
    wrong = problems(definition)
    if wrong:
        raise DefinitionInvalid(wrong)
    facts = {
        "number": found.number,
        "revision": found.revision,
        "since": since and since.isoformat(),
    }
    return _ask(
        found.programme,
        kind=Errand.Kind.BACKTEST,
        subject=version,
        facts=facts,
        key=key,
        at=at,
        actor=actor,
    )


@transaction.atomic
def ask_codes(campaign: UUID, *, count: int, key: str, at: datetime, actor: Actor) -> Errand:
    """Ask for so many codes of a campaign; again is the same errand.

    Parameters
    ----------
    campaign
        Whose codes.
    count
        How many.
    key
        The caller's.
    at, actor
        When, and who asks.

    Raises
    ------
    CampaignUnknown
        If there is no such campaign.
    BatchTooLarge
        If so many are not made at once.
    """
    found = campaign_of(campaign)
    if not 0 < count <= BATCH_MOST:
        raise BatchTooLarge(count=count, most=BATCH_MOST)
    return _ask(
        found.programme_id,
        kind=Errand.Kind.CODES,
        subject=campaign,
        facts={"count": count},
        key=key,
        at=at,
        actor=actor,
    )


@transaction.atomic
def cancel(errand: UUID, *, at: datetime, actor: Actor) -> Errand:
    """Call work off that is not done; what it did so far is thrown away.

    Parameters
    ----------
    errand
        Its id.
    at, actor
        When, and who.

    Raises
    ------
    ErrandUnknown
        If there is none.
    """
    found = Errand.objects.select_for_update().filter(id=errand).first()
    if found is None:
        raise ErrandUnknown(errand=public_id("err", errand))
    if found.state in {Errand.State.WAITING, Errand.State.RUNNING}:
        found.state, found.ended_at = Errand.State.CANCELLED, at
        found.save(update_fields=["state", "ended_at"])
        audit.note("programme.errand_cancelled", actor=actor, target=public_id("err", errand))
    return found
