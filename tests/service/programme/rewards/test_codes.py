"""Codes: made in bulk, checked without telling secrets, held, redeemed, returned."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from huitouke.service.core.idempotency import BodyDiffers
from huitouke.service.programme.models.coupons import Code, CodeUse, CouponCampaign
from huitouke.service.programme.rewards.catalogue import change_campaign
from huitouke.service.programme.rewards.code_holds import (
    hold_codes,
    redeem_codes,
    release_codes,
)
from huitouke.service.programme.rewards.code_refusals import (
    BatchTooLarge,
    CampaignInvalid,
    CodeNotUsable,
    CodesUnknown,
    CodeTaken,
    RevisionDiffers,
)
from huitouke.service.programme.rewards.code_returns import (
    expire_code_holds,
    roll_back_codes,
    void_code,
)
from huitouke.service.programme.rewards.code_text import LETTERS, is_well_formed
from huitouke.service.programme.rewards.generation import (
    add_shared_code,
    codes_of_batch,
    generate_codes,
)
from huitouke.service.programme.rewards.issuing import issue_code
from huitouke.service.programme.rewards.validation import validate
from huitouke.service.programme.rules.cart import Cart, CartLine

pytestmark = pytest.mark.django_db

CART = Cart(lines=(CartLine(position=1, amount_minor=10_000, category="tea"),))


def made(shop, campaign, count=1, key="k"):
    batch = generate_codes(campaign, count=count, key=key, at=shop.now, actor=shop.boss)
    return codes_of_batch(batch.id)


def word(shop, text="SPRING", **fields):
    campaign = shop.campaign(**{"per_code_limit": None, **fields})
    add_shared_code(campaign, code=text, at=shop.now, actor=shop.boss)
    return campaign


def hold(shop, codes, reference="cart", **more):
    return hold_codes(
        codes,
        programme="main",
        reference=reference,
        cart=CART,
        at=shop.now,
        actor=shop.till,
        **more,
    )


def said(shop, *codes, cart=CART, **more):
    found = validate(codes, programme="main", cart=cart, at=shop.now, **more)
    return [each.reason or "ok" for each in found.verdicts]


def test_generated_codes_are_many_different_and_well_formed(shop):
    codes = made(shop, shop.campaign(), count=2000)

    assert len(set(codes)) == 2000
    assert all(is_well_formed(code) and len(code) == 12 for code in codes)
    assert set("".join(codes)) == set(LETTERS)


def test_the_same_key_makes_no_further_codes(shop):
    campaign = shop.campaign()

    first, second = made(shop, campaign, 50), made(shop, campaign, 50)
    with pytest.raises(BodyDiffers):
        made(shop, campaign, 51)

    assert first == second
    assert Code.objects.count() == 50


def test_no_more_codes_are_made_than_make_sense(shop):
    campaign = shop.campaign()

    for count in (0, -1, 5_000_001):
        with pytest.raises(BatchTooLarge):
            made(shop, campaign, count)


def test_pages_of_a_batch_follow_one_another(shop):
    batch = generate_codes(shop.campaign(), count=25, key="k", at=shop.now, actor=shop.boss).id

    first = codes_of_batch(batch, limit=10)
    rest = codes_of_batch(batch, after=first[-1], limit=100)

    assert len(first) == 10
    assert sorted([*first, *rest]) == codes_of_batch(batch)


def test_a_code_is_read_as_people_type_it(shop):
    code = made(shop, shop.campaign())[0]

    assert said(shop, f" {code[:4]}-{code[4:]} ".lower()) == ["ok"]


def test_unknown_withdrawn_and_others_codes_get_one_answer(shop):
    owner, stranger = shop.member(), shop.member()
    campaign = CouponCampaign.objects.get(id=shop.campaign())
    own = issue_code(campaign, customer=owner, at=shop.now, because="reward")
    withdrawn, spare = made(shop, shop.campaign(), count=2)
    void_code(withdrawn, programme="main", at=shop.now, actor=shop.boss, reason="leaked")
    Code.objects.filter(code=spare).delete()

    assert said(shop, spare) == said(shop, withdrawn) == said(shop, own) == ["code_not_valid"]
    assert said(shop, own, customer=stranger) == ["code_not_valid"]
    assert said(shop, own, customer=owner) == ["ok"]


def test_a_typo_is_told_from_a_code_without_a_look(shop):
    code = made(shop, shop.campaign())[0]
    other = LETTERS[(LETTERS.index(code[3]) + 1) % 32]

    assert said(shop, code[:3] + other + code[4:]) == ["code_mistyped"]


def test_every_condition_has_its_own_name(shop):
    now = shop.now
    word(shop, "LATER", valid_from=now + timedelta(days=1))
    word(shop, "OVER", valid_to=now - timedelta(days=1))
    word(shop, "GOLDEN", tiers=["gold"])
    word(shop, "ONCE", per_member_limit=1)
    word(shop, "DEAR", min_spend_minor=10_001)
    word(shop, "COFFEE", scope={"include": {"categories": ["coffee"]}})
    word(shop, "DOLLAR", currency="USD", kind="amount", value=5)
    word(shop, "POST", kind="free_delivery", value=0)
    word(shop, "CUP", kind="product", value=1, sku="CUP")
    plain_member, golden = shop.member(), shop.member(tier="gold")

    assert said(shop, "LATER", "OVER") == ["code_not_valid_now"] * 2
    assert said(shop, "GOLDEN", "ONCE") == ["sign_in_needed"] * 2
    assert said(shop, "GOLDEN", customer=plain_member) == ["tier_too_low"]
    assert said(shop, "GOLDEN", customer=golden) == ["ok"]
    assert said(shop, "DEAR", "COFFEE") == ["minimum_not_reached", "nothing_in_scope"]
    assert said(shop, "DOLLAR", "POST") == ["currency_differs", "no_delivery_cost"]
    assert said(shop, "CUP", "NOBODY") == ["product_not_in_cart", "code_not_valid"]


def test_asking_stores_nothing(shop):
    code = made(shop, shop.campaign())[0]

    said(shop, code, code)

    assert said(shop, code, code) == ["ok", "code_twice"]
    assert CodeUse.objects.count() == 0


def test_a_held_code_is_taken_for_other_carts_but_not_its_own(shop):
    code = made(shop, shop.campaign())[0]
    hold(shop, [code], "mine")

    assert said(shop, code) == ["code_used_up"]
    assert said(shop, code, reference="mine") == ["ok"]
    with pytest.raises(CodeNotUsable) as refused:
        hold(shop, [code], "other")
    assert refused.value.values == {"place": 1, "reason": "code_used_up"}
    assert hold(shop, [code], "mine")[0].state == "held"


def test_a_cart_lets_go_what_it_no_longer_names(shop):
    first, second = made(shop, shop.campaign(stacking_class="one"), count=2)
    hold(shop, [first])

    hold(shop, [second])

    assert said(shop, first, second) == ["ok", "code_used_up"]


def test_a_hold_runs_out_by_itself(shop, shift_clock):
    code = made(shop, shop.campaign(total_limit=1))[0]
    hold(shop, [code], "slow")
    shift_clock(timedelta(minutes=31))

    hold(shop, [code], "quick")

    states = dict(CodeUse.objects.values_list("reference", "state"))
    assert states == {"slow": "released", "quick": "held"}
    assert Code.objects.get().taken == 1


def test_the_job_frees_what_nobody_asked_for(shop, shift_clock):
    code = made(shop, shop.campaign(total_limit=5))[0]
    hold(shop, [code])
    shift_clock(timedelta(minutes=31))

    expire_code_holds(at=shop.now)
    expire_code_holds(at=shop.now)

    assert Code.objects.get().taken == 0
    assert CouponCampaign.objects.get().taken == 0


def test_released_codes_are_free_and_releasing_again_does_nothing(shop):
    code = made(shop, shop.campaign())[0]
    hold(shop, [code])

    assert release_codes("cart", programme="main", at=shop.now) == 1
    assert release_codes("cart", programme="main", at=shop.now) == 0
    assert said(shop, code) == ["ok"]


def test_redeemed_codes_are_used_up_and_redeeming_again_does_nothing(shop):
    code = made(shop, shop.campaign())[0]
    hold(shop, [code])

    redeem_codes("cart", programme="main", at=shop.now)
    uses = redeem_codes("cart", programme="main", at=shop.now)

    assert [use.state for use in uses] == ["redeemed"]
    assert said(shop, code) == ["code_used_up"]
    assert len(shop.told("code.redeemed")) == 1


def test_a_late_payment_is_honoured_while_nobody_took_the_code(shop, shift_clock):
    code = made(shop, shop.campaign())[0]
    hold(shop, [code])
    shift_clock(timedelta(hours=2))

    assert redeem_codes("cart", programme="main", at=shop.now)[0].state == "redeemed"


def test_rolled_back_codes_can_be_used_again_once(shop):
    code = made(shop, shop.campaign())[0]
    hold(shop, [code])
    redeem_codes("cart", programme="main", at=shop.now)

    first = roll_back_codes("cart", programme="main", at=shop.now, actor=shop.boss)
    second = roll_back_codes("cart", programme="main", at=shop.now, actor=shop.boss)

    assert (len(first), len(second)) == (1, 0)
    assert said(shop, code) == ["ok"]
    assert Code.objects.get().taken == 0


def test_a_cart_without_codes_has_nothing_to_redeem(shop):
    with pytest.raises(CodesUnknown):
        redeem_codes("nobody", programme="main", at=shop.now)
    with pytest.raises(CodesUnknown):
        roll_back_codes("nobody", programme="main", at=shop.now, actor=shop.boss)


def test_a_member_uses_a_campaign_as_often_as_it_allows(shop):
    who = shop.member()
    codes = made(shop, shop.campaign(per_member_limit=1), count=2)
    hold(shop, [codes[0]], "first", customer=who)

    with pytest.raises(CodeNotUsable) as refused:
        hold(shop, [codes[1]], "second", customer=who)

    assert refused.value.values["reason"] == "member_limit_reached"
    assert hold(shop, [codes[1]], "third", customer=shop.member())


def test_all_codes_of_a_cart_are_held_or_none(shop):
    good, bad = made(shop, shop.campaign(), count=2)
    void_code(bad, programme="main", at=shop.now, actor=shop.boss, reason="leaked")

    with pytest.raises(CodeNotUsable) as refused:
        hold(shop, [good, bad])

    assert refused.value.values["place"] == 2
    assert said(shop, good) == ["ok"]


def test_codes_issued_by_days_end_with_them(shop, shift_clock):
    code = made(shop, shop.campaign(code_days=30))[0]
    shift_clock(timedelta(days=30))

    assert said(shop, code) == ["code_not_valid_now"]


def test_a_shared_word_belongs_to_one_campaign(shop):
    word(shop, "spring sale")

    with pytest.raises(CodeTaken):
        word(shop, "SPRINGSALE")
    with pytest.raises(CampaignInvalid):
        word(shop, "a!")


def test_a_campaign_that_cannot_be_is_refused(shop):
    wrong = [
        {"kind": "percent", "value": 10_001},
        {"kind": "gift"},
        {"kind": "product", "value": 1},
        {"per_code_limit": 0},
        {"scope": {"include": {"sku": ["A"]}}},
        {"names": {}},
        {"colour": "red"},
    ]

    for fields in wrong:
        with pytest.raises(CampaignInvalid):
            shop.campaign(**fields)


def test_a_campaign_is_changed_from_the_revision_that_was_read(shop):
    campaign = shop.campaign()
    change_campaign(campaign, revision=1, at=shop.now, actor=shop.boss, value=2000)

    with pytest.raises(RevisionDiffers):
        change_campaign(campaign, revision=1, at=shop.now, actor=shop.boss, value=500)

    assert CouponCampaign.objects.get(id=campaign).value == 2000


def test_the_database_and_python_agree_on_the_check_letter(shop):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT programme_code_text(gen_random_uuid(), length)"
            " FROM generate_series(8, 15) AS length, generate_series(1, 50)"
        )
        found = [row[0] for row in cursor.fetchall()]

    assert all(is_well_formed(code) for code in found)
    assert {len(code) for code in found} == set(range(8, 16))
