"""``huitouke serve``: everything with one command, and nothing left when it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess

import pytest
from running import RUN, environment, huitouke


def test_it_answers_and_ends_with_all_it_started(start):
    served = start("--workers", "1")
    pids = served.pids()

    status, said = served.get("/healthz")
    served.process.send_signal(signal.SIGTERM)
    code = served.process.wait(60)

    assert (status, said["status"], said["database"]) == (200, "ok", "ok")
    assert len(pids) >= 5  # itself, the server and its process, the worker, PostgreSQL
    assert code == 0
    assert served.alive(pids) == set()
    assert "api-key create" in served.said
    assert "staff create" in served.said


def test_nothing_is_left_when_it_is_killed_and_the_next_one_starts(start):
    first = start("--workers", "1")
    pids = first.pids()

    first.process.kill()
    first.process.wait(60)
    postgres = {int((first.folder / "postgres/postmaster.pid").read_text().split()[0])}
    first.wait_until(lambda: first.alive(pids - postgres) == set())
    second = start("--no-worker", "--workers", "1")

    assert second.get("/healthz")[0] == 200
    pids = second.pids()
    second.process.terminate()
    assert second.process.wait(60) == 0
    assert second.alive(pids) == set()


def test_a_child_or_a_database_that_was_killed_comes_back(start):
    served = start("--workers", "1")
    listing = subprocess.run(
        ["ps", "-ww", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    children = {
        "http" if "child http" in row else "worker": int(row.split()[0])
        for row in listing
        if int(row.split()[1]) == served.process.pid
    }

    os.kill(children["http"], signal.SIGKILL)
    served.wait_until(lambda: "http" in served.said.partition("ended")[0][-40:])
    served.wait_until(lambda: served.get("/healthz")[0] == 200)
    os.kill(
        int((served.folder / "postgres/postmaster.pid").read_text().split()[0]), signal.SIGKILL
    )
    served.wait_until(lambda: "runs again" in served.said)

    served.wait_until(lambda: served.get("/healthz")[0] == 200)


def test_a_port_that_is_taken_is_told(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])

        done = huitouke("serve", "--port", port, "--data-dir", str(tmp_path), "--lang", "en")

    assert done.returncode == 2
    assert "[cli.port_taken]" in done.stderr


@pytest.mark.parametrize(
    ("words", "variables", "code"),
    [
        (
            ["--host", "0.0.0.0"],  # noqa: S104 - it is refused
            {"HUITOUKE_DEBUG_PAGES": "1"},
            "config.debug_in_public",
        ),
        (
            [],
            {"HUITOUKE_DEBUG_PAGES": "1", "HUITOUKE_PUBLIC_URL": "https://shop.example"},
            "config.debug_in_public",
        ),
        ([], {"HUITOUKE_SECRET_KEY": "short"}, "config.secret_missing"),
        ([], {"HUITOUKE_POOL_SIZE": "90"}, "config.connections_too_few"),
        ([], {"HUITOUKE_POOL_SIZE": "none"}, "config.setting_unreadable"),
    ],
)
def test_it_refuses_to_start_unsafely(tmp_path, words, variables, code):
    data = ["--data-dir", str(tmp_path)]

    done = huitouke("serve", "--port", "0", *data, *words, "--lang", "zh", **variables)

    assert done.returncode == 2
    assert f"[{code}]" in done.stderr
    assert not (tmp_path / "postgres" / "postmaster.pid").exists()


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"HUITOUKE_SECRET_KEY": "short"}, "config.secret_missing"),
        (
            {"HUITOUKE_WEBHOOK_PRIVATE": "1", "HUITOUKE_PUBLIC_URL": "https://shop.example"},
            "config.failpoints_in_public",
        ),
    ],
)
def test_a_worker_by_itself_refuses_what_serve_refuses(tmp_path, variables, code):
    done = huitouke("worker", "--data-dir", str(tmp_path), "--lang", "en", **variables)

    assert done.returncode == 2
    assert f"[{code}]" in done.stderr


def test_a_database_that_does_not_answer_is_told():
    done = huitouke(
        "migrate", "--lang", "en", DATABASE_URL="postgresql://ann:hush@127.0.0.1:1/shop"
    )

    assert done.returncode == 2
    assert "[config.database_unreachable]" in done.stderr
    assert "hush" not in done.stderr


def test_two_starts_at_once_make_one_database(tmp_path):
    both = [
        subprocess.Popen(
            [*RUN, "migrate", "--data-dir", str(tmp_path), "--lang", "en"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment(),
        )
        for _ in range(2)
    ]

    said = [each.communicate(timeout=120)[0] for each in both]

    assert [each.returncode for each in both] == [0, 0], said
    assert not (tmp_path / "postgres" / "postmaster.pid").exists()
