"""The PostgreSQL that comes along starts, is shared, survives a kill, ends with its users."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from huitouke.service.config import embedded
from huitouke.service.config.embedded import embedded_postgres, revive
from huitouke.service.config.prepare import kept_secret
from huitouke.service.config.tuning import machine_memory, tune, tuned

HOLD = """
import sys
from pathlib import Path
from huitouke.service.config.embedded import embedded_postgres
with embedded_postgres(Path(sys.argv[1])) as url:
    print(url, flush=True)
    sys.stdin.readline()
"""


def answer(url, query):
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchone()[0]


def holder(folder):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    return process, process.stdout.readline().strip()


def postmaster(folder):
    return int((folder / "postgres" / "postmaster.pid").read_text().split()[0])


def test_it_confirms_only_what_survives_a_crash(postgres):
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        assert answer(postgres, f"SHOW {setting}") == "on"
    assert answer(postgres, "SHOW listen_addresses") == ""
    assert answer(postgres, "SHOW unix_socket_permissions") == "0700"


def test_it_uses_the_memory_of_the_machine(postgres):
    mebibytes = machine_memory() // 2**20

    assert answer(postgres, "SELECT current_setting('jit')") == "off"
    held = answer(postgres, "SELECT setting::int * 8 / 1024 FROM pg_settings"
                            " WHERE name = 'shared_buffers'")  # fmt: skip
    assert held == max(128, min(1024, mebibytes // 8))


def test_settings_are_for_machines_of_every_size():
    small, large = tuned(512 * 2**20), tuned(256 * 2**30)

    assert "shared_buffers = 128MB" in small
    assert "effective_cache_size = 256MB" in small
    assert "shared_buffers = 1024MB" in large


def test_a_folder_of_before_gets_the_settings_once(tmp_path):
    (tmp_path / "postgresql.conf").write_text("port = 5432\n")

    tune(tmp_path)
    tune(tmp_path)

    assert (tmp_path / "postgresql.conf").read_text().count("include_if_exists") == 1
    assert (tmp_path / "huitouke.conf").read_text() == tuned(machine_memory())


def test_the_last_user_stops_it_also_when_another_was_killed(tmp_path):
    killed, url = holder(tmp_path)
    with embedded_postgres(tmp_path) as same:
        assert same == url
        killed.kill()
        killed.communicate()

        assert answer(url, "SELECT 1") == 1

    assert not (tmp_path / "postgres" / "postmaster.pid").exists()


def test_what_was_confirmed_is_there_after_the_server_was_killed(tmp_path):
    with embedded_postgres(tmp_path) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
        os.kill(postmaster(tmp_path), signal.SIGKILL)

        # The kernel takes a moment to carry the kill out.
        assert any(revive(tmp_path) for _ in range(100_000))
        assert not revive(tmp_path)
        assert answer(url, "SELECT n FROM kept") == 7


def test_who_joins_a_server_that_recovers_waits_for_it(tmp_path, monkeypatch):
    """One of its processes was killed a moment before: it takes nobody for a while."""
    monkeypatch.setattr(embedded, "_BETWEEN_TRIES_SECONDS", 0)
    refusals = iter(["in recovery mode", "starting up"])
    connect = psycopg.connect

    def recovering(*given, **named):
        for why in refusals:
            raise psycopg.OperationalError(f"FATAL:  the database system is {why}")
        return connect(*given, **named)

    with embedded_postgres(tmp_path):
        monkeypatch.setattr(embedded.psycopg, "connect", recovering)
        with embedded_postgres(tmp_path) as url:
            assert answer(url, "SELECT 1") == 1

    assert next(refusals, None) is None


def test_a_file_that_names_another_process_does_not_stop_the_start(tmp_path):
    with embedded_postgres(tmp_path):
        file = tmp_path / "postgres" / "postmaster.pid"
        lines = file.read_text().splitlines()
    file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")

    with embedded_postgres(tmp_path) as url:
        assert answer(url, "SELECT 1") == 1


def test_a_folder_of_somebody_else_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(embedded, "running_as_root", lambda: False)
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)

    with pytest.raises(embedded.DataFolderForeign), embedded_postgres(tmp_path):
        pytest.fail("it started")


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("")

    with (
        pytest.raises(embedded.DataFolderUnusable),
        embedded_postgres(tmp_path / "file" / "data"),
    ):
        pytest.fail("it started")


def test_a_server_that_does_not_start_says_where_its_words_are(tmp_path, monkeypatch):
    monkeypatch.setattr(embedded, "_BETWEEN_TRIES_SECONDS", 0)
    monkeypatch.setattr(embedded, "_TRIES", 2)
    with embedded_postgres(tmp_path):
        settings = tmp_path / "postgres" / "postgresql.conf"
    settings.write_text(settings.read_text() + "\nno_such_setting = 1\n")

    with pytest.raises(embedded.PostgresNotStarted) as refused, embedded_postgres(tmp_path):
        pytest.fail("it started")

    assert Path(refused.value.values["log"]).exists()


def test_the_programs_of_the_server_come_along():
    for name in ("pg_dump", "pg_restore"):
        assert embedded.binary(name).is_file()


def test_the_secret_key_is_made_once_and_readable_by_its_owner_only(tmp_path):
    first, second = kept_secret(tmp_path), kept_secret(tmp_path)

    assert first == second
    assert len(first) >= 32
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600
