"""What became of coupon campaigns: codes, uses, what they took off; one code by its word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from huitouke.language import N_
from huitouke.service.core import audit
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import public_id
from huitouke.service.programme.models.coupons import Code, CodeBatch, CodeUse, CouponCampaign
from huitouke.service.programme.rewards.code_refusals import CodeUnknown
from huitouke.service.programme.rewards.code_text import plain

__all__ = [
    "BatchUnknown",
    "CampaignCount",
    "CodeFound",
    "TakenOut",
    "batch",
    "batches",
    "campaigns",
    "count_of",
    "look_up",
    "shared_codes",
    "take_out",
]

_LISTED = 200
_COUNTS = """
SELECT c.id,
       (SELECT coalesce(sum(b.count), 0) FROM programme_codebatch b WHERE b.campaign_id = c.id),
       u.held, u.redeemed, u.discount
FROM programme_couponcampaign c
LEFT JOIN LATERAL (
  SELECT count(*) FILTER (WHERE x.state = 'held'),
         count(*) FILTER (WHERE x.state = 'redeemed'),
         coalesce(sum(x.discount_minor) FILTER (WHERE x.state = 'redeemed'), 0)
  FROM programme_codeuse x WHERE x.campaign_id = c.id AND x.state IN ('held', 'redeemed')
) u(held, redeemed, discount) ON true
WHERE c.id = ANY(%s::uuid[])
"""


class BatchUnknown(ServiceError):
    """No batch has this id."""

    code = "programme.batch_unknown"
    status = 404
    says = N_("There is no batch {batch}.")
    remedy = N_("Begin at the page of the campaign.")


class TakenOut(ServiceError):
    """The list of codes was handed out already, and nobody said why it is needed again."""

    code = "programme.codes_taken_out"
    status = 409
    says = N_(
        "These codes were taken out already, on {on}: whoever has the list can spend them."
    )
    remedy = N_("Say why they are needed once more; it is written down.")


@dataclass(frozen=True)
class CampaignCount:
    """A campaign and what became of its codes.

    Parameters
    ----------
    campaign
        The record.
    codes
        Made in batches.
    held, redeemed
        In carts now, and used.
    discount_minor
        What the used ones took off.
    """

    campaign: CouponCampaign
    codes: int
    held: int
    redeemed: int
    discount_minor: int


@dataclass(frozen=True)
class CodeFound:
    """One code.

    Parameters
    ----------
    code, campaign
        The records.
    uses
        Newest first.
    """

    code: Code
    campaign: CouponCampaign
    uses: tuple[CodeUse, ...]


def _counted(found: list[CouponCampaign]) -> list[CampaignCount]:
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, [[each.id for each in found]])
        counts = {row[0]: row[1:] for row in cursor.fetchall()}
    return [CampaignCount(each, *(int(n) for n in counts[each.id])) for each in found]


def campaigns(programme: str) -> list[CampaignCount]:
    """Return the campaigns of a programme with their counts, the newest first.

    Parameters
    ----------
    programme
        Code of the programme.
    """
    found = CouponCampaign.objects.filter(programme__code=programme)
    return _counted(list(found.order_by("-created_at", "-id")[:_LISTED]))


def count_of(campaign: CouponCampaign) -> CampaignCount:
    """Return the counts of one campaign.

    Parameters
    ----------
    campaign
        The record.
    """
    return _counted([campaign])[0]


def batches(campaign: UUID) -> list[CodeBatch]:
    """Return the batches of a campaign, the newest first.

    Parameters
    ----------
    campaign
        Its id.
    """
    found = CodeBatch.objects.filter(campaign=campaign).order_by("-created_at", "-id")
    return list(found[:_LISTED])


def shared_codes(campaign: UUID) -> list[Code]:
    """Return the words of the merchant's own that are codes of a campaign.

    Parameters
    ----------
    campaign
        Its id.
    """
    found = Code.objects.filter(campaign=campaign, batch=None, customer=None)
    return list(found.order_by("code")[:_LISTED])


def batch(batch: UUID) -> CodeBatch:
    """Return a batch with its campaign.

    Parameters
    ----------
    batch
        Its id.

    Raises
    ------
    BatchUnknown
        If there is none.
    """
    found = CodeBatch.objects.select_related("campaign").filter(id=batch).first()
    if found is None:
        raise BatchUnknown(batch=public_id("bat", batch))
    return found


@transaction.atomic
def take_out(batch: UUID, *, at: datetime, actor: Actor, reason: str = "") -> CodeBatch:
    """Note that the list of a batch is handed out: the first time freely, then with a reason.

    Parameters
    ----------
    batch
        Its id.
    at, actor
        When, and to whom.
    reason
        Why once more.

    Raises
    ------
    BatchUnknown
        If there is none.
    TakenOut
        If it was handed out before, and no reason is given.
    """
    found = CodeBatch.objects.select_for_update().filter(id=batch).first()
    if found is None:
        raise BatchUnknown(batch=public_id("bat", batch))
    if found.taken_out_at is not None and not reason.strip():
        raise TakenOut(on=found.taken_out_at.date().isoformat())
    again = found.taken_out_at is not None
    if not again:
        found.taken_out_at, found.taken_out_by = at, str(actor)
        found.save(update_fields=["taken_out_at", "taken_out_by"])
    audit.note(
        "codes.taken_out",
        actor=actor,
        target=public_id("bat", batch),
        reason=reason,
        facts={"count": found.count, "again": again},
    )
    return found


def look_up(code: str, *, programme: str, uses: int = 20) -> CodeFound:
    """Return a code as somebody typed it, with what became of it.

    Parameters
    ----------
    code
        Case, spaces and dashes do not matter.
    programme
        Code of the programme.
    uses
        How many of its uses at most.

    Raises
    ------
    CodeUnknown
        If the programme has no such code.
    """
    found = Code.objects.select_related("campaign").filter(code=plain(code)[:60]).first()
    if found is None or found.campaign.programme_id != programme:
        raise CodeUnknown
    of_it = CodeUse.objects.filter(code=found).order_by("-created_at", "-id")
    return CodeFound(found, found.campaign, tuple(of_it[:uses]))
