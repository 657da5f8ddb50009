from __future__ import annotations

import numpy as np
import pytest

from huitouke.insight.world.scenarios import (
    ARMS,
    NEEDS,
    SCENARIOS,
    TRAITS,
    TYPES,
    WorldSizeInvalid,
    WorldUnknown,
    scenario_named,
    trait,
)
from huitouke.insight.world.simulate import simulate
from huitouke.language import words


def test_there_are_nine_worlds() -> None:
    assert list(SCENARIOS) == [f"W{number}" for number in range(9)]


def test_every_trait_has_a_value_for_every_type_and_shares_sum_to_one() -> None:
    assert {len(values) for values in TRAITS.values()} == {len(TYPES)}
    assert trait("share").sum() == pytest.approx(1.0)
    assert len(ARMS) == len(NEEDS) + 1


def test_a_world_that_does_not_exist_is_named_with_those_that_do() -> None:
    with pytest.raises(WorldUnknown) as caught:
        scenario_named("W9")

    assert "W9" in caught.value.text("en")
    assert "W1" in caught.value.text("zh")
    assert caught.value.text("zh").startswith("没有")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("customers", 0),
        ("customers", 2_000_001),
        ("customers", 1.5),
        ("customers", True),
        ("weeks", 0),
        ("weeks", 521),
        ("seed", -1),
        ("future_draws", 0),
    ],
)
def test_a_size_out_of_range_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(WorldSizeInvalid) as caught:
        simulate("W1", **{name: value})  # type: ignore[arg-type]

    assert caught.value.values["name"] == name


def test_every_message_of_this_stage_has_its_chinese() -> None:
    reader = words("zh")
    for error in (WorldUnknown, WorldSizeInvalid):
        for message in (error.says, error.remedy):
            shown = reader.say(message, scenario=1, known=1, name=1, least=1, most=1, value=1)
            assert any("\u4e00" <= letter <= "\u9fff" for letter in shown)


def test_the_smallest_worlds_can_be_made() -> None:
    for name in SCENARIOS:
        for size, weeks in ((1, 1), (1, 60), (7, 3)):
            world = simulate(name, customers=size, weeks=weeks, future_draws=2)

            assert world.truth_customers.num_rows == size
            for column in world.truth_customers.columns:
                if str(column.type) == "double":
                    kept = column.drop_null().to_numpy()
                    assert np.isfinite(kept).all()
