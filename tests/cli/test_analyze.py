"""What the command promises to other programs and to people."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from huitouke.cli.main import main
from huitouke.insight.tables import CUSTOMERS, JUDGED

FILES = {
    "customers.parquet", "customers.csv", "loyalty_reasons.parquet", "summary.json",
    "validation.json", "quarantine.csv", "report.html",
}  # fmt: skip


def leave(arguments: list[str]) -> int:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    code = left.value.code
    assert isinstance(code, int)
    return code


def test_every_promised_file_is_written_and_nothing_else(analysed: Path) -> None:
    assert {file.name for file in analysed.iterdir()} == FILES


def test_customers_have_the_promised_columns_and_statuses(analysed: Path) -> None:
    table = pq.read_table(analysed / "customers.parquet")

    assert tuple(table.column_names) == CUSTOMERS.names
    assert table.schema.equals(CUSTOMERS.arrow_schema())
    for name in JUDGED:
        status = table[f"{name}_status"].to_pylist()
        assert set(status) <= {"ok", "insufficient_evidence", "not_identified"}
        for value, told in zip(table[name].to_pylist(), status, strict=True):
            assert (value is not None) == (told == "ok"), name


def test_customers_are_in_order_and_once(analysed: Path) -> None:
    ids = pq.read_table(analysed / "customers.parquet")["customer_id"].to_pylist()

    assert ids == sorted(set(ids), key=lambda name: name.encode())
    assert len(ids) > 2_000


def test_rows_add_up_in_the_summary(analysed: Path, shop: Path) -> None:
    rows = json.loads((analysed / "summary.json").read_text("utf-8"))["rows"]
    with (shop / "orders.csv").open(encoding="utf-8") as file:
        lines = sum(1 for _ in csv.reader(file)) - 1

    assert rows["read"] == lines
    assert rows["read"] == rows["used"] + rows["merged"] + rows["quarantined"]
    assert rows["merged"] > 0


def test_the_chosen_model_stands_with_its_losers(analysed: Path) -> None:
    summary = json.loads((analysed / "summary.json").read_text("utf-8"))

    candidates = summary["candidates"]
    assert [c["chosen"] for c in candidates].count(True) == 1
    chosen = next(c for c in candidates if c["chosen"])
    assert not chosen["is_rival"]
    assert {c["name"] for c in candidates} == {
        "paretonbd", "mbgnbd", "bgnbd", "nbd", "same_as_before"
    }  # fmt: skip
    for candidate in candidates:
        scores = candidate["scores"]
        assert scores["mae"]["lo"] < scores["mae"]["value"] < scores["mae"]["hi"]
    fitted = summary["models"]["purchases"]["fitted"][chosen["name"]]
    assert fitted["log_likelihood"] < 0
    assert fitted["gradient_per_customer"] < 1e-6
    assert fitted["smallest_eigenvalue"] > 0
    better = [
        c["scores"]["poisson_deviance"]["value"]
        for c in candidates
        if not c["is_rival"] and c["status"] == "ok"
    ]
    assert chosen["scores"]["poisson_deviance"]["value"] == min(better)


def test_equity_is_the_sum_of_the_customers_and_lies_in_its_interval(analysed: Path) -> None:
    equity = json.loads((analysed / "summary.json").read_text("utf-8"))["customer_equity"]
    table = pq.read_table(analysed / "customers.parquet")

    assert equity["value"] == pytest.approx(pc.sum(table["clv"]).as_py(), rel=1e-9)
    assert equity["lo"] < equity["value"] < equity["hi"]
    assert {part["name"] for part in equity["parts"]} == {
        "parameters", "individuals", "misspecification"
    }  # fmt: skip


def test_every_model_has_its_validation_record(analysed: Path) -> None:
    validation = json.loads((analysed / "validation.json").read_text("utf-8"))

    churn = {record["model"]: record for record in validation["churn_and_spend"]}
    assert set(churn) == {
        "logistic", "tree", "boosting", "rfm_rank_sum", "rfm_logistic", "purchase_model",
        "linear", "past_spend",
    }  # fmt: skip
    for record in churn.values():
        assert record["in_sample"]["n"] > 0
        assert record["cross_validated"]["n"] > 0
        assert record["out_of_time"]["n"] > 0
        assert record["verdict"]["reason"]
    assert {"auc", "brier", "slope", "ece", "top_decile_lift", "empc"} <= set(
        churn["logistic"]["out_of_time"]["metrics"]
    )
    assert len(validation["origins"]) >= 3


def test_reasons_add_up_to_the_loyalty_score(analysed: Path) -> None:
    reasons = pq.read_table(analysed / "loyalty_reasons.parquet")
    table = pq.read_table(analysed / "customers.parquet").filter(
        pc.field("loyalty_score_status") == "ok"
    )

    assert reasons["customer_id"].equals(table["customer_id"])
    parts = [name for name in reasons.column_names if name.startswith("from_")]
    total = reasons["base"]
    for name in parts:
        total = pc.add(total, reasons[name])
    gap = (
        pc.max(pc.abs(pc.subtract(total, table["loyalty_score"]))).as_py() if len(table) else 0
    )
    assert gap < 1e-6


def test_the_same_input_gives_the_same_bytes(
    analysed: Path, shop: Path, tmp_path: Path
) -> None:
    again = tmp_path / "again"

    code = leave(
        [
            "analyze", str(shop / "orders.csv"), "--out", str(again),
            "--answers", str(shop / "answers.csv"), "--currency", "CNY",
            "--timezone", "Asia/Shanghai", "--lang", "zh", "--csv", "--quiet",
        ]
    )  # fmt: skip

    assert code == 0
    for name in FILES:
        assert (again / name).read_bytes() == (analysed / name).read_bytes(), name


def test_the_screen_speaks_the_readers_language(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for language, words in (
        ("zh", "顾客资产"),
        ("zh-Hant", "顧客資產"),
        ("en", "Customer equity"),
    ):
        out = tmp_path / language
        code = leave(
            ["analyze", str(shop / "orders.csv"), "--out", str(out), "--lang", language]
        )
        shown = capsys.readouterr()

        assert code == 0
        assert words in shown.out
        assert "CN¥" not in shown.out
        assert str(out / "report.html") in shown.out
        assert len(shown.out.splitlines()) <= 24
        assert "·" in shown.err
        chinese = re.search(r"[\u4e00-\u9fff]", shown.out + shown.err) is not None
        assert chinese == (language != "en")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.csv", b"", "facts.file_empty"),
        ("photo.csv", bytes(range(256)) * 40, "facts."),
        ("book.xlsx", b"PK\x03\x04" + bytes(200), "facts.not_a_table"),
        ("broken.parquet", b"PAR1 not really", "facts.not_a_table"),
        ("wrong.csv", b"colour,shape\nred,round\n", "facts."),
    ],
)
def test_a_file_that_is_not_what_it_claims_gets_one_sentence(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    content: bytes,
    code: str,
    language: str,
) -> None:
    file, out = tmp_path / name, tmp_path / "out"
    file.write_bytes(content)

    left = leave(["analyze", str(file), "--out", str(out), "--lang", language, "--quiet"])

    shown = capsys.readouterr()
    assert left == 2
    assert not out.exists()
    assert shown.out == ""
    assert len(shown.err.strip().splitlines()) == 1
    assert name in shown.err
    assert f"[{code}" in shown.err
    assert "Traceback" not in shown.err
    assert (re.search(r"[\u4e00-\u9fff]", shown.err) is not None) == (language == "zh")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_missing_files_and_folders_get_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    for path, code in ((tmp_path / "nowhere.csv", "file_missing"), (tmp_path, "is_directory")):
        left = leave(
            [
                "analyze",
                str(path),
                "--out",
                str(tmp_path / "out"),
                "--lang",
                language,
                "--quiet",
            ]
        )

        shown = capsys.readouterr().err
        assert left == 2
        assert f"[facts.{code}]" in shown
        assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("option", "code"),
    [
        (["--map", "customer_id"], "cli.map_not_a_pair"),
        (["--map", "colour=a"], "facts.map_unknown_field"),
        (["--map", "amount=nowhere"], "facts.map_unknown_column"),
        (["--timezone", "Mars/Olympus"], "facts.timezone_unknown"),
        (["--currency", "yuan"], "steps.option_invalid"),
        (["--as-of", "1999-01-01"], "steps.as_of_outside_period"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    shop: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    option: list[str],
    code: str,
) -> None:
    out = tmp_path / "out"

    left = leave(
        [
            "analyze",
            str(shop / "orders.csv"),
            "--out",
            str(out),
            "--quiet",
            "--lang",
            "en",
            *option,
        ]
    )

    assert left == 2
    assert f"[{code}]" in capsys.readouterr().err
    assert not out.exists()


def test_a_result_never_replaces_an_input(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "customers.csv"
    mine.write_bytes((shop / "orders.csv").read_bytes())

    left = leave(["analyze", str(mine), "--out", str(tmp_path), "--csv", "--lang", "en"])

    assert left == 2
    assert "[steps.output_is_input]" in capsys.readouterr().err
    assert mine.read_bytes() == (shop / "orders.csv").read_bytes()


def test_unusable_answers_are_set_aside_too(shop: Path, tmp_path: Path) -> None:
    answers = tmp_path / "answers.csv"
    answers.write_text("customer,date,kind,score\nC000001,2025-01-01,nps,9\nC000001,?,nps,3\n")
    out = tmp_path / "out"

    left = leave(
        [
            "analyze",
            str(shop / "orders.csv"),
            "--answers",
            str(answers),
            "--out",
            str(out),
            "--quiet",
        ]
    )

    assert left == 0
    with (out / "quarantine.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["source"].endswith("answers.csv")]
    assert [row["line_number"] for row in rows] == ["3"]
    survey = json.loads((out / "summary.json").read_text("utf-8"))["survey"]
    assert survey["rows"]["read"] == 2
    assert survey["rows"]["quarantined"] == 1


def test_an_earlier_result_that_is_not_written_again_goes(shop: Path, tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_text("old")
    (tmp_path / "notes.txt").write_text("mine")

    left = leave(["analyze", str(shop / "orders.csv"), "--out", str(tmp_path), "--quiet"])

    assert left == 0
    assert not (tmp_path / "customers.csv").exists()
    assert (tmp_path / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["analyze", "x.csv"], "缺少 --out"),
        (["analyze", "x.csv", "--out", "o", "--colour"], "没有 --colour 这个选项"),
        (["analyze", "x.csv", "--out", "o", "--margin", "2"], "--margin 的值不能用"),
        (["nothing"], "命令行有误"),
    ],
)
def test_a_wrong_command_line_gets_one_sentence_in_the_readers_language(
    capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    left = leave([*arguments, "--lang", "zh"] if arguments[0] == "analyze" else arguments)

    shown = capsys.readouterr().err
    assert left == 2
    assert len(shown.strip().splitlines()) == 1
    if arguments[0] == "analyze":
        assert words in shown


def test_results_cannot_go_where_a_file_is(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").write_text("mine")

    left = leave(
        ["analyze", str(shop / "orders.csv"), "--out", str(tmp_path / "taken"), "--lang", "en"]
    )

    assert left == 2
    assert "[steps.output_unwritable]" in capsys.readouterr().err
    assert (tmp_path / "taken").read_text() == "mine"
