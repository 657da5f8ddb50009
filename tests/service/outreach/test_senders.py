"""Each channel hands a message on within bounded time, and keeps it out of what it says."""

from __future__ import annotations

import json
import logging
import smtplib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend

from huitouke.service.outreach.senders.choosing import Channels, sender_for
from huitouke.service.outreach.senders.console import ConsoleSender
from huitouke.service.outreach.senders.contract import Message, NotSent
from huitouke.service.outreach.senders.mail import MailSender
from huitouke.service.outreach.senders.sms import SmsSender
from huitouke.service.portal.signing import posting

MARK = "abcdef-not-a-real-one"
MESSAGE = Message(to="+8613812345678", subject="Your code", text="123456 is your code")


@dataclass
class Provider:
    """A provider of short messages: what it got, and what it answers."""

    url: str = ""
    status: int = 200
    answers: threading.Event = field(default_factory=threading.Event)
    got: list[tuple[str, dict[str, str]]] = field(default_factory=list)


@pytest.fixture
def provider() -> Iterator[Provider]:
    found = Provider()
    found.answers.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.got.append((self.headers.get("Authorization", ""), json.loads(body)))
            found.answers.wait(10)
            self.send_response(found.status)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}/send"
    yield found
    found.answers.set()
    server.shutdown()
    server.server_close()
    thread.join()


class FailingBackend(BaseEmailBackend):
    """A mail server that names the address in its refusal, as they do."""

    def send_messages(self, messages: list[object]) -> int:
        raise smtplib.SMTPRecipientsRefused({"lin@example.com": (550, b"lin@example.com no")})


def test_a_short_message_goes_to_the_provider_with_its_token(provider):
    SmsSender(provider.url, MARK).send(MESSAGE)

    sent = {"to": "+8613812345678", "text": "123456 is your code"}
    assert provider.got == [(f"Bearer {MARK}", sent)]


@pytest.mark.parametrize("status", [302, 400, 500])
def test_what_the_provider_does_not_take_is_told_without_the_message(provider, status):
    provider.status = status

    with pytest.raises(NotSent) as refused:
        SmsSender(provider.url).send(MESSAGE)

    assert refused.value.values["problem"] == f"HTTP {status}"
    assert "138" not in str(refused.value)
    assert len(provider.got) == 1


def test_a_provider_that_does_not_answer_is_given_up(provider):
    provider.answers.clear()

    with pytest.raises(NotSent) as refused:
        SmsSender(provider.url, seconds=0.2).send(MESSAGE)

    assert refused.value.values["problem"] == "timeout"


def test_a_provider_that_is_not_there_is_told():
    with pytest.raises(NotSent):
        SmsSender("http://127.0.0.1:1/", seconds=0.5).send(MESSAGE)


def test_mail_goes_by_the_backend_of_the_settings():
    MailSender().send(Message(to="lin@example.com", subject="Your code", text="123456"))

    (sent,) = mail.outbox
    assert (sent.to, sent.subject, sent.body) == (["lin@example.com"], "Your code", "123456")


def test_what_the_mail_server_refuses_is_told_without_the_address(settings):
    settings.EMAIL_BACKEND = f"{__name__}.FailingBackend"

    with pytest.raises(NotSent) as refused:
        MailSender().send(Message(to="lin@example.com", subject="s", text="123456"))

    assert "lin@" not in str(refused.value)
    assert refused.value.values["problem"] == "SMTPRecipientsRefused"


def test_the_console_shows_the_message_for_who_tries_a_demo(capsys):
    ConsoleSender().send(MESSAGE)

    assert capsys.readouterr().out == "[message to +8613812345678] 123456 is your code\n"


@pytest.mark.parametrize(
    ("channels", "phone", "email"),
    [
        (Channels(), None, None),
        (Channels(console=True), "console", "console"),
        (Channels(mails=True), None, "email"),
        (Channels(sms_url="http://x/"), "sms", None),
        (Channels(console=True, mails=True, sms_url="http://x/"), "sms", "email"),
    ],
)
def test_a_channel_is_chosen_by_what_is_set_up(settings, channels, phone, email):
    settings.CHANNELS = channels

    found = [sender_for(kind) for kind in ("phone", "email", "card")]

    assert [each and each.channel for each in found] == [phone, email, None]


def test_neither_message_nor_secret_stands_in_a_representation():
    shown = (
        repr(MESSAGE)
        + repr(SmsSender("http://secret/", MARK))
        + repr(Channels(sms_url="http://secret/", sms_token=MARK))
    )

    assert [each for each in ("138", "123456", "secret", MARK) if each in shown] == []


def test_a_code_that_could_not_be_sent_is_logged_without_code_and_address(provider, caplog):
    provider.status = 500
    caplog.set_level(logging.DEBUG)

    posting.post(SmsSender(provider.url), message=MESSAGE)
    posting.settle()

    said = " ".join(f"{each.getMessage()} {vars(each)}" for each in caplog.records)
    assert "code not sent" in said
    assert "123456" not in said
    assert "13812345678" not in said
