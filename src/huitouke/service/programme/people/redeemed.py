"""Sources of the timeline: what was redeemed, step by step, and coupons.

A redemption is one record; each of its steps is told at its own moment. What gives points
back may come more than once, so it is read from the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q
from django.db.models.functions import MD5

from huitouke.service.core.ids import private_id, public_id
from huitouke.service.core.models import Audit
from huitouke.service.programme.models.coupons import Code, CodeUse, CouponCampaign
from huitouke.service.programme.models.rewards import Redemption
from huitouke.service.programme.people.happenings import GIVEN_BACK, lines, record_of
from huitouke.service.programme.people.moments import Asked, Moment

__all__ = ["STEPS", "given_back", "issued", "returned", "used"]


#: What is done in one go at the counter is one step: nothing was set aside before it.
_AT_ONCE = Q(captured_at=F("created_at"))
#: A thing that is taken along is handed over when it is redeemed; a code is used later.
_TAKEN = Q(used_at=F("captured_at"), code="")


@dataclass(frozen=True, slots=True)
class _Step:
    """One step of a redemption.

    Parameters
    ----------
    name
        Of the step.
    column
        Its moment.
    prefix
        Of its keys.
    which
        Redemptions that took it as a step of its own.
    points
        What it did to the points that can be spent.
    act
        How the audit log calls it; empty where the redemption names who did it.
    """

    name: str
    column: str
    prefix: str
    which: Q
    points: Callable[[Redemption], int]
    act: str = ""

    def __call__(self, asked: Asked) -> Iterator[Moment]:
        """Yield the moments of this step.

        Parameters
        ----------
        asked
            Whose, and from where on.
        """
        rows = Redemption.objects.filter(
            self.which, asked.older(self.column, prefix=self.prefix), customer=asked.customer
        ).select_related("reward")
        found = list(rows.order_by(f"-{self.column}", "-id")[: asked.limit])
        actors = _actors(found, action=self.act) if self.act else {}
        for each in found:
            at: datetime = getattr(each, self.column)
            yield Moment(
                at=at,
                kind="rewards",
                key=f"{self.prefix}.{each.id}",
                what=f"redemption.{self.name}",
                about=_about(each, points=self.points(each)),
                actor=actors.get(each.id, "") if self.act else each.actor,
            )


def _about(redemption: Redemption, *, points: int) -> dict[str, Any]:
    return {
        "id": public_id("rdm", redemption.id),
        "reward": redemption.reward.names if redemption.reward else None,
        "points": points,
        "code": redemption.code,
    }


def _actors(redemptions: Sequence[Redemption], *, action: str) -> dict[UUID, str]:
    """Return who of the staff did a step, in one question for all."""
    noted = Audit.objects.filter(
        target__in=[public_id("rdm", each.id) for each in redemptions], action=action
    )
    return {private_id("rdm", each.target): each.actor for each in noted}


def _spent(redemption: Redemption) -> int:
    """Return what spending changed: all of it, or what of a part payment was set free."""
    at_once = redemption.captured_at == redemption.created_at
    return (0 if at_once else redemption.points) - redemption.captured_points


STEPS: tuple[Callable[[Asked], Iterator[Moment]], ...] = (
    _Step("held", "created_at", "h", ~_AT_ONCE, lambda each: -each.points),
    _Step("handed_over", "captured_at", "s", _TAKEN, _spent, "redemption.used"),
    _Step("captured", "captured_at", "u", ~_TAKEN, _spent, "redemption.captured"),
    _Step(
        "used", "used_at", "v", Q(used_at__gt=F("captured_at")), lambda _: 0, "redemption.used"
    ),
    _Step(
        "released",
        "ended_at",
        "w",
        Q(state=Redemption.State.RELEASED),
        lambda each: each.points,
        "redemption.released",
    ),
)


def given_back(asked: Asked) -> Iterator[Moment]:
    """Yield points of redemptions that came back, wholly or in part, each time they did.

    Parameters
    ----------
    asked
        Whose, and from where on.
    """
    found = list(lines(asked, prefix="g", only=(GIVEN_BACK,)))
    ids = {private_id("rdm", str(told.line.reason["redemption"])) for _, told in found}
    known = Redemption.objects.select_related("reward").in_bulk(ids)
    for key, told in found:
        line = told.line
        redemption = known[private_id("rdm", str(line.reason["redemption"]))]
        whole = line.reason["points"] == redemption.captured_points
        yield Moment(
            at=line.effective_at,
            kind="rewards",
            key=key,
            what="redemption.reversed" if whole else "redemption.part_reversed",
            about={
                **_about(redemption, points=line.amount - line.debt),
                "record": record_of(told, asked=asked),
            },
            actor=line.actor,
        )


def issued(asked: Asked) -> Iterator[Moment]:
    """Yield coupons that the person was given; their keys do not carry the code itself.

    Parameters
    ----------
    asked
        Whose, and from where on.
    """
    rows = Code.objects.annotate(digest=MD5("code")).filter(
        asked.older("issued_at", prefix="i", by="digest"), customer=asked.customer
    )
    found = rows.select_related("campaign").order_by("-issued_at", "-digest")
    for each in found[: asked.limit]:
        yield Moment(
            at=each.issued_at,
            kind="coupons",
            key=f"i.{each.digest}",
            what="coupon.issued",
            about={**_worth(each.campaign), "code": each.code},
        )


def used(asked: Asked) -> Iterator[Moment]:
    """Yield coupons that took something off an order.

    Parameters
    ----------
    asked
        Whose, and from where on.
    """
    yield from _uses(asked, column="redeemed_at", prefix="j", what="coupon.used")


def returned(asked: Asked) -> Iterator[Moment]:
    """Yield coupons that may be used again, because what they were used for came back.

    Parameters
    ----------
    asked
        Whose, and from where on.
    """
    yield from _uses(asked, column="ended_at", prefix="m", what="coupon.returned")


def _uses(asked: Asked, *, column: str, prefix: str, what: str) -> Iterator[Moment]:
    rows = CodeUse.objects.filter(
        asked.older(column, prefix=prefix),
        customer=asked.customer,
        redeemed_at__isnull=False,
    ).select_related("campaign", "order")
    for each in rows.order_by(f"-{column}", "-id")[: asked.limit]:
        at: datetime = getattr(each, column)
        yield Moment(
            at=at,
            kind="coupons",
            key=f"{prefix}.{each.id}",
            what=what,
            about={
                **_worth(each.campaign),
                "code": each.code_id,
                "amount_minor": each.discount_minor,
                "currency": each.order.currency if each.order else each.campaign.currency,
            },
            actor=each.actor if what == "coupon.used" else "",
        )


def _worth(campaign: CouponCampaign) -> dict[str, Any]:
    return {
        "coupon": campaign.names,
        "worth": {
            "kind": campaign.kind, "value": campaign.value, "currency": campaign.currency
        },
    }  # fmt: skip
