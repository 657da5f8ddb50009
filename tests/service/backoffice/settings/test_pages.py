"""Settings: each page opens to who may, acts once, and shows a secret once."""

from __future__ import annotations

import csv
import io

import pytest
from django.urls import reverse

from huitouke.service.core import audit, clock, keys
from huitouke.service.core import shop as shops
from huitouke.service.core.actor import Actor
from huitouke.service.core.ids import public_id
from huitouke.service.core.models import ApiKey, Request
from huitouke.service.core.outbox import Happening, tell
from huitouke.service.core.permissions import PERMISSIONS
from huitouke.service.core.webhooks import commands, courier, queries
from huitouke.service.core.webhooks.models import Endpoint
from huitouke.service.customers import wordings
from huitouke.service.programme.versions.starter import begin

pytestmark = pytest.mark.django_db

SCRIPT = "<script>alert(1)</script>"
KEY = {"name": "till-7", "scopes": ["points:read"], "lasts": "0", "key": "k1"}
HOOK = {"url": "https://93.184.216.34/in", "topics": ["points.*"], "key": "k1"}
ACTOR = Actor("staff", "somebody")


@pytest.fixture
def owner(person, sign_in):
    return sign_in(person("owner"))


@pytest.fixture
def developer(person, sign_in):
    return sign_in(person("developer"))


@pytest.fixture
def hook():
    return commands.subscribe(
        "https://93.184.216.34/in", at=clock.now(), actor=ACTOR, topics=["points.*"]
    ).record


def text(answer):
    return answer.content.decode()


def of(name, prefix, record):
    return reverse(name, args=[public_id(prefix, record.id)])


# The shop


def test_the_shop_is_named_once_for_all(owner):
    sent = {"name_zh": "小满杂货", "name_en": "Xiaoman", "language": "zh", "key": "k1"}

    answer = owner.post(reverse("settings_shop"), sent)
    page = text(owner.get(answer["Location"]))

    assert answer.status_code == 303
    assert dict(shops.shop().names) == {"zh": "小满杂货", "en": "Xiaoman"}
    assert "The shop is called 小满杂货 from now on." in page


def test_the_shop_shows_what_its_programme_counts(owner):
    begin(at=clock.now(), actor=ACTOR)

    page = text(owner.get(reverse("settings_shop")))

    assert "Asia/Shanghai" in page
    assert "CNY" in page


def test_the_words_of_consent_are_the_shops_and_every_version_is_kept(owner):
    url = reverse("settings_wording")
    first = {
        "purpose": "marketing", "zh": "可以给您发短信吗？", "en": "May we write?", "key": "k1",
    }  # fmt: skip

    answers = [owner.post(url, first) for _ in range(2)]
    owner.post(url, {**first, "en": SCRIPT, "key": "k2"})
    page = owner.get(reverse("settings_shop"))

    offers, *others = page.context["page"].wordings
    assert [each.status_code for each in answers] == [303, 303]
    assert [each.version for each in offers.rows] == ["till-2", "till-1", "till-standard-1"]
    assert [each.text for each in offers.rows][:2] == [SCRIPT, "May we write?"]
    assert [each.version for each in others] == ["my-survey-2026-11", "profiling-standard-1"]
    assert wordings.in_force().texts["zh"] == "可以给您发短信吗？"
    assert SCRIPT not in text(page)
    actions = [line.action for line in audit.Audit.objects.order_by("-id")[:2]]
    assert actions == ["shop.wording_changed"] * 2


@pytest.mark.parametrize("field", ["zh", "en"])
@pytest.mark.parametrize("bad", ["", "   ", "x" * 501, "a\u200bb"])
def test_words_that_cannot_be_shown_are_told_at_their_field(owner, field, bad):
    sent = {"purpose": "survey", "zh": "可以吗？", "en": "May we?", "key": "k", field: bad}

    answer = owner.post(reverse("settings_wording"), sent)

    assert answer.status_code == 422
    _, asked, _ = answer.context["page"].wordings
    assert asked.form.errors.keys() == {field}
    assert f'id="id_survey_{field}_error"' in text(answer)
    assert wordings.in_force("survey").version == "my-survey-2026-11"


def test_only_the_owner_says_what_consent_is_asked_for(developer):
    sent = {"purpose": "marketing", "zh": "可以吗？", "en": "May we?", "key": "k"}

    assert developer.post(reverse("settings_wording"), sent).status_code == 403


def test_a_shop_without_a_name_is_told_at_its_field(owner):
    answer = owner.post(reverse("settings_shop"), {"language": "zh"})

    assert answer.status_code == 422
    assert "Fill this in." in text(answer)


def test_naming_a_demo_leaves_it_a_demo(owner):
    given = shops.ShopView(code="w1", kind="simulated", names={}, attribution={"zh": "模拟"})
    shops.describe(given, at=clock.now(), actor=ACTOR)

    owner.post(reverse("settings_shop"), {"name_zh": "甲", "language": "zh"})

    assert (shops.shop().kind, shops.shop().code) == ("simulated", "w1")


# Roles


def test_the_table_of_roles_shows_every_permission(owner):
    page = text(owner.get(reverse("settings_roles")))

    assert [name for name in PERMISSIONS if name not in page] == []


# API keys


def test_a_key_is_shown_in_one_answer_and_nowhere_else(developer, caplog):
    shown = developer.post(reverse("settings_keys"), KEY)

    secret = shown.context["page"].secret
    assert secret in text(shown)
    assert "no-store" in shown["Cache-Control"]
    assert keys.authenticate(secret).name == "till-7"
    assert secret not in text(developer.get(reverse("settings_keys")))
    assert not any(secret in each.answer for each in Request.objects.all())
    assert secret not in str([each.facts for each in audit.lines()])
    assert secret not in caplog.text


def test_a_double_click_makes_one_key_and_shows_no_secret_again(developer):
    developer.post(reverse("settings_keys"), KEY)

    again = developer.post(reverse("settings_keys"), KEY)
    page = text(developer.get(again["Location"]))

    assert (again.status_code, ApiKey.objects.count()) == (303, 1)
    assert "Its secret was shown once." in page
    assert "hk_" not in page


@pytest.mark.parametrize("wrong", [{"name": ""}, {"scopes": []}, {"scopes": ["all"]}])
def test_a_key_that_cannot_be_is_told_and_not_made(developer, wrong):
    answer = developer.post(reverse("settings_keys"), {**KEY, **wrong})

    assert (answer.status_code, ApiKey.objects.count()) == (422, 0)
    assert 'aria-invalid="true"' in text(answer)


def test_a_key_is_revoked_by_a_dialog_that_names_it_and_again_changes_nothing(developer):
    made = keys.create("till-7", scopes=["points:read"], at=clock.now(), actor=ACTOR)
    assert "Revoke till-7?" in text(developer.get(reverse("settings_keys")))

    for _ in range(2):
        developer.post(of("settings_key_revoke", "key", made.record))

    assert keys.authenticate(made.secret) is None
    assert [each.action for each in audit.lines()].count("api_key.revoked") == 1
    assert "Revoke till-7?" not in text(developer.get(reverse("settings_keys")))


def test_names_of_keys_are_shown_as_text(developer):
    keys.create(SCRIPT, scopes=["points:read"], at=clock.now(), actor=ACTOR)

    assert SCRIPT not in text(developer.get(reverse("settings_keys")))


# Webhooks


def test_a_webhook_is_added_and_its_secret_shown_once(developer):
    shown = developer.post(reverse("settings_webhooks"), HOOK)

    secret = shown.context["page"].secret
    made = Endpoint.objects.get()
    assert (secret, made.topics) == (made.secret, ["points.*"])
    for page in (reverse("settings_webhooks"), of("settings_webhook", "whk", made)):
        assert secret not in text(developer.get(page))
    again = developer.post(reverse("settings_webhooks"), HOOK)
    assert (again.status_code, Endpoint.objects.count()) == (303, 1)
    assert not any(secret in each.answer for each in Request.objects.all())


@pytest.mark.parametrize(
    "url", ["http://hooks.example.com", "https://127.0.0.1/x", "javascript:1"]
)
def test_an_address_that_webhooks_may_not_go_to_is_told_at_its_field(developer, url):
    answer = developer.post(reverse("settings_webhooks"), {**HOOK, "url": url})

    assert (answer.status_code, Endpoint.objects.count()) == (422, 0)
    assert "Webhooks cannot go to this address" in text(answer)


def test_a_webhook_is_paused_put_to_work_changed_and_removed(developer, hook):
    page = of("settings_webhook", "whk", hook)

    developer.post(of("settings_webhook_pause", "whk", hook))
    assert not queries.endpoint(hook.id).active
    developer.post(of("settings_webhook_wake", "whk", hook))
    assert queries.endpoint(hook.id).active
    changed = {"url": hook.url, "topics": ["tier.*"], "description": "shop", "key": "c1"}
    assert developer.post(page, changed).status_code == 303
    assert queries.endpoint(hook.id).topics == ["tier.*"]
    assert f"Remove {hook.url}?" in text(developer.get(page))
    gone = developer.post(of("settings_webhook_remove", "whk", hook))

    assert queries.endpoints() == []
    assert gone["Location"] == reverse("settings_webhooks")
    assert developer.get(page).status_code == 404


def test_a_topic_that_was_subscribed_elsewhere_stays_when_the_form_is_saved(developer):
    made = commands.subscribe(
        "https://93.184.216.34/in", at=clock.now(), actor=ACTOR, topics=["points.earned"]
    ).record
    page = of("settings_webhook", "whk", made)

    assert 'value="points.earned"' in text(developer.get(page))
    developer.post(page, {"url": made.url, "topics": ["points.earned", "tier.*"]})

    assert queries.endpoint(made.id).topics == ["points.earned", "tier.*"]


def test_a_new_secret_is_shown_once(developer, hook):
    shown = developer.post(of("settings_webhook_rotate", "whk", hook), {"key": "r1"})

    secret = shown.context["page"].secret
    assert secret != hook.secret
    again = developer.post(of("settings_webhook_rotate", "whk", hook), {"key": "r1"})
    assert again.status_code == 303
    assert queries.endpoint(hook.id).secret == secret


def test_deliveries_are_listed_by_state_and_sent_again(developer, hook):
    tell([Happening("points.earned", "cus_1", {"points": 5})])
    courier.collect()
    page = of("settings_webhook", "whk", hook)
    (sent,) = queries.deliveries(hook.id)
    sent.state, sent.ended_at, sent.note = "dead", clock.now(), "gave_up_after_3_days"
    sent.save()

    assert "points.earned" in text(developer.get(page + "?state=dead"))
    assert "tried for three days" in text(developer.get(page))
    assert "No delivery in this state" in text(developer.get(page + "?state=delivered"))
    assert "points.earned" in text(developer.get(page + "?state=nonsense"))
    answer = developer.post(of("settings_replay", "dlv", sent))

    assert queries.delivery(sent.id).state == "waiting"
    assert "It is sent again within seconds" in text(developer.get(answer["Location"]))


def test_what_a_receiver_answers_is_shown_as_text(developer, hook):
    tell([Happening("points.earned", "cus_1", {})])
    courier.collect()
    (sent,) = queries.deliveries(hook.id)
    sent.attempts.create(at=clock.now(), status=500, answer=SCRIPT, ms=12)

    page = text(developer.get(of("settings_delivery", "dlv", sent)))

    assert SCRIPT not in page
    assert "500" in page


# Audit log


def note(action, *, target="cus_1", actor=ACTOR, reason="", **facts):
    audit.note(action, actor=actor, target=target, reason=reason, facts=facts)


def test_the_log_is_filtered_by_who_what_and_target(owner):
    note("points.adjusted", target="cus_1", reason="lost parcel")
    note("tier.granted", target="cus_2", actor=Actor("key", "till-7"))

    def shown(query):
        return [
            row.action
            for row in owner.get(reverse("settings_audit") + query).context["page"].rows
        ]

    assert {"points.adjusted", "tier.granted"} <= set(shown(""))
    assert shown("?what=points") == ["points.adjusted"]
    assert shown("?who=key:till-7") == ["tier.granted"]
    assert shown("?target=cus_2&what=tier.granted") == ["tier.granted"]
    assert shown("?what=points&until=2001-01-01") == []
    assert shown("?what=points&since=2001-01-01") == ["points.adjusted"]
    assert shown("?what=points&since=9999-12-31") == []
    assert shown("?what=points&since=soon&before=x") == ["points.adjusted"]


def test_the_log_reads_on(owner):
    for n in range(60):
        note("points.adjusted", target=f"cus_{n}")

    page = owner.get(reverse("settings_audit") + "?what=points").context["page"]
    older = owner.get(reverse("settings_audit") + page.older_url).context["page"]

    assert (len(page.rows), len(older.rows), older.older_url) == (50, 10, "")
    assert "what=points" in page.older_url


def test_the_log_is_taken_out_harmless_and_that_is_noted(owner):
    note("points.adjusted", reason="=HYPERLINK(1)", note="@x")

    answer = owner.post(reverse("settings_audit_export"), {"what": "points"})
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))

    assert [row[2] for row in rows[1:]] == ["points.adjusted"]
    assert rows[1][4] == "'=HYPERLINK(1)"
    assert audit.lines()[0].action == "audit.exported"


def test_reasons_and_details_are_shown_as_text(owner):
    note("points.adjusted", target=SCRIPT, reason=SCRIPT, more=SCRIPT)

    assert SCRIPT not in text(owner.get(reverse("settings_audit")))


def test_the_log_costs_the_same_however_long(owner, django_assert_max_num_queries):
    for n in range(60):
        note("points.adjusted", target=f"cus_{n}")

    with django_assert_max_num_queries(12):
        owner.get(reverse("settings_audit"))


# Health


def test_health_tells_what_is_not_well(developer):
    page = text(developer.get(reverse("settings_health")))

    assert "No worker is alive" in page
    assert "none is known" in page


def test_health_tells_the_last_check_and_backup(developer):
    note("ledger.broken", target="ledger")
    assert "The ledger is broken" in text(developer.get(reverse("settings_health")))

    note("ledger.checked", target="ledger")
    note("backup.made", target="database")
    page = text(developer.get(reverse("settings_health")))

    assert "The ledger is broken" not in page
    assert "whole" in page
    assert "none is known" not in page
