"""Webhooks go to https on the open internet, whatever the name leads to."""

from __future__ import annotations

import socket

import httpcore
import pytest

from huitouke.service.core import clock
from huitouke.service.core.webhooks import addresses
from huitouke.service.core.webhooks.addresses import AddressRefused, GuardedNetwork, checked_url
from huitouke.service.core.webhooks.sender import Parcel, send


@pytest.fixture
def names(monkeypatch):
    """Names and where they lead; a list is walked one look-up at a time."""
    known = {"shop.example": ["93.184.216.34"]}

    def look_up(host, port, **_):
        found = known.get(host, host)
        try:
            text = found.pop(0) if isinstance(found, list) else found
            socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)
        except (OSError, IndexError) as error:
            raise socket.gaierror from error
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (text, port))]

    monkeypatch.setattr(addresses.socket, "getaddrinfo", look_up)
    return known


def test_a_public_https_address_is_taken(names):
    assert checked_url("https://shop.example/hook?a=1") == "https://shop.example/hook?a=1"


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/hook",
        "ftp://shop.example/hook",
        "https://user:pass@shop.example/",
        "https:///hook",
        "https://nowhere.example/",
        "https://shop.example:99999/",
        "https://shop.example/a b",
        "https://shop.example/\n",
        "https://shop.example/" + "x" * 2_000,
        "shop.example",
        "",
    ],
)
def test_what_is_no_public_https_address_is_refused(names, url):
    with pytest.raises(AddressRefused):
        checked_url(url)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - nothing listens
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "fe80::1",
        "fc00::1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
    ],
)
def test_a_name_that_leads_inside_is_refused(names, address):
    names["inside.example"] = address

    with pytest.raises(AddressRefused):
        checked_url("https://inside.example/hook")


def test_a_name_that_changes_between_look_and_connection_is_refused(names):
    names["turning.example"] = ["93.184.216.34", "127.0.0.1"]
    checked_url("https://turning.example/")

    with pytest.raises(AddressRefused):
        GuardedNetwork().connect_tcp("turning.example", 443)


def test_the_checked_address_itself_is_connected(names, monkeypatch):
    connected = []

    def connect(self, host, port, **_):
        connected.append((host, port))
        raise httpcore.ConnectError

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)

    with pytest.raises(httpcore.ConnectError):
        GuardedNetwork().connect_tcp("shop.example", 443)

    assert connected == [("93.184.216.34", 443)]


@pytest.mark.django_db
def test_a_receiver_that_turned_private_is_not_sent_to(names):
    names["shop.example"] = "127.0.0.1"
    parcel = Parcel("https://shop.example/", "msg_1", "{}", ("whsec_" + "YQ==" * 8,))

    outcome = send(parcel, at=clock.now())

    assert (outcome.status, outcome.problem) == (None, "address refused")
