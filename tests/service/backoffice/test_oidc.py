"""Sign-in by another server: it says who one is, the shop says who works here."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialToken
from cryptography.hazmat.primitives.asymmetric import rsa
from django.urls import reverse

from huitouke.service.config.environment import Environment
from huitouke.service.config.signing_in import signing_settings
from huitouke.service.core import audit, clock, roster
from huitouke.service.core.actor import SYSTEM
from huitouke.service.core.models import Staff

pytestmark = pytest.mark.django_db

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CLIENT, SECRET = "huitouke", "between the two servers"
PUBLIC = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key())) | {"kid": "one"}


@dataclass
class Issuer:
    """A small OpenID Connect server on the loopback, with one person signed in to it."""

    url: str = ""
    claims: dict = field(default_factory=dict)
    changed: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)
    verifiers: dict = field(default_factory=dict)

    def configuration(self):
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/me",
            "jwks_uri": f"{self.url}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def token(self, form):
        assert form["client_secret"] == [SECRET]
        assert form["code_verifier"][0]
        at = int(time.time())  # noqa: TID251 - as every issuer does
        told = {"iss": self.url, "aud": CLIENT, "iat": at, "exp": at + 60}
        told |= self.claims | self.changed
        return {
            "access_token": "of-the-issuer",
            "token_type": "Bearer",
            "id_token": jwt.encode(told, KEY, algorithm="RS256", headers={"kid": "one"}),
        }


@pytest.fixture
def issuer():
    made = Issuer()

    class Handler(BaseHTTPRequestHandler):
        def answer(self, body):
            made.asked.append(self.path)
            text = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def do_GET(self):
            self.answer(
                {
                    "/.well-known/openid-configuration": made.configuration(),
                    "/keys": {"keys": [PUBLIC]},
                    "/me": made.claims,
                }[self.path]
            )

        def do_POST(self):
            length = int(self.headers["Content-Length"])
            self.answer(made.token(parse_qs(self.rfile.read(length).decode())))

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    made.claims = {"sub": "7", "email": "ann@example.com", "email_verified": True}
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def trusted(issuer, settings):
    found = signing_settings(
        Environment(
            oidc_url=issuer.url,
            oidc_client_id=CLIENT,
            oidc_secret=SECRET,
            oidc_name="Shop ID",
        ),
        https=False,
    )
    settings.SOCIALACCOUNT_PROVIDERS = found["SOCIALACCOUNT_PROVIDERS"]
    return issuer


START = reverse("openid_connect_login", args=["staff"])


def begin(client, **query):
    answer = client.get(START, query)
    assert answer.status_code == 302, answer.content.decode()
    return {
        name: each[0] for name, each in parse_qs(urlsplit(answer["Location"]).query).items()
    }


def come_back(client, asked, **changed):
    given = {"state": asked["state"], "code": "good"} | changed
    return client.get(reverse("openid_connect_callback", args=["staff"]), given)


def pass_through(client, **query):
    return come_back(client, begin(client, **query))


def test_who_is_staff_is_let_in(trusted, person, browser):
    somebody, client = person(email="ann@example.com"), browser()

    asked = begin(client)
    answer = come_back(client, asked)

    assert asked["redirect_uri"] == "http://testserver/staff/sign-in/openid/staff/answer"
    assert asked["code_challenge_method"] == "S256"
    assert answer["Location"] == reverse("staff_home")
    assert client.get(reverse("account_overview")).status_code == 200
    assert audit.lines()[0].facts == {"how": ["socialaccount"]}
    assert str(somebody.id) == client.session["_auth_user_id"]


def test_a_second_factor_is_asked_for_all_the_same(trusted, person, browser):
    somebody, client = person(email="ann@example.com"), browser()
    Authenticator.objects.create(
        user=somebody, type=Authenticator.Type.TOTP, data={"secret": "closed"}
    )

    answer = pass_through(client)

    assert answer["Location"] == reverse("mfa_authenticate")
    assert client.get(reverse("account_overview")).status_code == 302


def test_the_sign_in_page_offers_it_where_it_is_set_up(trusted, browser):
    page = browser().get(reverse("account_login")).content.decode()

    assert "Sign in with Shop ID" in page
    assert START in page


def test_a_second_time_the_account_is_known_and_nothing_else_is_kept(trusted, person, browser):
    person(email="ann@example.com")
    trusted.claims |= {"name": "Ann Other", "picture": "https://example.com/ann.png"}

    for _ in range(2):
        pass_through(browser())

    kept = SocialAccount.objects.get()
    assert (kept.uid, kept.extra_data) == ("7", {})
    assert not SocialToken.objects.exists()
    somebody = Staff.objects.get()
    assert (somebody.first_name, somebody.email) == ("", "ann@example.com")


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "stranger@example.com"},
        {"email": "ann@example.com", "email_verified": False},
        {"email": "ann@example.com", "email_verified": "no"},
        {"email": "ann@example.com.evil.example"},
        {"email": ""},
        {"email": None},
    ],
)
def test_who_is_not_staff_under_a_confirmed_address_is_refused(
    trusted, person, browser, claims
):
    person(email="ann@example.com")
    trusted.claims |= claims
    client = browser()

    answer = pass_through(client)

    assert answer.status_code == 403
    assert "Nobody who works here" in answer.content.decode()
    assert client.get(reverse("account_overview")).status_code == 302
    assert Staff.objects.count() == 1
    assert not SocialAccount.objects.exists()
    line = audit.lines()[0]
    assert (line.action, line.facts) == ("staff.sign_in_failed", {"how": "oidc"})


def test_who_is_switched_off_is_refused(trusted, person, browser):
    somebody = person(email="ann@example.com")
    pass_through(browser())
    roster.disable(somebody.id, at=clock.now(), actor=SYSTEM)

    assert pass_through(browser()).status_code == 403


def test_an_account_there_whose_address_changed_opens_nobody_elses(trusted, person, browser):
    person(email="ann@example.com")
    person("owner", email="boss@example.com")
    pass_through(browser())
    trusted.claims["email"] = "boss@example.com"
    client = browser()

    answer = pass_through(client)

    assert answer.status_code == 403
    assert client.get(reverse("account_overview")).status_code == 302


def test_nobody_links_an_account_there_to_another_persons_sign_in(trusted, person, sign_in):
    person(email="ann@example.com")
    boss = person("owner")
    client = sign_in(boss)

    answer = pass_through(client, process="connect")

    assert not SocialAccount.objects.filter(user=boss).exists()
    assert answer.status_code == 302
    assert client.session["_auth_user_id"] != str(boss.id)


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://evil.example"},
        {"aud": "another"},
        {"exp": 1},
    ],
)
def test_a_token_for_somebody_else_or_of_another_time_is_refused(
    trusted, person, browser, changed
):
    person(email="ann@example.com")
    trusted.changed = changed
    client = browser()

    answer = pass_through(client)

    assert answer.status_code == 502
    assert "did not confirm who you are" in answer.content.decode()
    assert client.get(reverse("account_overview")).status_code == 302


def test_an_answer_that_nobody_here_asked_for_is_refused(trusted, person, browser):
    person(email="ann@example.com")
    mine, victim = browser(), browser()
    asked = begin(mine)

    planted = come_back(victim, asked)
    invented = come_back(browser(), {"state": "x"})
    cancelled = come_back(mine, asked, error="access_denied")
    again = come_back(mine, asked)

    assert {each.status_code for each in (planted, invented, cancelled, again)} == {502}
    assert victim.get(reverse("account_overview")).status_code == 302


def test_an_answer_draws_nothing_that_it_brings(trusted, browser):
    client = browser()

    answer = come_back(client, begin(client), error="<script>alert(1)</script>")

    assert "<script>alert" not in answer.content.decode()


def test_nobody_is_sent_elsewhere_afterwards(trusted, person, browser):
    person(email="ann@example.com")

    away = pass_through(browser(), next="https://evil.example/")
    inside = pass_through(browser(), next="/staff/account/sessions")

    assert away["Location"] == reverse("staff_home")
    assert inside["Location"] == "/staff/account/sessions"


def test_where_it_is_not_set_up_there_is_no_such_way(browser):
    assert browser().get(START).status_code == 404
    assert "Sign in with" not in browser().get(reverse("account_login")).content.decode()


def test_a_server_that_is_away_is_told(trusted, browser, settings):
    app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
    app["settings"]["server_url"] = "http://127.0.0.1:9"

    answer = browser().get(START)

    assert answer.status_code == 502
