"""A programme's rewards and coupon campaigns as the exploit check looks at them."""

from __future__ import annotations

from huitouke.service.programme.economics.loops.case import CodeTerms, Prize
from huitouke.service.programme.models.coupons import CouponCampaign
from huitouke.service.programme.models.rewards import Reward
from huitouke.service.programme.rewards.stacking import Offer
from huitouke.service.programme.rules.shapes import Scope

__all__ = ["codes_of", "prizes_of", "worth_by_reward"]


def prizes_of(programme: str) -> list[Prize]:
    """Return the rewards that can be had and whose worth is known.

    A voucher is worth what its codes take off, any other reward what a used one is charged
    at; where neither is said, nothing can be reckoned and the reward is left out.

    Parameters
    ----------
    programme
        Code of the programme.
    """
    rewards = Reward.objects.filter(programme__code=programme, enabled=True)
    found = []
    for reward in rewards.select_related("campaign").order_by("code"):
        worth = _worth(reward)
        if worth:
            found.append(
                Prize(
                    code=reward.code,
                    kind=reward.kind,
                    cost_points=reward.cost_points,
                    cash_minor=reward.cash_minor,
                    worth_minor=worth,
                )
            )
    return found


def worth_by_reward(programme: str) -> dict[str, int]:
    """Return what each reward of the catalogue is worth, where that is known, by its code.

    Parameters
    ----------
    programme
        Code of the programme.
    """
    rewards = Reward.objects.filter(programme__code=programme).select_related("campaign")
    return {each.code: worth for each in rewards if (worth := _worth(each))}


def _worth(reward: Reward) -> int:
    return reward.charge_minor if reward.campaign is None else _most(reward.campaign)


def _most(campaign: CouponCampaign) -> int:
    """Return the most that one code takes off; 0 where there is no such sum."""
    if campaign.kind == CouponCampaign.Kind.AMOUNT:
        return campaign.value
    if campaign.kind == CouponCampaign.Kind.PERCENT:
        return campaign.most_minor or 0
    return 0


def codes_of(programme: str) -> list[CodeTerms]:
    """Return the coupon campaigns that are running.

    Parameters
    ----------
    programme
        Code of the programme.
    """
    campaigns = CouponCampaign.objects.filter(programme__code=programme, enabled=True)
    return [
        CodeTerms(
            offer=Offer(
                code=_name(campaign),
                kind=campaign.kind,  # type: ignore[arg-type] # one of the four, by constraint
                value=campaign.value,
                most_minor=campaign.most_minor,
                sku=campaign.sku,
                min_spend_minor=campaign.min_spend_minor,
                scope=Scope.model_validate(campaign.scope) if campaign.scope else None,
                stacking_class=campaign.stacking_class,
                exclusive=campaign.exclusive,
                priority=campaign.priority,
            ),
            per_member=campaign.per_member_limit,
            per_code=campaign.per_code_limit,
        )
        for campaign in campaigns.order_by("created_at", "id")
    ]


def _name(campaign: CouponCampaign) -> str:
    names = campaign.names
    return str(names.get("zh") or names.get("en") or campaign.id)
