from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.integrate import quad
from scipy.special import betaln, gammaln

from huitouke.insight.models import tails as tails_module
from huitouke.insight.models.bgnbd import BgNbd
from huitouke.insight.models.cells import Cells
from huitouke.insight.models.contract import Panel
from huitouke.insight.models.counting import RepeatModel
from huitouke.insight.models.mbgnbd import MbgNbd
from huitouke.insight.models.nbd import Nbd
from huitouke.insight.models.paretonbd import ParetoNbd
from huitouke.insight.models.tails import tails

SOME = {
    Nbd: [(0.4, 12.0), (5.0, 3.0)],
    BgNbd: [(0.25, 4.4, 0.8, 2.4), (3.0, 40.0, 1.0, 0.3)],
    MbgNbd: [(0.5, 6.2, 0.9, 1.6), (3.0, 40.0, 1.0, 0.3)],
    ParetoNbd: [(0.55, 10.6, 0.6, 11.7), (3.0, 2.0, 1.0, 60.0), (0.5, 30.0, 2.0, 0.4)],
}
CASES = [(kind, values) for kind, many in SOME.items() for values in many]


def _panel(days: bool) -> Panel:
    rng = np.random.default_rng(8)
    n = 4000
    tenure = rng.integers(1, 200, n)
    count = np.minimum(rng.geometric(0.25, n) - 1, tenure)
    last = np.where(count > 0, rng.integers(count, tenure + 1), 0)
    if days:
        return Panel(count, last / 7, tenure / 7)
    return Panel(count, last / 7 * 0.98765, tenure / 7 + 0.0123)


def _one(x: int, last: float, tenure: float) -> Panel:
    return Panel(np.array([x]), np.array([last]), np.array([tenure]))


def _direct(kind: type[RepeatModel], values: tuple[float, ...]) -> Callable[..., float]:
    """The papers' likelihood of one customer, written down without any short cut."""

    def buying(x: int) -> float:
        return float(
            gammaln(values[0] + x) - gammaln(values[0]) + values[0] * np.log(values[1])
        )

    def nbd(x: int, last: float, tenure: float) -> float:
        r, alpha = values
        return buying(x) - (r + x) * np.log(alpha + tenure)

    def geometric(x: int, last: float, tenure: float) -> float:
        r, alpha, a, b = values
        first = 1 if kind is MbgNbd else 0
        there = np.exp(betaln(a, b + x + first) - betaln(a, b)) * (alpha + tenure) ** -(r + x)
        gone = 0.0
        if x + first > 0:
            gone = np.exp(betaln(a + 1, b + x + first - 1) - betaln(a, b))
            gone *= (alpha + last) ** -(r + x)
        return buying(x) + float(np.log(there + gone))

    def pareto(x: int, last: float, tenure: float) -> float:
        r, alpha, s, beta = values
        gone = quad(
            lambda u: s * (alpha + u) ** -(r + x) * (beta + u) ** -(s + 1),
            last, tenure, epsabs=0, epsrel=1e-12,
        )[0]  # fmt: skip
        there = (alpha + tenure) ** -(r + x) * (beta + tenure) ** -s
        return buying(x) + s * np.log(beta) + float(np.log(there + gone))

    return {Nbd: nbd, ParetoNbd: pareto}.get(kind, geometric)


@pytest.mark.parametrize(("kind", "values"), CASES)
def test_one_customers_likelihood_is_the_papers(
    kind: type[RepeatModel], values: tuple[float, ...]
) -> None:
    model = kind().with_parameters(dict(zip(kind.names, values, strict=True)))
    direct = _direct(kind, values)

    for one in [(0, 0.0, 12.0), (1, 3.0, 3.0), (2, 30.43, 38.86), (26, 31.0, 39.0)]:
        assert_allclose(model.log_likelihood(_one(*one)), direct(*one), rtol=1e-10)


@pytest.mark.parametrize("days", [True, False], ids=["whole days", "any time"])
@pytest.mark.parametrize(("kind", "values"), CASES)
def test_a_panels_likelihood_is_the_sum_of_its_customers(
    kind: type[RepeatModel], values: tuple[float, ...], days: bool
) -> None:
    panel = _panel(days).take(np.arange(0, 4000, 40))
    model = kind().with_parameters(dict(zip(kind.names, values, strict=True)))
    rows = zip(panel.repeat_count, panel.recency, panel.tenure, strict=True)

    total = sum(model.log_likelihood(_one(*row)) for row in rows)

    assert_allclose(model.log_likelihood(panel), total, rtol=1e-11)


@pytest.mark.parametrize("days", [True, False], ids=["whole days", "any time"])
@pytest.mark.parametrize(("kind", "values"), CASES)
def test_the_gradient_agrees_with_differences_of_the_likelihood(
    kind: type[RepeatModel], values: tuple[float, ...], days: bool
) -> None:
    objective = kind()._objective(Cells.compressed(_panel(days)))
    theta = np.log(values)

    gradient = objective(theta)[1]

    for k in range(theta.size):
        step = np.zeros(theta.size)
        step[k] = 1e-4
        rise = objective(theta + step)[0] - objective(theta - step)[0]
        further = objective(theta + 2 * step)[0] - objective(theta - 2 * step)[0]
        # Richardson's extrapolation of central differences.
        assert_allclose(gradient[k], (8 * rise - further) / 12e-4, rtol=1e-6, atol=2e-9)


@pytest.mark.parametrize("values", SOME[ParetoNbd])
def test_the_calendar_and_the_rule_of_ones_own_give_the_same_integrals(
    values: tuple[float, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = Cells.compressed(_panel(days=True))
    calendar = tails(np.array(values), cells=cells)
    used: list[bool] = []

    def nowhere(_values: np.ndarray, *, cells: Cells, longest: float) -> np.ndarray:
        used.append(True)
        return np.zeros(cells.counts.size, dtype=bool)

    assert tails_module._on_grid(np.array(values), cells=cells, longest=30.0).any()
    monkeypatch.setattr(tails_module, "_on_grid", nowhere)
    own = tails(np.array(values), cells=cells)

    assert used
    assert_allclose(calendar.last, own.last, rtol=1e-9, atol=1e-9)
    assert_allclose(calendar.tenure, own.tenure, rtol=1e-9, atol=1e-9)
    assert_allclose(calendar.last_slope, own.last_slope, rtol=1e-8, atol=1e-8)
    assert_allclose(calendar.tenure_slope, own.tenure_slope, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize(
    ("x", "last", "tenure"),
    [
        (5000, 0.2, 1.0),
        (5000, 100.0, 104.0),
        (800, 3.0, 104.0),
        (40, 0.5, 500.0),
        (0, 0.0, 500.0),
    ],
)
@pytest.mark.parametrize("values", [*SOME[ParetoNbd], (0.6, 0.05, 0.9, 80.0)])
def test_the_tail_integral_holds_where_plain_sums_underflow(
    values: tuple[float, ...], x: int, last: float, tenure: float
) -> None:
    r, alpha, s, beta = values
    found = tails(np.array(values), cells=Cells.of(_one(x, last, tenure)))

    def relative(u: float) -> float:
        early = (r + x) * np.log((alpha + u) / (alpha + last))
        return float(np.exp(-early - (s + 1) * np.log((beta + u) / (beta + last))))

    # Split where the integrand has fallen, so that the reference sees its peak.
    width = (alpha + last) / (r + x)
    edges = [
        last + k * width for k in (0, 1, 3, 10, 30, 100, 1e3, 1e4) if k * width < tenure - last
    ]
    pieces = zip(edges, [*edges[1:], tenure], strict=True)
    area = sum(quad(relative, low, high, epsabs=0, epsrel=1e-12)[0] for low, high in pieces)
    exact = np.log(area) + np.log(s) - (r + x) * np.log(alpha + last)
    exact -= (s + 1) * np.log(beta + last)
    assert_allclose(found.last[0], exact, rtol=1e-12, atol=1e-8)
