"""A small simulated shop on disk, analysed once by the command itself."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from huitouke.cli.main import main
from huitouke.insight.world.simulate import simulate
from huitouke.insight.world.write import write

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    write(simulate("W1", customers=2_500, seed=3, truth=False, dirty=True), folder=folder)
    return folder


@pytest.fixture(scope="session")
def analysed(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out") / "results"
    with pytest.raises(SystemExit) as left:
        main(
            [
                "analyze", str(shop / "orders.csv"), "--out", str(out),
                "--answers", str(shop / "answers.csv"), "--currency", "CNY",
                "--timezone", "Asia/Shanghai", "--lang", "zh", "--csv", "--quiet",
            ]
        )  # fmt: skip
    assert left.value.code == 0
    return out
