"""The loyalty score keeps its word, explains itself and knows when to be silent."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import special

from huitouke.insight.profiles.judged import INSUFFICIENT, NOT_IDENTIFIED, OK, Verdict
from huitouke.insight.profiles.loyalty import (
    LoyaltyScores,
    MeanScore,
    fit_loyalty,
    score_loyalty,
)
from huitouke.insight.profiles.loyalty_calibration import fit_beta_map
from huitouke.insight.profiles.loyalty_checks import check_scores, rank_stability
from huitouke.insight.profiles.loyalty_features import (
    promo_fragility,
    shock_statuses,
    sub_index,
)
from huitouke.insight.profiles.loyalty_model import Block
from huitouke.insight.profiles.loyalty_reasons import contributions
from huitouke.insight.tables import Status

ATTITUDE = Block("attitude", (("attitude", 1),))


def log_loss(y, p):
    return -np.where(y, np.log(p), np.log1p(-p))


def paired_gate(bought, without, with_block):
    gain = log_loss(bought, without) - log_loss(bought, with_block)
    return gain.mean() > 2.58 * gain.std() / np.sqrt(len(gain))


@pytest.fixture(scope="module")
def shop(origins_of):
    return origins_of(2, customers=12_000)


@pytest.fixture(scope="module")
def model(shop):
    return fit_loyalty(shop)


@pytest.mark.parametrize("seed", [2, 3, 4])
def test_the_score_keeps_its_word_on_the_last_origin(seed, origins_of):
    model = fit_loyalty(origins_of(seed, customers=12_000))

    checks = {check.name: check for check in model.checks.checks}
    assert checks["ece"].value <= 0.03
    assert 0.9 <= checks["slope"].value <= 1.1
    assert checks["deciles"].value <= 1.0
    assert model.checks.auc >= model.checks.rival_auc
    assert model.checks.passed
    assert model.verdict.ok


def test_the_optimum_is_accepted_on_its_gradient(model):
    assert model.additive.gradient < 1e-9


def test_base_and_contributions_add_up_to_the_score(shop, model):
    features = {name: values[:500] for name, values in shop[-1].features.items()}

    scores = score_loyalty(model, features=features, repeat_count=shop[-1].repeat_count[:500])
    why = contributions(model, features=features)

    shown = scores.status == OK
    assert (why.base + why.values.sum(axis=1))[shown] == pytest.approx(scores.score[shown])
    assert why.names[:2] == ("p_buy", "orders_expected")


def test_more_of_a_good_thing_never_lowers_the_score(shop, model):
    some = {name: values[:300] for name, values in shop[-1].features.items()}
    repeats = np.ones(300, dtype=np.int64)
    before = score_loyalty(model, features=some, repeat_count=repeats).score

    for name, sign in (("p_buy", 1), ("quiet", -1), ("full_price_share", 1)):
        better = {**some, name: some[name] + 0.3 * sign}
        after = score_loyalty(model, features=better, repeat_count=repeats).score
        assert (after >= before - 1e-9).all()


def test_a_single_purchase_without_an_answer_gets_no_score(shop, model):
    last = shop[-1]

    scores = score_loyalty(model, features=last.features, repeat_count=last.repeat_count)

    single = last.repeat_count == 0
    assert (scores.status[single] == INSUFFICIENT).all()
    assert np.isnan(scores.score[single]).all()
    assert (scores.status[~single] == OK).all()
    assert (scores.low <= scores.score)[~single].all()
    assert (scores.score <= scores.high)[~single].all()


def test_the_interval_holds_what_came_in_most_tenths(shop, model):
    last = shop[-1]
    scores = score_loyalty(model, features=last.features, repeat_count=last.repeat_count)
    shown = np.flatnonzero(scores.status == OK)
    inside = 0
    for part in np.array_split(shown[np.argsort(scores.score[shown])], 10):
        came = 100 * last.bought[part].mean()
        inside += scores.low[part].mean() <= came <= scores.high[part].mean()

    assert inside >= 7


def test_attitude_enters_where_it_matters_and_stays_out_where_it_does_not(origins_of):
    idle = origins_of(1, told=0.5, cause=0.0)
    telling = origins_of(1, told=0.5, cause=1.0)

    kept_out = fit_loyalty(idle, optional=(ATTITUDE,), gate=paired_gate)
    admitted = fit_loyalty(telling, optional=(ATTITUDE,), gate=paired_gate)

    assert kept_out.diagnostic == ("attitude",)
    assert [block.name for block in admitted.blocks] == ["behaviour", "attitude"]
    scores = score_loyalty(
        admitted, features=telling[-1].features, repeat_count=telling[-1].repeat_count
    )
    width = scores.high - scores.low
    told = np.isfinite(telling[-1].features["attitude"])
    assert np.nanmean(width[~told]) > np.nanmean(width[told])
    assert np.isfinite(scores.score[told & (telling[-1].repeat_count == 0)]).all()


def test_without_a_gate_no_optional_block_scores(origins_of):
    origins = origins_of(1, told=0.5, cause=1.0)

    assert fit_loyalty(origins, optional=(ATTITUDE,)).diagnostic == ("attitude",)


def test_two_origins_are_too_few(shop):
    model = fit_loyalty(shop[:2])

    scores = score_loyalty(
        model, features=shop[-1].features, repeat_count=shop[-1].repeat_count
    )

    assert model.verdict.status is Status.INSUFFICIENT
    assert np.isnan(scores.score).all()


def test_a_shop_with_hardly_any_buyers_gets_no_score(shop):
    quiet = [replace(origin, bought=np.arange(len(origin.bought)) < 50) for origin in shop]

    assert fit_loyalty(quiet).verdict.status is Status.INSUFFICIENT


def test_a_score_that_broke_its_word_is_not_shown(shop):
    rng = np.random.default_rng(1)
    last = shop[-1]
    drifted = replace(last, bought=last.bought & (rng.random(len(last.bought)) < 0.5))

    model = fit_loyalty([*shop[:-1], drifted])

    assert model.verdict.status is Status.INSUFFICIENT
    assert "ece" in {c.name for c in model.checks.checks if not (c.passed or c.within_noise)}
    assert model.verdict.values["failed"] >= 1


def test_the_same_input_gives_the_same_bytes(shop, model):
    again = fit_loyalty(shop)
    last = shop[-1]

    first, second = (
        score_loyalty(m, features=last.features, repeat_count=last.repeat_count)
        for m in (model, again)
    )

    assert first.score.tobytes() == second.score.tobytes()
    assert first.low.tobytes() == second.low.tobytes()


def test_the_beta_map_mends_an_over_confident_model():
    rng = np.random.default_rng(2)
    eta = rng.normal(0, 1.5, 20_000)
    bought = rng.random(20_000) < special.expit(0.5 * eta - 0.4)

    found = fit_beta_map(eta, bought=bought)

    assert np.abs(special.expit(found.logit(eta)) - special.expit(0.5 * eta - 0.4)).max() < 0.03


def test_checks_find_over_confidence_and_a_better_rival():
    rng = np.random.default_rng(3)
    eta = rng.normal(0, 1.5, 8_000)
    bought = rng.random(8_000) < special.expit(eta)

    bold = check_scores(special.expit(2 * eta), bought=bought)
    blind = check_scores(np.full(8_000, bought.mean()), bought=bought, rival=eta)

    assert not bold.accepted
    assert {c.name for c in bold.checks if not c.passed} >= {"ece", "slope"}
    assert "rival" in {c.name for c in blind.checks if not (c.passed or c.within_noise)}


def test_a_large_segment_that_is_misjudged_is_found():
    rng = np.random.default_rng(4)
    p = rng.uniform(0.2, 0.8, 6_000)
    segment = (np.arange(6_000) % 3).astype(np.int64)
    shifted = np.where(segment == 0, p - 0.15, np.where(segment == 1, p + 0.15, p))

    checks = check_scores(p, bought=rng.random(6_000) < shifted, segment=segment).checks

    found = [c.passed for c in checks if c.name == "segment"]
    assert found == [False, False, True]


def test_rank_stability_needs_customers_without_news():
    before = np.arange(100.0)

    assert rank_stability(before, after=before, unchanged=np.ones(100, bool)) == pytest.approx(
        1
    )
    assert rank_stability(before, after=before, unchanged=np.zeros(100, bool)) is None


def test_the_mean_score_has_the_mean_of_the_customers_own_ends_for_its_own():
    scores = LoyaltyScores(
        np.array([40.0, 60.0, np.nan]), np.array([30.0, 55.0, np.nan]),
        np.array([52.0, 70.0, np.nan]), np.zeros(3, np.int8), Verdict(Status.OK),
    )  # fmt: skip

    assert scores.mean() == MeanScore(50.0, 42.5, 61.0, 2)
    nobody = replace(scores, score=np.full(3, np.nan))
    assert nobody.mean() == MeanScore(None, None, None, 0)


def test_fragility_is_none_for_the_steady_and_whole_for_the_promotion_only():
    p = np.array([0.2, 0.9, 0.5, 0.5])

    found = promo_fragility(p, rain_or_shine=np.array([1.0, 1.0, 0.0, np.nan]))

    assert found[:3] == pytest.approx([0.0, 0.0, 1.0])
    assert np.isnan(found[3])


def test_shocks_that_never_happened_are_not_identified():
    statuses = shock_statuses(np.array([OK, INSUFFICIENT], dtype=np.int8))

    assert statuses["promo_off"].tolist() == [OK, INSUFFICIENT]
    assert (statuses["rival_cheaper"] == NOT_IDENTIFIED).all()


def test_sub_indices_are_percentiles_with_shared_ties():
    index, status = sub_index(np.array([1.0, 1.0, 5.0, np.nan]))

    assert index[:3] == pytest.approx([100 / 3, 100 / 3, 250 / 3])
    assert status.tolist() == [OK, OK, OK, INSUFFICIENT]
