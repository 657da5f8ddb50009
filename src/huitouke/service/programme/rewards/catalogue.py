"""What a merchant offers: rewards and coupon campaigns, made and changed by the staff."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import DataError, IntegrityError, transaction
from pydantic import ValidationError

from huitouke.service.core import audit
from huitouke.service.core.actor import Actor
from huitouke.service.core.ids import new_id, public_id
from huitouke.service.core.outbox import Happening, tell
from huitouke.service.core.webhooks.topics import Topic
from huitouke.service.programme.models.coupons import CouponCampaign
from huitouke.service.programme.models.rewards import Reward
from huitouke.service.programme.models.versions import Programme
from huitouke.service.programme.rewards.code_refusals import (
    CampaignInvalid,
    RevisionDiffers,
)
from huitouke.service.programme.rewards.generation import campaign_of
from huitouke.service.programme.rewards.redemptions import reward_of
from huitouke.service.programme.rules.shapes import Name, Scope
from huitouke.service.programme.versions import queries as versions
from huitouke.service.programme.versions.queries import ProgrammeUnknown

__all__ = ["add_campaign", "add_reward", "add_stock", "change_campaign", "change_reward"]

_REWARD_FIELDS = frozenset({
    "code", "kind", "names", "unit", "cost_points", "cash_minor", "sku", "campaign",
    "stock_left", "per_member_limit", "limit_days", "valid_from", "valid_to", "tiers",
    "cooperative", "when_used", "charge_minor", "enabled",
})  # fmt: skip
_CAMPAIGN_FIELDS = frozenset({
    "names", "kind", "value", "most_minor", "sku", "currency", "min_spend_minor", "scope",
    "stacking_class", "exclusive", "priority", "per_code_limit", "per_member_limit",
    "total_limit", "valid_from", "valid_to", "code_days", "code_length", "tiers", "returns",
    "enabled",
})  # fmt: skip


# Where no currency is said, a new campaign has its programme's, and another keeps its own.
_UNSAID = ("currency", "")


def _checked(fields: dict[str, Any], *, known: frozenset[str]) -> dict[str, Any]:
    """Return the fields with names and scope in their stored shape.

    Raises
    ------
    CampaignInvalid
        If one is not known, or has another shape.
    """
    for field in fields:
        if field not in known:
            raise CampaignInvalid(field=field[:60], given="")
    found = {field: value for field, value in fields.items() if (field, value) != _UNSAID}
    shapes: tuple[tuple[str, type[Name | Scope]], ...] = (("names", Name), ("scope", Scope))
    for field, shape in shapes:
        if found.get(field):
            try:
                found[field] = shape.model_validate(found[field]).model_dump(mode="json")
            except ValidationError as error:
                raise CampaignInvalid(field=field, given=str(fields[field])[:60]) from error
    return found


def _saved(record: Reward | CouponCampaign, *, is_new: bool) -> None:
    """Write a record; what the database refuses is told by the name of its rule.

    Raises
    ------
    CampaignInvalid
        If a constraint is broken.
    """
    try:
        with transaction.atomic():
            record.save(force_insert=is_new)
    except (IntegrityError, DataError) as error:
        said = getattr(error.__cause__, "diag", None)
        known = getattr(said, "constraint_name", None), getattr(said, "column_name", None)
        name = next((each for each in known if each), "record")
        field = name.removeprefix("programme_").removeprefix("reward_")
        raise CampaignInvalid(field=field.removeprefix("campaign_"), given="") from error


def _told(kind: Topic, record: Reward | CouponCampaign, *, prefix: str, actor: Actor) -> None:
    target = public_id(prefix, record.id)
    tell([Happening(kind, target, {"revision": record.revision})])
    audit.note(kind, actor=actor, target=target, facts={"revision": record.revision})


@transaction.atomic
def add_reward(programme: str, *, at: datetime, actor: Actor, **fields: Any) -> Reward:
    """Offer a new reward.

    Parameters
    ----------
    programme
        Code of the programme.
    at, actor
        When, and who offers it.
    **fields
        Those of the record: ``code``, ``kind``, ``names`` (zh, en), ``cost_points``,
        ``cash_minor``, ``stock_left`` (None is without end), ``per_member_limit``,
        ``limit_days``, ``valid_from``, ``valid_to``, ``tiers``, ``cooperative``,
        ``campaign`` (id; needed for vouchers and discounts), ``when_used``,
        ``charge_minor``, ``sku``, ``unit``, ``enabled``.

    Raises
    ------
    CampaignInvalid
        If a field is not known or cannot be so.
    CampaignUnknown, ProgrammeUnknown
        If there is no such campaign or programme.
    """
    given = _checked({"names": {}, **fields}, known=_REWARD_FIELDS)
    if not given["names"]:
        raise CampaignInvalid(field="names", given="")
    found = versions.programme(programme)
    made = Reward(id=new_id(), programme=found, created_at=at, changed_at=at)
    _apply_to_reward(made, given)
    _check_unit(made, at=at)
    _saved(made, is_new=True)
    _told("reward.added", made, prefix="rwd", actor=actor)
    return made


def _apply_to_reward(reward: Reward, fields: dict[str, Any]) -> None:
    if "campaign" in fields:
        campaign = fields.pop("campaign")
        reward.campaign = campaign_of(campaign) if campaign is not None else None
    for field, value in fields.items():
        setattr(reward, field, value)
    if reward.kind not in Reward.Kind.values:
        raise CampaignInvalid(field="kind", given=reward.kind)
    if reward.cooperative and reward.cost_points < 2:
        raise CampaignInvalid(field="cost_points", given=reward.cost_points)


def _check_unit(reward: Reward, *, at: datetime) -> None:
    spent = versions.spent_units(reward.programme, at=at)
    if reward.unit not in {unit.code for unit in spent}:
        raise CampaignInvalid(field="unit", given=reward.unit)


@transaction.atomic
def change_reward(
    reward: UUID, *, programme: str, revision: int, at: datetime, actor: Actor, **fields: Any
) -> Reward:
    """Change a reward; redemptions under way keep what they were made for.

    Stock is not set here but added to (:func:`add_stock`), because it moves all the time.

    Parameters
    ----------
    reward
        Its id.
    programme
        Code of the programme.
    revision
        The one that was read.
    at, actor
        When, and who changes it.
    **fields
        As for :func:`add_reward`; what is not named stays.

    Raises
    ------
    RewardUnknown, RevisionDiffers, CampaignInvalid, CampaignUnknown
        Then nothing is changed.
    """
    given = _checked(fields, known=_REWARD_FIELDS - {"stock_left"})
    reward_of(reward, programme=programme)
    found = Reward.objects.select_for_update().get(id=reward)
    if found.revision != revision:
        raise RevisionDiffers(revision=found.revision, given=revision)
    unit = found.unit
    _apply_to_reward(found, given)
    if found.unit != unit:
        # One whose unit went with a later version can still be paused.
        _check_unit(found, at=at)
    found.revision += 1
    found.changed_at = at
    _saved(found, is_new=False)
    _told("reward.changed", found, prefix="rwd", actor=actor)
    return found


@transaction.atomic
def add_stock(reward: UUID, *, programme: str, count: int, actor: Actor) -> Reward:
    """Add to a reward's stock, or take from it; without a stock so far it gets one.

    Parameters
    ----------
    reward
        Its id.
    programme
        Code of the programme.
    count
        How many more, or fewer.
    actor
        Who does it.

    Raises
    ------
    RewardUnknown
        If there is none.
    CampaignInvalid
        If there would be fewer than none.
    """
    reward_of(reward, programme=programme)
    found = Reward.objects.select_for_update().get(id=reward)
    found.stock_left = (found.stock_left or 0) + count
    if found.stock_left < 0:
        raise CampaignInvalid(field="stock_left", given=found.stock_left)
    found.save(update_fields=["stock_left"])
    audit.note(
        "reward.stock", actor=actor, target=public_id("rwd", found.id), facts={"added": count}
    )
    return found


@transaction.atomic
def add_campaign(
    programme: str, *, at: datetime, actor: Actor, **fields: Any
) -> CouponCampaign:
    """Make a new coupon campaign; its codes are generated or added apart.

    Parameters
    ----------
    programme
        Code of the programme.
    at, actor
        When, and who makes it.
    **fields
        Those of the record: ``names``, ``kind`` (percent, amount, free_delivery, product),
        ``value``, ``most_minor``, ``sku``, ``currency``, ``min_spend_minor``, ``scope``,
        ``stacking_class``, ``exclusive``, ``priority``, ``per_code_limit``,
        ``per_member_limit``, ``total_limit``, ``valid_from``, ``valid_to``, ``code_days``,
        ``code_length``, ``tiers``, ``returns``, ``enabled``.

    Raises
    ------
    CampaignInvalid
        If a field is not known or cannot be so.
    ProgrammeUnknown
        If there is no such programme.
    """
    given = _checked({"names": {}, **fields}, known=_CAMPAIGN_FIELDS)
    if not given["names"]:
        raise CampaignInvalid(field="names", given="")
    # Held: its currency may be chosen anew until the first campaign is there.
    found = Programme.objects.select_for_update(no_key=True).filter(code=programme).first()
    if found is None:
        raise ProgrammeUnknown(programme=programme)
    made = CouponCampaign(id=new_id(), programme=found, created_at=at, changed_at=at)
    given.setdefault("currency", found.currency)
    for field, value in given.items():
        setattr(made, field, value)
    _saved(made, is_new=True)
    _told("code.campaign_added", made, prefix="cpn", actor=actor)
    return made


@transaction.atomic
def change_campaign(
    campaign: UUID, *, revision: int, at: datetime, actor: Actor, **fields: Any
) -> CouponCampaign:
    """Change a campaign; what carts hold at this moment is still honoured.

    Parameters
    ----------
    campaign
        Its id.
    revision
        The one that was read.
    at, actor
        When, and who changes it.
    **fields
        As for :func:`add_campaign`; what is not named stays.

    Raises
    ------
    CampaignUnknown, RevisionDiffers, CampaignInvalid
        Then nothing is changed.
    """
    given = _checked(fields, known=_CAMPAIGN_FIELDS)
    campaign_of(campaign)
    found = CouponCampaign.objects.select_for_update().get(id=campaign)
    if found.revision != revision:
        raise RevisionDiffers(revision=found.revision, given=revision)
    for field, value in given.items():
        setattr(found, field, value)
    found.revision += 1
    found.changed_at = at
    _saved(found, is_new=False)
    _told("code.campaign_changed", found, prefix="cpn", actor=actor)
    return found
