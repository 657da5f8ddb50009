"""Who is loyal: groups, types, rain or shine, the score, and the lists of people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from huitouke.insight.models.rfm import RfmRankSum
from huitouke.insight.profiles.groups import (
    Groups,
    chance_loyal,
    descriptive_threshold,
    group_probabilities,
    profit_threshold,
    youden_threshold,
)
from huitouke.insight.profiles.loyalty import (
    Gate,
    LoyaltyModel,
    LoyaltyOrigin,
    LoyaltyScores,
    fit_loyalty,
    no_loyalty,
    score_loyalty,
)
from huitouke.insight.profiles.loyalty_features import behaviour_features
from huitouke.insight.profiles.loyalty_model import Block
from huitouke.insight.profiles.moves import Transitions, transitions
from huitouke.insight.profiles.profitability import (
    Profitability,
    RatePrior,
    SpendPrior,
    profitability,
    rate_prior,
)
from huitouke.insight.profiles.promotions import promo_days
from huitouke.insight.profiles.rain_or_shine import RainOrShine, rain_or_shine
from huitouke.insight.profiles.type_signals import TypeEvidence, gap_rhythm
from huitouke.insight.profiles.types import LoyaltyTypes, loyalty_types
from huitouke.insight.steps.forecast import Forecast
from huitouke.insight.steps.snapshots import Snapshot
from huitouke.insight.steps.voice import ATTITUDE, Voice
from huitouke.insight.steps.worth import Worth
from huitouke.insight.validation.gates import incremental_gate
from huitouke.language import N_

__all__ = [
    "Placement",
    "learn_loyalty",
    "place_in_groups",
    "promotion_days",
    "score_now",
    "steadiness",
    "tell_types",
]

Floats = npt.NDArray[np.float64]

NO_FORECAST = N_("The score builds on a purchase model, and none could be fitted and checked.")


def promotion_days(daily: pa.Table) -> set[date] | None:
    """Return the days on which the shop had a promotion on, None if that cannot be told.

    Parameters
    ----------
    daily
        ordered_on, occasions, promoted.
    """
    found = promo_days(
        daily["occasions"].to_numpy(), discounted_orders=daily["promoted"].to_numpy()
    )
    if not found.verdict.ok:
        return None
    return {
        day for day, on in zip(daily["ordered_on"].to_pylist(), found.on, strict=True) if on
    }


def steadiness(panel: pa.Table) -> RainOrShine:
    """Return the share of each customer's purchases that would remain without promotions.

    Parameters
    ----------
    panel
        ``tables.PANEL`` rows.
    """
    occasions = panel["repeat_count"].to_numpy() + 1
    opportunity = panel["promo_days_share"].to_numpy(zero_copy_only=False).astype(np.float64)
    return rain_or_shine(
        occasions - panel["full_price_count"].to_numpy(),
        occasions=occasions,
        opportunity=opportunity,
    )


@dataclass(frozen=True)
class Placement:
    """The four groups now, and how they moved since the last origin.

    Parameters
    ----------
    groups
        As of the last day.
    profit
        The posterior of annual profit.
    moves
        From the last origin to now, for the sampled customers; None without an origin.
    """

    groups: Groups
    profit: Profitability
    moves: Transitions | None


def _profit(
    panel: pa.Table, *, rates: RatePrior, spends: SpendPrior, margin: float
) -> Profitability:
    # Every occasion's spend counts here, the first one too: the axis looks at the past.
    occasions = panel["repeat_count"].to_numpy() + 1
    spend = np.maximum(panel["spend_e4"].to_numpy() / 1e4, 0.0)
    return profitability(
        panel["repeat_count"].to_numpy(),
        tenure_weeks=panel["tenure_days"].to_numpy() / 7,
        mean_spend=spend / occasions,
        spend_count=occasions,
        rates=rates,
        spends=spends,
        margin=margin,
    )


def _chance_loyal(
    panel: pa.Table,
    p_alive: Floats,
    parameters: Mapping[str, float],
    *,
    ahead: float,
    cut: float,
) -> Floats:
    if not parameters:
        return np.full(panel.num_rows, np.nan)
    return chance_loyal(
        p_alive,
        repeat_count=panel["repeat_count"].to_numpy(),
        tenure_weeks=panel["tenure_days"].to_numpy() / 7,
        rates=RatePrior(parameters["r"], parameters["alpha"]),
        horizon_weeks=ahead,
        threshold=cut,
    )


def place_in_groups(
    panel: pa.Table,
    *,
    worth: Worth,
    last: Snapshot | None,
    forecast: Forecast | None,
    own: Mapping[str, float],
    margin: float,
    horizon_days: int,
    history_days: int,
) -> Placement:
    """Place customers in the four groups, and those known at the last origin on both days.

    Parameters
    ----------
    panel
        All customers as of the last day.
    worth
        Their forecasts.
    last, forecast
        The last origin and what the model in use said there.
    own
        Parameters of the model in use as of the last day.
    margin
        Margin on spend.
    horizon_days
        How far ahead loyalty is projected.
    history_days
        Days of record.
    """
    p, q, gamma = (float(v) for v in worth.spend_model.values)
    spends = SpendPrior(p, q, gamma)
    rates = rate_prior(
        panel["repeat_count"].to_numpy(), tenure_weeks=panel["tenure_days"].to_numpy() / 7
    )
    profit = _profit(panel, rates=rates, spends=spends, margin=margin)
    profit_cut = profit_threshold(profit)
    loyalty_cut = (
        descriptive_threshold(worth.p_buy)
        if forecast is None
        else youden_threshold(forecast.p_buy, bought=forecast.actual > 0)
    )
    ahead = horizon_days / 7
    now = group_probabilities(
        profit,
        loyal=_chance_loyal(panel, worth.p_alive, own, ahead=ahead, cut=loyalty_cut.value),
        profit_cut=profit_cut,
        loyalty_cut=loyalty_cut,
        history_days=history_days,
    )
    if last is None or forecast is None or not now.verdict.ok:
        return Placement(now, profit, None)
    mine, then = panel["customer_no"].to_numpy(), last.panel["customer_no"].to_numpy()
    # Whoever returned everything since is nobody's customer now.
    still = np.isin(then, mine)
    place = np.minimum(np.searchsorted(mine, then), mine.size - 1)
    before = group_probabilities(
        _profit(last.panel, rates=rates, spends=spends, margin=margin),
        loyal=_chance_loyal(
            last.panel,
            forecast.p_alive,
            forecast.parameters,
            ahead=ahead,
            cut=loyalty_cut.value,
        ),
        profit_cut=profit_cut,
        loyalty_cut=loyalty_cut,
        history_days=history_days,
    )
    moves = transitions(before.label[still], after=now.label[place[still]])
    return Placement(now, profit, moves)


def tell_types(panel: pa.Table, *, voice: Voice | None) -> LoyaltyTypes:
    """Name each customer's type of loyalty where the signals can tell it.

    Parameters
    ----------
    panel
        All customers as of the last day.
    voice
        What they answered; None without a survey.
    """
    occasions = panel["repeat_count"].to_numpy() + 1
    values: dict[str, Floats] = {}
    variety = panel["category_count"].to_numpy(zero_copy_only=False).astype(np.float64)
    if np.isfinite(variety).any():
        usual = float(np.nanmedian(variety))
        values["variety"] = variety * 3.0 / max(usual, 1.0)
    values["rhythm"] = gap_rhythm(
        panel["gap_last_days"].to_numpy(zero_copy_only=False).astype(np.float64),
        gap_previous_days=panel["gap_previous_days"]
        .to_numpy(zero_copy_only=False)
        .astype(np.float64),
    )
    opportunity = panel["promo_days_share"].to_numpy(zero_copy_only=False).astype(np.float64)
    promoted = occasions - panel["full_price_count"].to_numpy()
    told = np.isfinite(opportunity).any()
    if voice is not None:
        values |= voice.signals
    return loyalty_types(
        TypeEvidence(
            purchases=occasions,
            gaps=panel["repeat_count"].to_numpy(),
            values=values,
            promo_occasions=promoted if told else None,
            promo_opportunity=opportunity if told else None,
            items=None if voice is None else voice.items,
        )
    )


def _features(
    panel: pa.Table, *, p_buy: Floats, orders: Floats, full_price: bool
) -> dict[str, Floats]:
    return behaviour_features(
        p_buy,
        orders_expected=orders,
        repeat_count=panel["repeat_count"].to_numpy(),
        recency_days=panel["recency_days"].to_numpy(),
        tenure_days=panel["tenure_days"].to_numpy(),
        recent_count=panel["recent_count"].to_numpy(),
        full_price_count=panel["full_price_count"].to_numpy() if full_price else None,
    )


def learn_loyalty(
    snapshots: Sequence[Snapshot],
    *,
    forecasts: Sequence[Forecast],
    full_price: bool,
    voice: Voice | None,
    seed: int,
) -> LoyaltyModel:
    """Fit, calibrate and check the loyalty score on past days.

    Parameters
    ----------
    snapshots, forecasts
        The origins, oldest first, and what the model in use said at each.
    full_price
        Whether the files tell discounts; else every purchase counts as full price.
    voice
        What customers answered; None without a survey.
    seed
        Of the gate's bootstrap.
    """
    origins = []
    if snapshots and not forecasts:
        return no_loyalty(NO_FORECAST)
    for snapshot, forecast in zip(snapshots, forecasts, strict=True):
        features = _features(
            snapshot.panel, p_buy=forecast.p_buy, orders=forecast.orders, full_price=full_price
        )
        if voice is not None:
            features |= voice.attitude(snapshot.panel["customer_no"].to_numpy(), on=snapshot.on)
        bought = snapshot.bought_full_price if full_price else snapshot.bought
        origins.append(
            LoyaltyOrigin(
                features=features,
                bought=bought > 0,
                repeat_count=snapshot.panel["repeat_count"].to_numpy(),
                rival=_rfm(snapshot),
            )
        )

    def gate(bought: npt.NDArray[np.bool_], without: Floats, with_block: Floats) -> bool:
        return incremental_gate(
            without,
            with_block=with_block,
            y=bought.astype(np.float64),
            groups=np.arange(bought.size),
            seed=seed,
        ).admitted

    blocks: tuple[Block, ...] = () if voice is None else (ATTITUDE,)
    judge: Gate | None = gate if blocks else None
    return fit_loyalty(origins, optional=blocks, gate=judge)


def _rfm(snapshot: Snapshot) -> Floats:
    found = snapshot.matrix
    rival = RfmRankSum().fit(
        found.values, (snapshot.bought == 0).astype(np.float64), names=found.names, rng_seed=0
    )
    return rival.scores(found.values).astype(np.float64)


def score_now(
    model: LoyaltyModel,
    *,
    panel: pa.Table,
    worth: Worth,
    full_price: bool,
    voice: Voice | None,
    as_of: date,
) -> tuple[LoyaltyScores, dict[str, Floats]]:
    """Score every customer as of the last day; return the features too, for the reasons.

    Parameters
    ----------
    model
        From ``learn_loyalty``.
    panel, worth
        All customers and their forecasts.
    full_price, voice
        As given to ``learn_loyalty``.
    as_of
        The last day.
    """
    features = _features(panel, p_buy=worth.p_buy, orders=worth.orders, full_price=full_price)
    if voice is not None:
        features |= voice.attitude(panel["customer_no"].to_numpy(), on=as_of)
    scores = score_loyalty(
        model, features=features, repeat_count=panel["repeat_count"].to_numpy()
    )
    return scores, features
