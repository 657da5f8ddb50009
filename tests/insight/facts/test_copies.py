from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from huitouke.insight.facts.copies import Copies, fingerprints, salts

CELL = st.one_of(st.none(), st.text(max_size=3))


@given(
    st.lists(
        st.tuples(CELL, st.integers(-3, 3), st.sampled_from([0.0, -0.0, 1.5])), max_size=40
    )
)
def test_rows_are_copies_exactly_if_all_fields_are_equal(
    rows: list[tuple[str | None, int, float]],
) -> None:
    cells = [
        pa.array([row[0] for row in rows], pa.string()),
        pa.array([row[1] for row in rows], pa.int64()),
        pa.array([row[2] for row in rows], pa.float64()),
    ]
    copies = Copies()
    salt = salts(["t", "n", "f"])
    half = len(rows) // 2
    for part in (slice(0, half), slice(half, None)):
        some = [column[part] for column in cells]
        telling = np.ones(len(some[0]), dtype=bool)
        copies.add(fingerprints(some, salt=salt), telling=telling)

    seen: set[tuple[object, ...]] = set()
    want = []
    for number, row in enumerate(rows):
        if row in seen:
            want.append(number)
        seen.add(row)

    assert copies.find().tolist() == want


def test_a_copy_is_found_beside_longer_texts_in_another_part() -> None:
    copies, salt = Copies(), salts(["t"])
    for texts in (["tea", "cup"], ["tea", "a much longer name of a product"], ["cup"]):
        cells = [pa.array(texts)]
        copies.add(fingerprints(cells, salt=salt), telling=np.ones(len(texts), dtype=bool))

    assert copies.find().tolist() == [2, 4]


def test_the_same_value_in_another_column_is_another_row() -> None:
    cells = [pa.array(["x", "y"]), pa.array(["y", "x"])]
    lanes = fingerprints(cells, salt=salts(["a", "b"]))
    assert lanes[0, 0] != lanes[0, 1]
    assert lanes[1, 0] != lanes[1, 1]


def test_columns_of_one_name_are_told_apart() -> None:
    first, second = salts(["a", "a"]).T
    assert (first != second).all()
