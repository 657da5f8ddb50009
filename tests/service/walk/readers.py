"""Who walks: each reader as the cookies of their browser."""

from __future__ import annotations

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from doors import code_for
from filled import GOOD, PHONE

from huitouke.service.core import clock, staff
from huitouke.service.core.actor import SYSTEM
from huitouke.service.customers import queries as customers
from huitouke.service.portal.signing import codes, sessions

_HOURS = 3_600


def nobody(**how):
    return Client(headers={"Accept": "text/html"}, **how)


def signed_in(person, *, secret=""):
    """Return a browser of somebody who signed in just now, however long the walk takes."""
    client = nobody()
    client.post(reverse("account_login"), {"login": person.email, "password": GOOD})
    if secret:
        client.post(reverse("mfa_authenticate"), {"code": code_for(secret)})
    kept = client.session
    for each in kept[AUTHENTICATION_METHODS_SESSION_KEY]:
        each["at"] += _HOURS
    kept.save()
    return client


def half_in(person):
    """Return a browser whose password was right, and whose code is awaited."""
    client = nobody(REMOTE_ADDR="198.51.100.7")
    client.post(reverse("account_login"), {"login": person.email, "password": GOOD})
    return client


def asked():
    """Return a browser that waits for the code of a member."""
    client = nobody()
    waits, _ = codes.ask("phone", f"+86{PHONE}", at=clock.now())
    client.cookies[settings.MEMBERS.asked_cookie] = waits.sealed()
    return client


def member():
    client = nobody()
    who = customers.find("phone", f"+86{PHONE}")
    answer = HttpResponse()
    sessions.begin(RequestFactory().get("/my/"), answer, customer=who.pk, at=clock.now())
    client.cookies.update(answer.cookies)
    return client


def careful():
    """Return an owner with a second factor, and its secret."""
    made = staff.create(
        "mei@example.com", role="owner", name="Mei", password=GOOD, at=clock.now(), actor=SYSTEM
    ).record
    secret = generate_totp_secret()
    TOTP.activate(made, secret)
    RecoveryCodes.activate(made)
    return made, secret


def readers(shop):
    """Return everybody who walks, in the order in which they try an address."""
    with_factor, secret = careful()
    return {
        "owner": signed_in(shop.owner),
        "member": member(),
        "with a second factor": signed_in(with_factor, secret=secret),
        "half in": half_in(with_factor),
        "asked": asked(),
    }
