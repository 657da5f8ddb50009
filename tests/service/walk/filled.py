"""A shop in which every address has something to show, and what fills the addresses."""

from __future__ import annotations

from datetime import timedelta

from counter import BOSS, Counter, key
from looked import analysis, profile

from huitouke.service.core import clock, keys, roster, staff
from huitouke.service.core.ids import public_id
from huitouke.service.core.outbox import Happening, tell
from huitouke.service.core.webhooks import commands as webhooks
from huitouke.service.core.webhooks import courier, queries
from huitouke.service.customers import commands as customers
from huitouke.service.loop.imports import commands as imports
from huitouke.service.loop.imports import working
from huitouke.service.programme.errands import commands as errands
from huitouke.service.programme.errands import running
from huitouke.service.programme.events.adjusting import adjust
from huitouke.service.programme.mine.reach import obtain
from huitouke.service.programme.models.referrals import Referral
from huitouke.service.programme.models.versions import Programme, Version
from huitouke.service.programme.rewards import catalogue
from huitouke.service.programme.rewards.pacts import join_pact, offer_pact
from huitouke.service.programme.rules.examples import starter_definition
from huitouke.service.programme.versions import commands as versions
from huitouke.service.segments import commands as segments
from huitouke.service.segments import queries as segment_queries
from huitouke.service.segments.fields import Condition

PHONE = "13812345678"
GOOD = "a long walk by the river"
EXTRAS = {
    "referral": {"advocate_points": 300, "friend_points": 100, "least_order_minor": 5000},
    "stamps": [
        {
            "id": "coffee",
            "name": {"en": "Coffee card", "zh": "咖啡集点卡"},
            "per": "order",
            "stamps": 5,
            "points": 50,
        }
    ],
}
HEAD = "订单号,手机号,下单时间,实付金额,备注\n"
ORDERS = HEAD + "".join(
    f"A{n},1380013{n:04},2025-03-{n % 28 + 1:02} 10:00:00,{n}.50,-\n" for n in range(1, 30)
)
COLUMNS = imports.Columns(
    mapping={"order_id": "1", "customer_id": "2", "ordered_at": "3", "amount": "4"}
)


def rules():
    return starter_definition().model_dump(mode="json") | EXTRAS


class Filled:
    """The shop; ``args`` holds for each name of an address what it is asked with."""

    def __init__(self):
        self.args: dict[str, list[tuple[str, ...]]] = {}
        self.counter = Counter().open(rules())
        self.people()
        self.sharing()
        self.programme()
        self.imports()
        self.settings()
        self.looked()
        self.segments()

    def given(self, *names, args):
        for name in names:
            self.args[name] = args

    def people(self):
        shop = self.counter
        one = shop.member("林晓雨", points=9_000, phone=PHONE, expires_at=shop.later(days=5))
        other = shop.member("Anna Lee", points=50)
        shop.earn(one, 300, available_at=shop.later(days=9))
        told = shop.buy(one, 12_000, 4_500)
        shop.coupon(one)
        cup = shop.reward(500, cash_minor=1_000)
        shop.reward(90_000, names={"zh": "品茶课", "en": "Tea class"})
        shop.reward(100, names={"zh": "茶巾", "en": "Tea cloth"}, stock_left=0)
        self.one, self.other, self.cup = one, other, cup
        redeemed = obtain(
            one.pk, programme="main", reward=cup.pk, key="walk", at=clock.now(),
            actor=BOSS, waits=timedelta(hours=48),
        )  # fmt: skip
        gone, stays = shop.customer("Bo Chen"), shop.customer("陈波")
        merged = customers.merge(gone.pk, into=stays.pk, at=clock.now(), actor=BOSS)
        waiting = self.adjustment(other)
        ids = [(key(one),), (key(other),), (key(stays),)]
        self.given("customer", args=ids)
        self.given(
            "customer_history", "customer_adjust", "customer_tier", "customer_enrol",
            "customer_details", "customer_identity",
            "customer_verify", "customer_remove", "customer_consent", "customer_erase",
            "customer_data", "till_enrol", "till_sale", "till_rewards",
            args=ids[:1],
        )  # fmt: skip
        self.given("till_member", args=[ids[0], (f"{key(one)}?amount=128.50&points=100",)])
        self.given("customer_merge", args=[ids[0], (f"{key(one)}?other={key(other)}",)])
        self.given("customer_unmerge", args=[(public_id("mrg", merged.pk),)])
        self.given("adjustment_decide", args=[(waiting,)])
        self.given("customer_order", "till_order", "till_return", args=[(str(told.order),)])
        self.given("till_reward", args=[(key(one), public_id("rwd", cup.pk))])
        self.given("my_invited", args=[("ABCDEFGH",)])
        self.given("my_reward", args=[(public_id("rwd", cup.pk),)])
        self.given(
            "my_redemption", "my_cancel", "till_redemption", "till_redemption_hand_over",
            "till_redemption_give_back",
            args=[(public_id("rdm", redeemed.pk),)],
        )  # fmt: skip

    def sharing(self):
        """A reward that two members share: one waits for the other, one is complete."""
        shop, asked = self.counter, {"at": clock.now(), "actor": BOSS}
        both = shop.reward(400, cooperative=True, names={"zh": "双人茶", "en": "Tea for two"})
        friend = shop.member("王伟", points=900)
        how = {"programme": "main", "reward": both.pk, "points": 200, **asked}
        alone = offer_pact(self.one.pk, key="walk-1", **how)
        shared = offer_pact(self.one.pk, key="walk-2", **how)
        join_pact(shared.pk, customer=friend.pk, key="walk-3", **asked)
        pacts = [(public_id("pct", each.pk),) for each in (alone, shared)]
        self.given(
            "till_shared", "till_shared_hand_over", "till_shared_give_back", "my_shared",
            "my_shared_join", "my_shared_cancel",
            args=pacts,
        )  # fmt: skip
        self.given("my_share", args=[(public_id("rwd", both.pk),)])

    def adjustment(self, who):
        """Ask for more points than one may give alone; return the address of the decision."""
        found = adjust(
            who.pk, points=90_000, reason_code="goodwill", key="walk", at=clock.now(),
            actor=BOSS, note="Late tea",
        )  # fmt: skip
        assert found.state == "waiting"
        return public_id("adj", found.pk)

    def programme(self):
        found = Programme.objects.get(code="main")
        force = Version.objects.get(programme=found, state="published")
        changed = {
            **force.definition,
            "rules": [dict(each) for each in force.definition["rules"]],
        }
        changed["rules"][0]["gives"] = {"kind": "per_spend", "points": 2, "per_minor": 100}
        changed["rules"] = changed["rules"][:-1]
        asked = {"at": clock.now(), "actor": BOSS}
        draft = versions.draft(found, definition=changed, note="双倍试算", **asked)
        campaign = catalogue.add_campaign(
            "main", names={"zh": "春季九折", "en": "Spring tenth off"}, kind="percent",
            value=1000, **asked,
        )  # fmt: skip
        backtest = errands.ask_backtest(draft.id, since=None, key="walk", **asked)
        codes = errands.ask_codes(campaign.id, count=20, key="walk", **asked)
        for each in (backtest, codes):
            running.run(each.id)
        codes.refresh_from_db()
        review = Referral.objects.create(
            programme=found, version=1, code="AAAA", advocate_id=self.one.pk,
            friend_id=self.other.pk, state="review", flags=["same_device", "not_new"],
            unit="points", advocate_points=200, friend_points=100, created_at=clock.now(),
        )  # fmt: skip
        one = public_id("ver", draft.id)
        self.given("programme_version", args=[(public_id("ver", force.id),)])
        self.given("programme_retire", "programme_begin", args=[(public_id("ver", force.id),)])
        self.given(
            "programme_draft", "programme_try", "programme_backtest", "programme_publish",
            "programme_check", "programme_discard",
            args=[(one,)],
        )  # fmt: skip
        parts = ("tiers", "benefits", "basics", "burn", "referral")
        placed = (
            ("rules", "0"),
            ("rules", "2"),
            ("tier", "1"),
            ("stamps", "0"),
            ("units", "0"),
        )
        kinds = [("rules", each) for each in ("per_spend", "per_item", "fixed", "multiplier")]
        self.given("programme_part", args=[(one, each) for each in parts])
        self.given("programme_part_at", args=[(one, *each) for each in placed])
        self.given(
            "programme_part_new",
            args=[
                (one, *each)
                for each in (*kinds, ("tier", "one"), ("stamps", "one"), ("units", "one"))
            ],
        )
        self.given("programme_part_remove", args=[(one, "rules", "0")])
        errand = [(public_id("err", backtest.id),)]
        self.given("programme_errand", "programme_progress", "programme_call_off", args=errand)
        made = [(public_id("err", codes.id),)]
        self.given(
            "programme_codes", "programme_codes_progress", "programme_codes_call_off", args=made
        )
        self.given("programme_batch", "programme_batch_csv", args=[(codes.result["batch"],)])
        self.given(
            "programme_campaign", "programme_campaign_pause", "programme_campaign_codes",
            "programme_campaign_word",
            args=[(public_id("cpn", campaign.id),)],
        )  # fmt: skip
        self.given(
            "programme_reward", "programme_reward_pause", "programme_reward_stock",
            args=[(public_id("rwd", self.cup.pk),)],
        )  # fmt: skip
        self.given("programme_referral", args=[(public_id("rfl", review.pk),)])
        self.given("programme_liability_file", args=[("csv",)])

    def imports(self):
        """A file in every state that it can be in."""
        bad = self.worked("%PDF-1.7", "report.pdf")
        looked = self.worked(ORDERS, "march.csv")
        tried = self.worked(ORDERS + "A99,1,someday,1,-\n", "april.csv", tried=True)
        done = self.worked(ORDERS, "may.csv", tried=True)
        imports.start(done.id, at=clock.now(), actor=BOSS)
        working.work(done.id)
        busy = self.handed_in(ORDERS, "june.csv")
        found = [(public_id("imp", each.id),) for each in (bad, looked, tried, done, busy)]
        self.given("imports_one", args=found)
        self.given(
            "imports_columns", "imports_again", "imports_start", "imports_cancel",
            "imports_aside",
            args=[found[2]],
        )  # fmt: skip

    def handed_in(self, text, name):
        return imports.hand_in(
            [text.encode()], kind="orders", name=name, language="en", at=clock.now(), actor=BOSS
        )

    def worked(self, text, name, *, tried=False):
        made = self.handed_in(text, name)
        working.work(made.id)
        if tried:
            imports.read_as(made.id, columns=COLUMNS, at=clock.now(), actor=BOSS)
            working.work(made.id)
        return made

    def settings(self):
        at = clock.now()
        scopes = ["points:read", "events:write", "customers:read"]
        key_made = keys.create("till-7", scopes=scopes, at=at, actor=BOSS)
        hook = webhooks.subscribe("https://93.184.216.34/in", at=at, actor=BOSS).record
        tell([Happening("points.earned", "cus_1", {"points": 5})])
        courier.collect()
        sent = queries.deliveries(hook.id)[0]
        sent.attempts.create(at=at, status=503, answer="try later", ms=120)
        self.owner = staff.create(
            "lin@example.com", role="owner", name="Lin", password=GOOD, at=at, actor=BOSS
        ).record
        self.invited = roster.invite("bo@example.com", role="care", at=at, actor=BOSS)
        off = roster.invite("cy@example.com", role="analyst", at=at, actor=BOSS).record
        roster.disable(off.id, at=at, actor=BOSS)
        self.given("settings_key_revoke", args=[(public_id("key", key_made.record.id),)])
        self.given(
            "settings_webhook", "settings_webhook_pause", "settings_webhook_wake",
            "settings_webhook_rotate", "settings_webhook_remove",
            args=[(public_id("whk", hook.id),)],
        )  # fmt: skip
        self.given("settings_delivery", "settings_replay", args=[(public_id("dlv", sent.id),)])
        self.given(
            "staff_role", "staff_link", "staff_disable", "staff_enable", "staff_second_factor",
            args=[(public_id("stf", self.invited.record.id),)],
        )  # fmt: skip
        self.given("account_link", args=[(self.invited.secret,)])
        self.given("openid_connect_login", "openid_connect_callback", args=[("staff",)])

    def looked(self):
        """An analysis with customers in every list."""
        people = [self.counter.customer(f"林晓雨 {n}") for n in range(3)]
        slipping = [profile(each, at_stake=100.0 + n) for n, each in enumerate(people)]
        loyal = profile(self.counter.customer("忠实"), score=88.0, likely_loyal=True)
        unlikely = profile(self.counter.customer("偶然"), score=12.0, unlikely=True)
        told = profile(self.other, told=False)
        made = analysis(profiles=[*slipping, loyal, unlikely, told, profile(self.one)])
        self.given("insight_list", args=[("slipping",), ("all?group=butterfly",)])
        self.given("insight_export", args=[("slipping",)])
        self.given("insight_analysis", "insight_cancel", args=[(public_id("anl", made.pk),)])

    def segments(self):
        """One in use with many kinds of conditions, counted; and one that was put away."""
        at = clock.now()
        ground = segment_queries.ground_of(now=at, zone="Asia/Shanghai", currency="CNY")
        conditions = [
            Condition("list", "any_of", ("slipping",)),
            Condition("last_order", "ago", (90,), negated=True),
            Condition("spent", "at_least", (5_000,), days=365),
            Condition("lapsing", "at_least", (1,), days=30),
            Condition("category", "any_of", ("tea", "cups")),
            Condition("coupon", "is"),
        ]
        how = {"ground": ground, "at": at, "actor": BOSS}
        kept = segments.save("忠诚且有积分的会员", conditions=conditions, **how)
        tally = segment_queries.counted(conditions, ground=ground)
        segments.note_count(kept.id, revision=1, tally=tally, at=at)
        old = segments.save("Old one", conditions=[Condition("coupon", "is")], **how)
        segments.archive(old.id, at=at, actor=BOSS)
        self.given("segment", args=[(str(kept),), (str(old),)])
        self.given(
            "segment_change", "segment_count", "segment_archive", "segment_restore",
            args=[(str(kept),)],
        )  # fmt: skip
