"""Many at once: what there is goes to as many as there is, and nobody waits in a ring."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from huitouke.service.core.errors import Refused
from huitouke.service.customers import commands as customers
from huitouke.service.ledger import commands as ledger
from huitouke.service.ledger.contract import Earn
from huitouke.service.programme.models.coupons import Code, CodeUse
from huitouke.service.programme.models.members import Membership
from huitouke.service.programme.models.rewards import Redemption, Reward
from huitouke.service.programme.models.versions import Programme
from huitouke.service.programme.rewards import generation
from huitouke.service.programme.rewards.code_holds import hold_codes
from huitouke.service.programme.rewards.completion import capture, release
from huitouke.service.programme.rewards.counter import hand_over_held, hand_over_shared
from huitouke.service.programme.rewards.pacts import join_pact, offer_pact
from huitouke.service.programme.rewards.redemptions import redeem
from huitouke.service.programme.rewards.reversals import reverse
from huitouke.service.programme.rewards.standing import unit_of
from huitouke.service.programme.rules.cart import Cart, CartLine

CART = Cart(lines=(CartLine(position=1, amount_minor=10_000),))


def at_once(act, given, *, threads=8):
    """Do something with each of many, several at a time; answers, or what was refused."""

    def one(each):
        try:
            return act(each)
        except Refused as refused:
            return refused.code

    def closing(share):
        try:
            return [one(each) for each in share]
        finally:
            connection.close()

    shares = [given[start::threads] for start in range(threads)]
    with ThreadPoolExecutor(threads) as pool:
        return [answer for answers in pool.map(closing, shares) for answer in answers]


def members_with(shop, count, points):
    people = customers.find_or_create(
        [("external", f"buyer-{number}") for number in range(count)],
        at=shop.now,
        actor=shop.till,
    )
    main = Programme.objects.get(code="main")
    Membership.objects.bulk_create(
        Membership(programme=main, customer_id=who, joined_at=shop.now) for who in people
    )
    accounts = ledger.open_accounts(people, unit=unit_of("main", unit="points"))
    ledger.earn_batch(
        [
            Earn(
                account=account,
                key="start",
                amount=points,
                effective_at=shop.now,
                actor="system:test",
                reason={"code": "goodwill"},
            )
            for account in accounts
        ]
    )
    return people


def test_a_stock_of_100_goes_to_exactly_100_of_1000_buyers(real_shop):
    people = members_with(real_shop, 1000, 50)
    cup = real_shop.reward(50, stock_left=100)

    def buy(who):
        made = redeem(
            who,
            programme="main",
            key=str(who),
            actor=real_shop.till,
            at=real_shop.now,
            reward=cup.id,
        )
        capture(made.id, at=real_shop.now, actor=real_shop.till)
        return "bought"

    answers = at_once(buy, people)

    assert answers.count("bought") == 100
    assert answers.count("programme.reward_out_of_stock") == 900
    assert Reward.objects.get(id=cup.id).stock_left == 0
    assert Redemption.objects.filter(state="captured").count() == 100
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(available), sum(held) FROM ledger.account")
        assert cursor.fetchone() == (900 * 50, 0)


def test_a_single_use_code_is_held_by_one_of_64(real_shop):
    campaign = real_shop.campaign(kind="amount", value=500)
    generation.generate_codes(
        campaign, count=1, key="one", at=real_shop.now, actor=real_shop.boss
    )
    code = Code.objects.get().code

    def hold(number):
        hold_codes(
            [code],
            programme="main",
            reference=f"cart-{number}",
            cart=CART,
            at=real_shop.now,
            actor=real_shop.till,
        )
        return "held"

    answers = at_once(hold, list(range(64)), threads=64)

    assert answers.count("held") == 1
    assert answers.count("programme.code_not_usable") == 63
    assert CodeUse.objects.filter(state="held").count() == 1
    assert Code.objects.get().taken == 1


def test_a_total_limit_holds_over_many_codes(real_shop):
    campaign = real_shop.campaign(kind="amount", value=500, total_limit=10)
    generation.generate_codes(
        campaign, count=40, key="forty", at=real_shop.now, actor=real_shop.boss
    )
    codes = list(Code.objects.values_list("code", flat=True))

    def hold(code):
        hold_codes(
            [code],
            programme="main",
            reference=f"cart-{code}",
            cart=CART,
            at=real_shop.now,
            actor=real_shop.till,
        )
        return "held"

    assert at_once(hold, codes).count("held") == 10


def test_a_member_limit_holds_for_one_member_at_many_tills(real_shop):
    who = members_with(real_shop, 1, 5000)[0]
    cup = real_shop.reward(50, per_member_limit=3)

    def buy(key):
        redeem(
            who,
            programme="main",
            key=str(key),
            actor=real_shop.till,
            at=real_shop.now,
            reward=cup.id,
        )
        return "held"

    answers = at_once(buy, list(range(24)))

    assert answers.count("held") == 3
    assert answers.count("programme.member_limit_reached") == 21


def test_one_key_at_many_tills_redeems_once(real_shop):
    who = members_with(real_shop, 1, 5000)[0]
    cup = real_shop.reward(50)

    def buy(_):
        for _ in range(200):
            try:
                return redeem(
                    who,
                    programme="main",
                    key="same",
                    actor=real_shop.till,
                    at=real_shop.now,
                    reward=cup.id,
                ).id
            except Exception as error:
                if getattr(error, "code", "") != "core.idempotency_running":
                    raise
        return None

    answers = at_once(buy, list(range(16)))

    assert len(set(answers)) == 1
    assert Redemption.objects.count() == 1


def test_capture_and_release_at_once_end_a_hold_one_way(real_shop):
    people = members_with(real_shop, 12, 50)
    cup = real_shop.reward(50, stock_left=12)
    held = [
        redeem(
            who,
            programme="main",
            key=str(who),
            actor=real_shop.till,
            at=real_shop.now,
            reward=cup.id,
        ).id
        for who in people
    ]
    acts = [(act, each) for each in held for act in (capture, release)]

    at_once(lambda pair: pair[0](pair[1], at=real_shop.now, actor=real_shop.till), acts)

    states = list(Redemption.objects.values_list("state", flat=True))
    captured, released = states.count("captured"), states.count("released")
    assert captured + released == 12
    assert Reward.objects.get(id=cup.id).stock_left == 12 - captured
    assert sum(real_shop.balance(who).active for who in people) == released * 50


def test_reversals_at_once_give_back_no_more_than_was_spent(real_shop):
    who = members_with(real_shop, 1, 300)[0]
    made = redeem(
        who,
        programme="main",
        key="k",
        actor=real_shop.till,
        at=real_shop.now,
        reward=real_shop.reward(300).id,
    )
    capture(made.id, at=real_shop.now, actor=real_shop.till)

    def undo(number):
        reverse(made.id, key=str(number), at=real_shop.now, actor=real_shop.boss, points=100)
        return "back"

    answers = at_once(undo, list(range(16)))

    assert answers.count("back") == 3
    assert real_shop.balance(who).active == 300


def test_a_code_shown_at_eight_tills_at_once_brings_one_reward(real_shop):
    (who,) = members_with(real_shop, 1, 100)
    more = {"at": real_shop.now, "actor": real_shop.till}
    cup = real_shop.reward(50, stock_left=2)
    made = redeem(who, programme="main", key="one", reward=cup.id, **more)

    answers = at_once(lambda _: hand_over_held(made.id, **more).state, range(8))

    assert sorted(answers) == ["captured", *["programme.already_handed_over"] * 7]
    assert real_shop.balance(who).active == 50


def test_of_many_friends_one_joins_and_of_many_tills_one_hands_over(real_shop):
    one, *friends = members_with(real_shop, 9, 100)
    more = {"at": real_shop.now, "actor": real_shop.till}
    kit = real_shop.reward(120, cooperative=True, stock_left=1)
    pact = offer_pact(one, programme="main", reward=kit.id, points=60, key="k", **more)

    joined = at_once(
        lambda who: join_pact(pact.id, customer=who, key=str(who), **more).state, friends
    )
    given = at_once(lambda _: hand_over_shared(pact.id, **more).state, range(8))

    assert sorted(joined) == ["programme.pact_not_open"] * 7 + ["ready"]
    assert sorted(given) == ["captured", *["programme.already_handed_over"] * 7]
    left = sorted(real_shop.balance(each).active for each in (one, *friends))
    assert left == [40, 40, *[100] * 7]
