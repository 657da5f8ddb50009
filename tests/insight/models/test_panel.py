from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from huitouke.errors import HuitoukeError
from huitouke.insight.models.cells import Cells
from huitouke.insight.models.contract import (
    HorizonInvalid,
    LevelsInvalid,
    NotFitted,
    Panel,
    PanelInvalid,
)
from huitouke.insight.models.mbgnbd import MbgNbd


@pytest.mark.parametrize(
    ("count", "recency", "tenure", "rule"),
    [
        ([-1], [1.0], [2.0], "repeat_count >= 0"),
        ([1.5], [1.0], [2.0], "repeat_count = 0, 1, 2, ..."),
        ([1], [3.0], [2.0], "recency <= tenure"),
        ([1], [-3.0], [2.0], "recency >= 0"),
        ([0], [1.0], [2.0], "repeat_count = 0 <=> recency = 0"),
        ([1], [0.0], [2.0], "repeat_count = 0 <=> recency = 0"),
        ([0], [0.0], [-1.0], "0 <= tenure < inf"),
        ([0], [0.0], [float("nan")], "0 <= tenure < inf"),
        ([0], [float("nan")], [1.0], "recency >= 0"),
        ([0, 1], [0.0], [1.0], "n = n = n"),
    ],
)
def test_impossible_customers_are_refused_with_the_rule_they_break(
    count: list[float], recency: list[float], tenure: list[float], rule: str
) -> None:
    with pytest.raises(PanelInvalid) as refused:
        Panel(np.array(count), np.array(recency), np.array(tenure))

    assert refused.value.values["rule"] == rule


def test_a_refusal_names_the_first_row_and_how_many() -> None:
    with pytest.raises(PanelInvalid) as refused:
        Panel(np.array([0, 1, 1]), np.array([0.0, 9.0, 9.0]), np.array([1.0, 2.0, 3.0]))

    assert (refused.value.values["row"], refused.value.values["rows"]) == (1, 2)
    assert "recency <= tenure" in refused.value.text("zh")


def test_a_panel_is_the_same_from_arrow_from_ibis_and_from_a_mapping() -> None:
    import ibis

    columns = {"repeat_count": [2, 0], "recency_days": [30, 0], "tenure_days": [60, 9]}
    table = pa.table(columns)

    panels = [Panel.from_table(one) for one in (columns, table, ibis.memtable(table))]

    for panel in panels:
        assert panel.tenure.tolist() == [60 / 7, 9 / 7]
        assert panel.recency.tolist() == [30 / 7, 0.0]
        assert panel.tenure_codes.step == 1 / 7
        assert panel.tenure_codes.codes.tolist() == [60, 9]


def test_times_that_are_no_whole_days_are_coded_by_rank() -> None:
    panel = Panel(np.array([1, 1]), np.array([0.5, 0.25]), np.array([2.0, 1.1]))

    assert panel.tenure_codes.step is None
    np.testing.assert_array_equal(
        panel.tenure_codes.values[panel.tenure_codes.codes], panel.tenure
    )


def _some_panel(scale: float) -> Panel:
    rng = np.random.default_rng(2)
    days = rng.integers(5, 40, 400)
    count = np.minimum(rng.integers(0, 4, 400), days)
    last = np.where(count > 0, np.maximum(count, days // 2), 0)
    return Panel(count, last * scale, days * scale)


@pytest.mark.parametrize("scale", [1 / 7, 0.1234])
def test_distinct_tuples_carry_every_customer_once(scale: float) -> None:
    panel = _some_panel(scale)

    cells = Cells.compressed(panel)

    rows = np.repeat(np.arange(cells.weight.size), cells.weight.astype(int))
    again = np.stack(
        [
            cells.tenure_count[cells.tenure[rows]],
            cells.last_time[cells.last[rows]],
            cells.tenure_time[cells.tenure[rows]],
        ]
    )
    whole = np.stack([panel.repeat_count, panel.recency, panel.tenure])
    np.testing.assert_allclose(again[:, np.lexsort(again)], whole[:, np.lexsort(whole)])
    assert cells.weight.size < len(panel)
    assert cells.customers.sum() == len(panel)


@pytest.mark.parametrize("scale", [1 / 7, 0.1234])
def test_cells_of_a_panel_keep_its_order(scale: float) -> None:
    panel = _some_panel(scale)

    cells = Cells.of(panel)

    np.testing.assert_allclose(cells.last_time[cells.last], panel.recency)
    np.testing.assert_allclose(cells.tenure_time[cells.tenure], panel.tenure)
    np.testing.assert_array_equal(cells.last_count[cells.last], panel.repeat_count)


def test_an_unfitted_model_says_so() -> None:
    with pytest.raises(NotFitted):
        MbgNbd().p_alive(_some_panel(1 / 7))


def test_an_endless_sum_without_discount_is_refused() -> None:
    model = MbgNbd().with_parameters({"r": 1.0, "alpha": 5.0, "a": 1.0, "b": 2.0})
    panel = _some_panel(1 / 7)

    with pytest.raises(HorizonInvalid):
        model.orders_expected(panel, horizon=np.inf)
    with pytest.raises(HorizonInvalid):
        model.p_buy(panel, horizon=0.0)
    with pytest.raises(LevelsInvalid):
        model.predictive(panel, horizon=4.0, levels=(0.9, 0.1))


@pytest.mark.parametrize("kind", [PanelInvalid, NotFitted, HorizonInvalid, LevelsInvalid])
def test_every_obstacle_is_explained_in_chinese(kind: type[HuitoukeError]) -> None:
    values = {"rows": 1, "rule": "a", "row": 0, "model": "NBD", "horizon": 1, "rate": 0}

    error = kind(**values, levels=())

    assert error.text("zh") != error.text("en")
