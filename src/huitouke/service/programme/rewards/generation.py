"""Making codes: a million at a time in one statement, or one word of the merchant's own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from huitouke.service.core import audit
from huitouke.service.core.actor import Actor
from huitouke.service.core.idempotency import BodyDiffers
from huitouke.service.core.ids import public_id
from huitouke.service.core.outbox import Happening, tell
from huitouke.service.programme.models.coupons import Code, CodeBatch, CouponCampaign
from huitouke.service.programme.rewards.code_refusals import (
    BatchTooLarge,
    CampaignInvalid,
    CampaignUnknown,
    CodeTaken,
)
from huitouke.service.programme.rewards.code_text import plain
from huitouke.service.programme.rewards.telling import noted

__all__ = [
    "BATCH_MOST",
    "add_shared_code",
    "campaign_of",
    "code_expiry",
    "codes_of_batch",
    "generate_codes",
    "random_codes",
]

#: Codes that one call makes at most.
BATCH_MOST = 5_000_000

_LONGEST_WORD = 40
#: Codes between two looks at how far it is, and rounds in which some existed already.
_STEP = 20_000
_EMPTY_MOST = 20

# The text is made by a function that is not inlined: each row's random bits are drawn once.
_MAKE = """
INSERT INTO programme_code (code, campaign_id, batch, customer_id, expires_at, issued_at)
SELECT programme_code_text(gen_random_uuid(), %s::integer), %s::uuid, %s::uuid, NULL,
       %s::timestamptz, %s::timestamptz
FROM generate_series(1, %s::integer)
ON CONFLICT (code) DO NOTHING
"""


def campaign_of(campaign: UUID) -> CouponCampaign:
    """Return a campaign.

    Raises
    ------
    CampaignUnknown
        If there is none with this id.
    """
    found = CouponCampaign.objects.filter(id=campaign).first()
    if found is None:
        raise CampaignUnknown(campaign=public_id("cpn", campaign))
    return found


def code_expiry(campaign: CouponCampaign, *, at: datetime) -> datetime | None:
    """Return until when a code that is issued now is valid; none is the campaign's end."""
    return None if campaign.code_days is None else at + timedelta(days=campaign.code_days)


@transaction.atomic
def generate_codes(
    campaign: UUID,
    *,
    count: int,
    key: str,
    at: datetime,
    actor: Actor,
    seen: Callable[[int, int], None] | None = None,
) -> CodeBatch:
    """Make so many unique codes that nobody can guess, all or none.

    Parameters
    ----------
    campaign
        Whose codes.
    count
        How many, up to ``BATCH_MOST``.
    key
        The caller's; a repeat makes no further codes and returns the first batch.
    at, actor
        When, and who asks.
    seen
        Is told now and then how many of how many are made; what it raises ends the work.

    Raises
    ------
    CampaignUnknown
        If there is no such campaign.
    BatchTooLarge
        If so many cannot be made, or codes of this length run out.
    BodyDiffers
        If the key was used for another number of codes.
    """
    if not 0 < count <= BATCH_MOST:
        raise BatchTooLarge(count=count, most=BATCH_MOST)
    found = campaign_of(campaign)
    batch = CodeBatch(
        campaign=found,
        key=key,
        count=count,
        expires_at=code_expiry(found, at=at),
        created_at=at,
        actor=str(actor),
    )
    # Waits for another call with the same key, and then finds its batch.
    CodeBatch.objects.bulk_create([batch], ignore_conflicts=True)
    kept = CodeBatch.objects.get(campaign=found, key=key)
    if kept.count != count:
        raise BodyDiffers(key=key)
    if kept.id != batch.id:
        return kept
    _fill(kept, campaign=found, at=at, seen=seen)
    facts = {"campaign": public_id("cpn", found.id), "count": count}
    tell([Happening("code.generated", public_id("cpn", found.id), facts)])
    noted("codes.generated", actor=actor, target=public_id("cpn", found.id), facts=facts)
    return kept


def _fill(
    batch: CodeBatch,
    *,
    campaign: CouponCampaign,
    at: datetime,
    seen: Callable[[int, int], None] | None,
) -> None:
    """Write the codes; the few that existed already are made up for in further rounds."""
    missing, empty = batch.count, 0
    step = missing if seen is None else _STEP
    with connection.cursor() as cursor:
        while missing:
            if empty > _EMPTY_MOST:
                raise BatchTooLarge(count=batch.count, most=batch.count - missing)
            wanted = min(step, missing)
            cursor.execute(
                _MAKE,
                [campaign.code_length, campaign.id, batch.id, batch.expires_at, at, wanted],
            )
            missing -= cursor.rowcount
            empty += cursor.rowcount < wanted
            if seen is not None:
                seen(batch.count - missing, batch.count)


def random_codes(length: int, *, count: int = 1) -> list[str]:
    """Return random codes that are not stored anywhere yet.

    Parameters
    ----------
    length
        Letters with the check letter, 8 to 15.
    count
        How many.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT programme_code_text(gen_random_uuid(), %s::integer)"
            " FROM generate_series(1, %s::integer)",
            [length, count],
        )
        return [row[0] for row in cursor.fetchall()]


@transaction.atomic
def add_shared_code(
    campaign: UUID, *, code: str, at: datetime, actor: Actor, expires_at: datetime | None = None
) -> Code:
    """Make a word of the merchant's own a code that many may use.

    Again changes nothing.

    Parameters
    ----------
    campaign
        Whose code; its limits are the code's.
    code
        Letters and digits, 3 to 40; case, spaces and dashes do not matter.
    at, actor
        When, and who asks.
    expires_at
        When this code ends; none is with the campaign.

    Raises
    ------
    CampaignUnknown
        If there is no such campaign.
    CampaignInvalid
        If the word cannot be a code.
    CodeTaken
        If it is one already: of something else, with another end, or withdrawn for good.
    """
    found = campaign_of(campaign)
    word = plain(code)
    if not (3 <= len(word) <= _LONGEST_WORD and word.isalnum() and len(code) <= _LONGEST_WORD):
        raise CampaignInvalid(field="code", given=code[:_LONGEST_WORD])
    made, is_new = Code.objects.get_or_create(
        code=word,
        defaults={"campaign": found, "issued_at": at, "expires_at": expires_at},
    )
    own = made.campaign_id == found.id and not (made.customer_id or made.batch)
    if not is_new and (not own or made.void or made.expires_at != expires_at):
        raise CodeTaken
    if is_new:
        audit.note(
            "code.added",
            actor=actor,
            target=public_id("cpn", found.id),
            facts={"ending": word[-4:]},
        )
    return made


def codes_of_batch(batch: UUID, *, after: str = "", limit: int = 10_000) -> list[str]:
    """Return the codes of a batch, in alphabetical order, a page at a time.

    Parameters
    ----------
    batch
        Its id.
    after
        The last code of the page before.
    limit
        How many at most.
    """
    page = Code.objects.filter(batch=batch, code__gt=after)
    return list(page.order_by("code").values_list("code", flat=True)[:limit])
