"""Campaigns and batches of codes as pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from huitouke.service.backoffice.programme.forms.campaigns import CAMPAIGN_KINDS
from huitouke.service.core.ids import public_id
from huitouke.service.programme.models.coupons import CodeBatch
from huitouke.service.programme.rewards.campaigns import CampaignCount
from huitouke.service.ui.reader import current

__all__ = ["BatchRow", "CampaignRow", "batch_row", "campaign_row", "name_of"]


@dataclass(frozen=True)
class CampaignRow:
    """One campaign in the list.

    Parameters
    ----------
    id, name, kind
        Which, and the English message of what a code gives.
    value
        How much, in words.
    codes, held, redeemed
        Made, in carts, used.
    discount_minor, currency
        What the used ones took off.
    valid_from, valid_to, enabled
        From when to when, and whether it runs.
    """

    id: str
    name: str
    kind: str
    value: str
    codes: int
    held: int
    redeemed: int
    discount_minor: int
    currency: str
    valid_from: datetime | None
    valid_to: datetime | None
    enabled: bool


@dataclass(frozen=True)
class BatchRow:
    """One batch of codes.

    Parameters
    ----------
    id, count, created_at
        Which, and how many.
    taken_out_at, taken_out_by
        When its list was handed out first, and to whom.
    """

    id: str
    count: int
    created_at: datetime
    taken_out_at: datetime | None
    taken_out_by: str


def name_of(names: dict[str, str]) -> str:
    """Return what something is called, in the reader's language where it can be.

    Parameters
    ----------
    names
        By language.
    """
    return names.get(current().language) or names.get("zh") or names.get("en") or ""


def campaign_row(count: CampaignCount) -> CampaignRow:
    """Return a campaign as pages show it.

    Parameters
    ----------
    count
        The campaign with what became of its codes.
    """
    record, reader = count.campaign, current()
    values = {
        "percent": lambda: reader.share(record.value / 10_000),
        "amount": lambda: reader.money(record.value, currency=record.currency),
        "product": lambda: f"{reader.number(record.value)} × {record.sku}",
    }
    return CampaignRow(
        id=public_id("cpn", record.id),
        name=name_of(record.names),
        kind=CAMPAIGN_KINDS[record.kind],
        value=values[record.kind]() if record.kind in values else "",
        codes=count.codes,
        held=count.held,
        redeemed=count.redeemed,
        discount_minor=count.discount_minor,
        currency=record.currency,
        valid_from=record.valid_from,
        valid_to=record.valid_to,
        enabled=record.enabled,
    )


def batch_row(record: CodeBatch, *, names: dict[str, str]) -> BatchRow:
    """Return a batch as pages show it.

    Parameters
    ----------
    record
        The batch.
    names
        What people of the staff are called, by how journals name them.
    """
    return BatchRow(
        id=public_id("bat", record.id),
        count=record.count,
        created_at=record.created_at,
        taken_out_at=record.taken_out_at,
        taken_out_by=names.get(record.taken_out_by, record.taken_out_by.partition(":")[2]),
    )
