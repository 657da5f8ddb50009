"""A backup holds one moment of everything; a restored database is the same and is whole."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import psycopg
import pytest

from huitouke.service.config.embedded import embedded_postgres

RUN = [sys.executable, "-c", "from huitouke.cli.main import main; main()"]
# Without the line that a backup leaves of itself, once it is made.
ROWS = (
    "SELECT actor, action, target, facts::text FROM core_audit"
    " WHERE action <> 'backup.made' ORDER BY id"
)


def huitouke(*words, **more):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("HUITOUKE", "DATABASE"))}
    return subprocess.run(
        [*RUN, *words, "--lang", "en"],
        capture_output=True,
        text=True,
        check=False,
        env=kept | more,
        timeout=120,
    )


@pytest.fixture(scope="module")
def merchant(tmp_path_factory):
    """A database with something in it, up over the tests of this file."""
    with embedded_postgres(tmp_path_factory.mktemp("merchant")) as url:
        made = huitouke("api-key", "create", "till-7", "--scopes", "all", DATABASE_URL=url)
        assert made.returncode == 0, made.stderr
        yield url


@pytest.fixture
def backup(merchant, tmp_path):
    file = tmp_path / "shop.backup"
    done = huitouke("backup", str(file), DATABASE_URL=merchant)
    assert done.returncode == 0, done.stderr
    return file


def rows(url, query=ROWS):
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


def test_what_was_backed_up_is_there_again(merchant, backup, tmp_path):
    data = tmp_path / "new"

    done = huitouke("restore", str(backup), "--data-dir", str(data))

    assert done.returncode == 0, done.stderr
    assert "is whole" in done.stdout
    with embedded_postgres(data) as url:
        assert rows(url) == rows(merchant)
        assert rows(url, "SELECT name, secret_hash FROM core_apikey") == rows(
            merchant, "SELECT name, secret_hash FROM core_apikey"
        )


def test_a_backup_is_readable_by_its_owner_only_and_replaces_nothing(merchant, backup):
    again = huitouke("backup", str(backup), DATABASE_URL=merchant)

    assert backup.stat().st_mode & 0o777 == 0o600
    assert again.returncode == 2
    assert "[config.backup_exists]" in again.stderr
    assert not list(backup.parent.glob("*.part"))


def test_a_database_that_holds_data_is_replaced_only_when_told_to(merchant, backup, tmp_path):
    data = tmp_path / "other"
    made = huitouke("api-key", "create", "other", "--scopes", "all", "--data-dir", str(data))

    refused = huitouke("restore", str(backup), "--data-dir", str(data))
    replaced = huitouke("restore", str(backup), "--replace", "--data-dir", str(data))

    assert made.returncode == 0
    assert refused.returncode == 2
    assert "[config.database_not_empty]" in refused.stderr
    assert replaced.returncode == 0, replaced.stderr
    with embedded_postgres(data) as url:
        assert rows(url) == rows(merchant)
        schemas = rows(url, "SELECT nspname FROM pg_namespace WHERE nspname LIKE '%_before'")
        assert schemas == []


def test_a_file_that_is_no_backup_changes_nothing(merchant, tmp_path):
    file = tmp_path / "shop.csv"
    file.write_text("order,customer\n")
    before = rows(merchant)

    done = huitouke("restore", str(file), "--replace", DATABASE_URL=merchant)

    assert done.returncode == 2
    assert "[config.backup_unreadable]" in done.stderr
    assert rows(merchant) == before


def test_a_backup_that_breaks_off_changes_nothing(merchant, backup, tmp_path):
    whole = backup.read_bytes()
    cut = tmp_path / "cut.backup"
    cut.write_bytes(whole[: len(whole) * 2 // 3])
    before = rows(merchant)

    done = huitouke("restore", str(cut), "--replace", DATABASE_URL=merchant)

    assert done.returncode == 2
    assert "config." in done.stderr
    assert rows(merchant) == before


def test_a_database_in_use_is_not_replaced(merchant, backup):
    with psycopg.connect(merchant):
        done = huitouke("restore", str(backup), "--replace", DATABASE_URL=merchant)

    assert done.returncode == 2
    assert "[config.database_in_use]" in done.stderr


def test_a_backup_under_load_holds_one_moment(merchant, tmp_path):
    """Two rows are always written together; no backup has one without the other."""
    stop = threading.Event()
    note = (
        "INSERT INTO core_audit (actor, action, target, reason, facts, created_at)"
        " VALUES ('system:test', %s, 'load', '', '{}', core_now())"
    )

    def write():
        with psycopg.connect(merchant) as connection:
            while not stop.is_set():
                with connection.transaction():
                    connection.execute(note, ["left"])
                    connection.execute(note, ["right"])

    writer = threading.Thread(target=write)
    writer.start()
    file, data = tmp_path / "load.backup", tmp_path / "load"
    done = huitouke("backup", str(file), DATABASE_URL=merchant)
    stop.set()
    writer.join()
    restored = huitouke("restore", str(file), "--data-dir", str(data))

    assert (done.returncode, restored.returncode) == (0, 0), restored.stderr
    with embedded_postgres(data) as url:
        counts = rows(
            url,
            "SELECT count(*) FILTER (WHERE action = 'left'),"
            " count(*) FILTER (WHERE action = 'right') FROM core_audit WHERE target = 'load'",
        )
    assert counts[0][0] == counts[0][1] > 0
