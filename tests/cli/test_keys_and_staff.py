"""Keys and people are made on the command line; what is secret is shown once."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from huitouke.service.config.embedded import embedded_postgres

RUN = [sys.executable, "-c", "from huitouke.cli.main import main; main()"]


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """An embedded server that stays up over the commands of this file."""
    with embedded_postgres(tmp_path_factory.mktemp("data")) as url:
        yield url


@pytest.fixture
def huitouke(database):
    def act(*words, given=None):
        kept = {k: v for k, v in os.environ.items() if not k.startswith("HUITOUKE")}
        return subprocess.run(
            [*RUN, *words],
            capture_output=True,
            text=True,
            check=False,
            env=kept | {"DATABASE_URL": database},
            input=given,
            timeout=120,
        )

    return act


def test_a_key_is_made_listed_and_revoked(huitouke):
    made = huitouke(
        "api-key", "create", "till-7", "--scopes", "points:read, events:write", "--lang", "en"
    )
    secret = made.stdout.strip()
    key = next(word for word in made.stderr.split() if word.startswith("(key_")).strip("().")
    listed = huitouke("api-key", "list", "--lang", "en")
    revoked = huitouke("api-key", "revoke", key, "--lang", "zh")
    after = huitouke("api-key", "list", "--lang", "en")

    assert made.returncode == 0
    assert secret.startswith("hk_")
    assert listed.stdout.split("\t") == [key, "till-7", "valid", "events:write,points:read\n"]
    assert secret not in listed.stdout
    assert revoked.returncode == 0
    assert "失效" in revoked.stdout
    assert "\trevoked\t" in after.stdout


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["create", "till", "--scopes", "points:rule"], "core.scope_unknown"),
        (["create", "", "--scopes", "all"], "core.key_name_bad"),
        (["revoke", "key_7"], "core.id_unknown"),
        (["revoke", "key_00000000000000000000000000"], "core.key_unknown"),
    ],
)
def test_a_key_that_cannot_be_is_told(huitouke, words, code):
    done = huitouke("api-key", *words, "--lang", "zh")

    assert done.returncode == 2
    assert f"[{code}]" in done.stderr
    assert done.stdout == ""


def test_a_person_gets_a_password_shown_once(huitouke):
    made = huitouke("staff", "create", "ann@example.com", "--role", "owner", "--lang", "en")
    again = huitouke("staff", "create", "ann@example.com", "--role", "care", "--lang", "en")

    assert made.returncode == 0
    assert len(made.stdout.strip()) == 20
    assert "ann@example.com is entered as owner" in made.stderr
    assert again.returncode == 2
    assert "[core.staff_exists]" in again.stderr


def test_a_role_that_is_not_there_is_told_with_those_that_are(huitouke):
    done = huitouke("staff", "create", "bo@example.com", "--role", "queen", "--lang", "en")

    assert done.returncode == 2
    assert "front_line" in done.stderr


def test_people_are_listed_given_roles_and_switched_off_and_on(huitouke):
    huitouke("staff", "create", "cy@example.com", "--role", "care", "--lang", "en")
    given = huitouke("staff", "role", "CY@example.com", "marketer", "--lang", "en")
    off = huitouke("staff", "disable", "cy@example.com", "--lang", "zh")
    listed = huitouke("staff", "list", "--lang", "en")
    on = huitouke("staff", "enable", "cy@example.com", "--lang", "en")
    none = huitouke("staff", "second-factor-off", "cy@example.com", "--lang", "en")

    line = next(each for each in listed.stdout.splitlines() if "cy@example.com" in each)
    assert given.stdout == "cy@example.com is now marketer, from the next page on.\n"
    assert "不能再登录" in off.stdout
    assert line.split("\t")[1:] == ["cy@example.com", "marketer", "switched off"]
    assert line.startswith("stf_")
    assert on.stdout == "cy@example.com can sign in again.\n"
    assert none.stdout == "cy@example.com has no second factor.\n"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["disable", "dora@example.com"], "core.last_owner"),
        (["role", "dora@example.com", "care"], "core.last_owner"),
        (["enable", "nobody@example.com"], "core.staff_unknown"),
    ],
)
def test_what_would_leave_no_owner_or_names_nobody_is_told(huitouke, words, code):
    huitouke("staff", "create", "dora@example.com", "--role", "owner")
    huitouke("staff", "role", "dora@example.com", "owner")
    huitouke("staff", "disable", "ann@example.com")

    done = huitouke("staff", *words, "--lang", "en")

    assert done.returncode == 2
    assert f"[{code}]" in done.stderr


def test_an_empty_ledger_is_whole(huitouke):
    said = huitouke("ledger", "verify", "--json")
    sealed = huitouke("ledger", "seal", "--lang", "en")
    headless = huitouke("ledger", "verify", "--head", "nonsense", "--lang", "en")

    assert said.returncode == 0
    assert '"broken": []' in said.stdout
    assert sealed.stdout == "0 blocks sealed.\n"
    assert "[cli.head_unreadable]" in headless.stderr


def test_roles_on_the_command_line_are_those_of_the_records():
    from huitouke.cli.staff import _ROLES
    from huitouke.service.core.models import Staff

    assert sorted(_ROLES) == sorted(Staff.Role.values)
