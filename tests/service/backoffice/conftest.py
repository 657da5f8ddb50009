"""What tests of the staff's door share: people, passwords, browsers, codes."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from huitouke.service.core import clock, staff
from huitouke.service.core.actor import SYSTEM

pytest.register_assert_rewrite("doors")
sys.path.insert(0, str(Path(__file__).parent))

GOOD = "a long walk by the river"
_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """Signing in is done often here; how slow a hash is has its own test."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def person():
    """Enter somebody with a role and the password GOOD."""

    def enter(role="care", *, email=None):
        return staff.create(
            email or f"person{next(_numbers)}@example.com",
            role=role,
            password=GOOD,
            at=clock.now(),
            actor=SYSTEM,
        ).record

    return enter


@pytest.fixture
def browser():
    """A browser in English that keeps its cookies; every one comes from its own network."""

    def new(**how):
        network = f"198.51.{next(_numbers) % 256}.{next(_numbers) % 256}"
        client = Client(REMOTE_ADDR=network, headers={"Accept": "text/html"}, **how)
        client.cookies["huitouke_language"] = "en"
        return client

    return new


@pytest.fixture
def sign_in(browser):
    """Sign somebody in with a password, and return their browser."""

    def enter(somebody, *, client=None, password=GOOD):
        client = client or browser()
        answer = client.post(
            reverse("account_login"), {"login": somebody.email, "password": password}
        )
        assert answer.status_code == 302, answer.content.decode()
        return client

    return enter


@pytest.fixture
def second_factor():
    """Set up a second factor as a person does, and return its secret and recovery codes."""

    from doors import code_for

    def set_up(client):
        page = client.get(reverse("mfa_activate_totp"))
        secret = page.context["form"].secret
        done = client.post(reverse("mfa_activate_totp"), {"code": code_for(secret)})
        assert done.status_code == 302, done.content.decode()
        shown = client.get(done["Location"])
        return secret, list(shown.context["unused_codes"])

    return set_up
