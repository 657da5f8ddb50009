"""Webhooks are subscribed, changed, rotated, removed and replayed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from standardwebhooks import Webhook

from huitouke.service.core import audit, clock
from huitouke.service.core.actor import SYSTEM
from huitouke.service.core.ids import new_id, public_id
from huitouke.service.core.webhooks import commands, courier, queries
from huitouke.service.core.webhooks.addresses import AddressRefused

pytestmark = pytest.mark.django_db


def test_only_wanted_topics_are_told(receiver, happen, work):
    commands.subscribe(
        receiver.url, topics=["tier.*", "points.expired"], at=clock.now(), actor=SYSTEM
    )
    happen("cus_1", "a", topic="points.earned")
    happen("cus_1", "b", topic="tier.upgraded")
    happen("cus_1", "c", topic="points.expired")

    work()

    assert receiver.told == ["b", "c"]


def test_what_happened_before_a_subscription_is_not_told(receiver, happen, work):
    happen("cus_1", "before")
    work()
    commands.subscribe(receiver.url, at=clock.now(), actor=SYSTEM)
    happen("cus_1", "after")

    work()

    assert receiver.told == ["after"]


def test_both_secrets_sign_until_the_old_one_ends(hook, receiver, happen, work, shift_clock):
    new = commands.rotate(hook.record.id, at=clock.now(), actor=SYSTEM, keep_hours=24)
    happen("cus_1", "a")
    work()
    shift_clock(timedelta(hours=25))
    happen("cus_1", "b")
    work()

    (during, body), (after, _) = receiver.got
    assert Webhook(hook.secret).verify(body, during)
    assert Webhook(new.secret).verify(body, during)
    assert len(during["webhook-signature"].split()) == 2
    assert len(after["webhook-signature"].split()) == 1


def test_a_leaked_secret_ends_at_once(hook, receiver, happen, work):
    commands.rotate(hook.record.id, at=clock.now(), actor=SYSTEM, keep_hours=0)
    happen("cus_1", "a")

    work()

    assert len(receiver.got[0][0]["webhook-signature"].split()) == 1


def test_a_paused_webhook_is_told_later_what_waited(hook, receiver, happen, work):
    happen("cus_1", "a")
    courier.collect()
    commands.change(hook.record.id, active=False, at=clock.now(), actor=SYSTEM)
    paused = work()
    commands.change(hook.record.id, active=True, at=clock.now(), actor=SYSTEM)

    assert (paused, work()) == (0, 1)
    assert receiver.told == ["a"]


def test_a_removed_webhook_is_told_nothing_and_keeps_its_log(hook, receiver, happen, work):
    happen("cus_1", "a")
    work()
    commands.remove(hook.record.id, at=clock.now(), actor=SYSTEM)
    happen("cus_1", "b")

    work()

    assert receiver.told == ["a"]
    assert queries.endpoints() == []
    assert len(queries.deliveries(hook.record.id)) == 1
    with pytest.raises(commands.EndpointUnknown):
        queries.endpoint(hook.record.id)
    hook.record.refresh_from_db()
    assert hook.record.secret == ""


def test_a_delivery_is_replayed_with_its_own_id(hook, receiver, happen, work):
    happen("cus_1", "a")
    work()
    [delivery] = queries.deliveries(hook.record.id)

    commands.replay(delivery.id, at=clock.now(), actor=SYSTEM)
    work()

    assert receiver.told == ["a", "a"]
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    assert len(queries.attempts(delivery.id)) == 2


def test_deliveries_are_read_page_by_page(hook, receiver, happen, work):
    receiver.answer = lambda told: (500 if told["data"]["n"] == "b" else 200, "")
    for name in "abc":
        happen(f"cus_{name}", name)
    work()

    first = queries.deliveries(hook.record.id, limit=2)
    rest = queries.deliveries(hook.record.id, before=first[-1].id)

    assert [each.subject for each in first + rest] == ["cus_c", "cus_b", "cus_a"]
    assert [d.subject for d in queries.deliveries(hook.record.id, state="waiting")] == ["cus_b"]


def test_what_is_not_there_is_told_by_name():
    for act, error in (
        (commands.rotate, commands.EndpointUnknown),
        (commands.remove, commands.EndpointUnknown),
        (commands.change, commands.EndpointUnknown),
        (commands.replay, commands.DeliveryUnknown),
    ):
        with pytest.raises(error):
            act(new_id(), at=clock.now(), actor=SYSTEM)


@pytest.mark.parametrize("topic", ["", "points", "Points.earned", "points.*.x", "*", "a" * 61])
def test_a_topic_that_cannot_be_is_refused(receiver, topic):
    with pytest.raises(commands.TopicBad):
        commands.subscribe(receiver.url, topics=[topic], at=clock.now(), actor=SYSTEM)

    assert queries.endpoints() == []


def test_there_is_an_end_to_webhooks(receiver, monkeypatch):
    monkeypatch.setattr(commands, "_MOST", 1)
    commands.subscribe(receiver.url, at=clock.now(), actor=SYSTEM)

    with pytest.raises(commands.TooManyEndpoints):
        commands.subscribe(receiver.url, at=clock.now(), actor=SYSTEM)


def test_a_change_to_a_private_address_is_refused(hook, settings):
    settings.WEBHOOK_PRIVATE = False

    with pytest.raises(AddressRefused):
        commands.change(hook.record.id, url="https://10.0.0.1/", at=clock.now(), actor=SYSTEM)


def test_the_audit_log_tells_who_and_no_secret(hook):
    new = commands.rotate(hook.record.id, at=clock.now(), actor=SYSTEM)

    log = audit.lines(target=public_id("whk", hook.record.id))

    assert [each.action for each in log] == ["webhook.rotated", "webhook.subscribed"]
    assert new.secret not in str(log)
    assert hook.secret not in str(log)
