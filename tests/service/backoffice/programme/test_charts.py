"""Lines over time show what there is, be it one month."""

from __future__ import annotations

import pytest

from huitouke.service.backoffice.programme.charts import Series, lines


@pytest.mark.parametrize(("months", "dots"), [(["May"], True), (["May", "June"], False)])
def test_a_month_alone_is_a_dot_and_several_are_a_line(months, dots):
    chart = lines(months, series=[Series("Issued", [3] * len(months))])

    assert chart["series"][0]["showSymbol"] is dots
