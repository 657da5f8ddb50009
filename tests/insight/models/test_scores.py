from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.integrate import quad
from scipy.special import hyp2f1, hyperu

from huitouke.insight.models.bgnbd import BgNbd
from huitouke.insight.models.contract import Panel
from huitouke.insight.models.counting import RepeatModel
from huitouke.insight.models.mbgnbd import MbgNbd
from huitouke.insight.models.nbd import Nbd
from huitouke.insight.models.paretonbd import ParetoNbd
from huitouke.insight.models.quadrature import TenureTable, beta_decay_mean

BG = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
PARETO = {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}
RATE = float(np.log(1.15) / 52.18)
CUSTOMERS = Panel(
    np.array([0, 0, 1, 2, 5, 26, 120]),
    np.array([0.0, 0.0, 2.0, 30.43, 10.0, 31.0, 50.0]),
    np.array([0.0, 38.86, 30.0, 38.86, 30.0, 31.0, 60.0]),
)


def _bg_closed_form(model: BgNbd, panel: Panel, horizon: float) -> np.ndarray:
    """Fader, Hardie & Lee (2005), E[Y(t)] (and its counterpart for the modified model)."""
    r, alpha, a, b = model.parameters_.values()
    b = b + model.first_counts
    x, tenure = panel.repeat_count, panel.tenure
    z = horizon / (alpha + tenure + horizon)
    series = (1 - z) ** (r + x) * hyp2f1(r + x, b + x, a + b + x - 1, z)
    return model.p_alive(panel) * (a + b + x - 1) / (a - 1) * (1 - series)


@pytest.mark.parametrize("kind", [BgNbd, MbgNbd])
@pytest.mark.parametrize("horizon", [0.5, 13.0, 39.0, 60.0])
def test_bg_expectations_equal_the_closed_form(kind: type[BgNbd], horizon: float) -> None:
    model = kind().with_parameters(BG)

    orders = model.orders_expected(CUSTOMERS, horizon=horizon)

    assert_allclose(orders, _bg_closed_form(model, CUSTOMERS, horizon), rtol=2e-9)


@pytest.mark.parametrize("kind", [BgNbd, MbgNbd])
def test_bg_expectations_have_no_hole_where_a_is_one(kind: type[BgNbd]) -> None:
    at_one = kind().with_parameters(BG | {"a": 1.0}).orders_expected(CUSTOMERS, horizon=39.0)

    for a in (1 - 1e-9, 1 + 1e-9):
        near = kind().with_parameters(BG | {"a": a}).orders_expected(CUSTOMERS, horizon=39.0)
        assert_allclose(near, at_one, rtol=1e-8)
    for a in (0.999, 1.001):
        model = kind().with_parameters(BG | {"a": a})
        assert_allclose(
            model.orders_expected(CUSTOMERS, horizon=39.0),
            _bg_closed_form(model, CUSTOMERS, 39.0),
            rtol=1e-9,
        )


def test_pareto_expectations_have_no_hole_where_s_is_one() -> None:
    at_one = ParetoNbd().with_parameters(PARETO | {"s": 1.0})
    exact = at_one.orders_expected(CUSTOMERS, horizon=39.0)

    r, alpha, _, beta = at_one.parameters_.values()
    x, tenure = CUSTOMERS.repeat_count, CUSTOMERS.tenure
    limit = (r + x) / (alpha + tenure) * (beta + tenure) * np.log1p(39.0 / (beta + tenure))
    assert_allclose(exact, at_one.p_alive(CUSTOMERS) * limit, rtol=1e-12)
    for s in (1 - 1e-9, 1 + 1e-9, 1 - 1e-12):
        near = ParetoNbd().with_parameters(PARETO | {"s": s})
        assert_allclose(near.orders_expected(CUSTOMERS, horizon=39.0), exact, rtol=1e-8)


@pytest.mark.parametrize(
    "parameters", [PARETO, PARETO | {"alpha": 30.0, "beta": 2.0, "s": 1.7, "r": 3.0}]
)
def test_dert_equals_its_closed_form(parameters: dict[str, float]) -> None:
    model = ParetoNbd().with_parameters(parameters)
    r, alpha, s, beta = parameters.values()
    x, tenure = CUSTOMERS.repeat_count, CUSTOMERS.tenure

    dert = model.discounted_orders(CUSTOMERS, horizon=np.inf, rate_per_unit=RATE)

    # Fader, Hardie & Lee (2005), "RFM and CLV", DERT, with P(alive) put in for L.
    steady = RATE ** (s - 1) * (beta + tenure) ** s * hyperu(s, s, RATE * (beta + tenure))
    exact = model.p_alive(CUSTOMERS) * (r + x) / (alpha + tenure) * steady
    assert_allclose(dert, exact, rtol=1e-9)


@pytest.mark.parametrize("horizon", [4.0, 52.0, 520.0])
def test_pareto_first_purchase_equals_quadrature(horizon: float) -> None:
    model = ParetoNbd().with_parameters(PARETO)
    r, alpha, s, beta = PARETO.values()

    found = model.p_buy(CUSTOMERS, horizon=horizon) / model.p_alive(CUSTOMERS)

    for x, tenure, value in zip(CUSTOMERS.repeat_count, CUSTOMERS.tenure, found, strict=True):
        exact = quad(
            lambda u, x=x, t=tenure: (
                (r + x) / (alpha + t) * (1 + u / (alpha + t)) ** -(r + x + 1)
                * (1 + u / (beta + t)) ** -s
            ),
            0, horizon, epsabs=0, epsrel=1e-12, limit=200,
        )[0]  # fmt: skip
        assert_allclose(value, exact, rtol=1e-9)


@pytest.mark.parametrize("kind", [BgNbd, MbgNbd, ParetoNbd, Nbd], ids=lambda kind: kind.label)
def test_discounting_is_the_same_as_summing_short_steps(kind: type[RepeatModel]) -> None:
    values = {"NBD": {"r": 0.4, "alpha": 12.0}, "Pareto/NBD": PARETO}.get(kind.label, BG)
    model = kind().with_parameters(values)

    worth = model.discounted_orders(CUSTOMERS, horizon=52.0, rate_per_unit=0.02)

    ends = np.linspace(0.0, 52.0, 521)
    upto = np.stack(
        [np.zeros(7), *(model.orders_expected(CUSTOMERS, horizon=end) for end in ends[1:])]
    )
    steps = np.diff(upto, axis=0) * np.exp(-0.02 * (ends[1:] + ends[:-1]) / 2)[:, None]
    assert_allclose(worth, steps.sum(axis=0), rtol=2e-6)


def _many(days: bool, n: int = 6000) -> Panel:
    rng = np.random.default_rng(4)
    tenure = rng.integers(0, 800, n)
    count = np.minimum(np.minimum(rng.geometric(0.12, n) - 1, 60), tenure)
    last = np.where(count > 0, rng.integers(count, tenure + 1), 0)
    return Panel(count, last / 7, tenure / 7 + (0.0 if days else 0.0123))


@pytest.mark.parametrize("days", [True, False], ids=["whole days", "any time"])
@pytest.mark.parametrize("small", [1.0, 0.02], ids=["usual", "tiny alpha"])
@pytest.mark.parametrize("kind", [BgNbd, MbgNbd, ParetoNbd], ids=lambda kind: kind.label)
def test_looked_up_scores_equal_those_worked_out_one_by_one(
    kind: type[RepeatModel], small: float, days: bool
) -> None:
    values = dict(PARETO if kind is ParetoNbd else BG)
    model = kind().with_parameters(values | {"alpha": values["alpha"] * small})
    panel = _many(days)
    # The largest counts, the shortest and the longest tenures, and some others.
    rows = np.concatenate(
        [
            np.argsort(panel.repeat_count)[-20:],
            np.argsort(panel.tenure)[[0, 1, -2, -1]],
            np.arange(0, len(panel), 301),
        ]
    )

    for score in (
        lambda one: model.alive_orders(one, horizon=52.0),
        lambda one: model.alive_orders(one, horizon=52.0, rate_per_unit=RATE),
        lambda one: model.alive_orders(one, horizon=np.inf, rate_per_unit=RATE),
        lambda one: model.p_buy(one, horizon=13.0),
    ):
        looked_up = score(panel)[rows]
        direct = np.concatenate([score(panel.take(np.array([row]))) for row in rows])
        assert_allclose(looked_up, direct, rtol=1e-8)


def test_a_table_refines_until_its_error_is_small() -> None:
    table = TenureTable(
        lambda x, t: (x + 1.0) / (0.5 + t) * np.exp(-0.01 * t),
        counts=np.array([0.0, 3.0]),
        span=(0.0, 100.0),
        shift=0.5,
    )

    assert table.error < 1e-9
    tenure = np.linspace(0.0, 100.0, 77)
    exact = 4.0 / (0.5 + tenure) * np.exp(-0.01 * tenure)
    assert_allclose(table.grid(tenure)[1], exact, rtol=1e-8)
    assert_allclose(table.at(np.ones(77, dtype=np.int64), tenure=tenure), exact, rtol=1e-8)


@pytest.mark.parametrize("first", [0.003, 0.4, 1.0, 7.0, 60.0, 900.0])
@pytest.mark.parametrize("second", [0.04, 0.9, 3.0, 80.0, 5000.0])
@pytest.mark.parametrize("growth", [0.2, 6.0, 400.0])
@pytest.mark.parametrize("exponent", [1.05, 4.0, 300.0])
def test_beta_means_equal_quadrature_in_every_regime(
    first: float, second: float, growth: float, exponent: float
) -> None:
    found = beta_decay_mean(
        np.array([growth]),
        first=first,
        second=np.array([second]),
        exponent=np.array([exponent]),
    )

    # Independent reference: a million-point midpoint rule in the quantiles of the beta.
    from scipy.special import betaincinv

    levels = (np.arange(200_000) + 0.5) / 200_000
    points = betaincinv(first, second, levels)
    reference = float(((1 + points * growth) ** -exponent).mean())
    assert_allclose(found[0], reference, rtol=2e-3, atol=3e-6)


counts = st.integers(0, 400)
positive = st.floats(0.02, 60.0)


@st.composite
def customers(draw: st.DrawFn) -> Panel:
    x = draw(counts)
    tenure = draw(st.floats(0.2, 300.0))
    return Panel(
        np.array([x]),
        np.array([tenure * draw(st.floats(0.01, 1.0)) if x else 0.0]),
        np.array([tenure]),
    )


@pytest.mark.parametrize("kind", [BgNbd, MbgNbd, ParetoNbd, Nbd], ids=lambda kind: kind.label)
@settings(max_examples=60, deadline=None, derandomize=True)
@given(panel=customers(), numbers=st.tuples(positive, positive, positive, positive))
def test_scores_keep_their_order_for_any_customer_and_parameters(
    kind: type[RepeatModel], panel: Panel, numbers: tuple[float, ...]
) -> None:
    model = kind().with_parameters(dict(zip(kind.names, numbers, strict=False)))

    alive = model.p_alive(panel)[0]
    buys = [model.p_buy(panel, horizon=h)[0] for h in (1.0, 10.0, 100.0)]
    orders = [model.orders_expected(panel, horizon=h)[0] for h in (1.0, 10.0, 100.0)]
    worth = model.discounted_orders(panel, horizon=100.0, rate_per_unit=0.01)[0]

    assert 0.0 <= alive <= 1.0
    assert all(0.0 <= buy <= alive * (1 + 1e-9) for buy in buys)
    assert buys[0] <= buys[1] * (1 + 1e-9) <= buys[2] * (1 + 1e-8)
    assert orders[0] <= orders[1] * (1 + 1e-8) <= orders[2] * (1 + 1e-7)
    assert all(
        buy <= order * (1 + 1e-7) + 1e-15 for buy, order in zip(buys, orders, strict=True)
    )
    assert worth <= orders[2] * (1 + 1e-7)


@pytest.mark.parametrize("kind", [BgNbd, MbgNbd, ParetoNbd, Nbd], ids=lambda kind: kind.label)
def test_scores_do_not_depend_on_the_time_unit(kind: type[RepeatModel]) -> None:
    values = {"NBD": {"r": 0.4, "alpha": 12.0}, "Pareto/NBD": PARETO}.get(kind.label, BG)
    weeks = kind().with_parameters(values)
    slow = {name: 7 * v if name in {"alpha", "beta"} else v for name, v in values.items()}
    days = kind().with_parameters(slow)
    daily = Panel(CUSTOMERS.repeat_count, CUSTOMERS.recency * 7, CUSTOMERS.tenure * 7, 1.0)

    assert_allclose(days.p_alive(daily), weeks.p_alive(CUSTOMERS), rtol=1e-10)
    assert_allclose(
        days.orders_expected(daily, horizon=91.0),
        weeks.orders_expected(CUSTOMERS, horizon=13.0),
        rtol=1e-10,
    )
