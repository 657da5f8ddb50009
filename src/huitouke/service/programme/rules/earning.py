"""What a fact earns: evaluate() at purchase, kept() for what is left after refunds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from huitouke.service.programme.rules.amounts import Amount, Amounts
from huitouke.service.programme.rules.calendar import is_open, last_day, period_key
from huitouke.service.programme.rules.cart import (
    AT_DELIVERY,
    Cart,
    Effect,
    FactView,
    MemberView,
    Miss,
    Outcome,
    PeriodKey,
)
from huitouke.service.programme.rules.compiled import Compiled, Keys, Ready, compile_definition
from huitouke.service.programme.rules.conditions import Sight
from huitouke.service.programme.rules.definition import Definition, Delivered
from huitouke.service.programme.rules.eligible import eligible_parts
from huitouke.service.programme.rules.expiry import Timing, available_at, expires_at
from huitouke.service.programme.rules.rounding import split

__all__ = ["Effect", "Miss", "Outcome", "evaluate", "kept", "keys_needed"]

_NOTHING = Outcome()
_DAYS_MOST = 1_000

#: Available at, gone at, waits for, and what a reason says of the three.
Moments = tuple[datetime, datetime | None, str | None, dict[str, Any]]

#: The gate that is shut (a name, or an index into the conditions), actual, required.
Shut = tuple[int | str, Any, Any]


def evaluate(fact: FactView, *, definition: Definition, member: MemberView) -> Outcome:
    """Return what a fact earns a member, and what it does not and why.

    Each rule gives ``floor`` of its exact amount once (per order), split to the lines by
    largest remainder. Multipliers give an extra part on the eligible amount of their own
    scope; caps come last.

    Parameters
    ----------
    fact
        What happened.
    definition
        The version in force then.
    member
        As of just before the fact.

    Raises
    ------
    CartInvalid
        If an amount of the cart is below zero.
    """
    compiled = compile_definition(definition)
    rules = compiled.on.get(fact.type)
    if not rules:
        return _NOTHING if fact.cart is None else Outcome(eligible_minor=_worth(fact, compiled))
    run = _Run(fact, compiled=compiled, member=member)
    for ready in rules:
        run.apply(ready)
    return Outcome(
        effects=tuple(run.effects),
        misses=tuple(run.misses),
        eligible_minor=run.sight.eligible_minor,
        uses=run.uses,
        done=tuple(run.done),
    )


def kept(
    cart_at_purchase: Cart,
    *,
    kept_cart: Cart,
    definition: Definition,
    member_at_purchase: MemberView,
    at: datetime,
    attributes: Mapping[str, Any] | None = None,
) -> Outcome:
    """Return what an order is still worth, for what the customer kept of it.

    The rules are asked again, as of the purchase, about the kept lines: thresholds, caps
    and rounding come out as if only those had been bought. No rule gives more than it gave
    at the purchase, so that a refund never earns; and when nothing that was paid for is
    kept, nothing is.

    Parameters
    ----------
    cart_at_purchase
        The order as it was paid.
    kept_cart
        What is left of it after all refunds so far.
    definition
        The version at purchase.
    member_at_purchase
        Tier, caps used and once-only rules done, as of just before the purchase.
    at
        When the order was paid.
    attributes
        Of the fact at purchase.

    Returns
    -------
    Outcome
        The whole entitlement, not the difference: take back what it is less than before.
    """
    given = {} if attributes is None else attributes
    paid = FactView(type="order.paid", at=at, cart=cart_at_purchase, attributes=given)
    before = evaluate(paid, definition=definition, member=member_at_purchase)
    if _nothing_kept(cart_at_purchase, kept_cart=kept_cart):
        return _NOTHING
    after = evaluate(
        replace(paid, cart=kept_cart), definition=definition, member=member_at_purchase
    )
    most = {effect.rule_id: effect.value for effect in before.effects}
    effects = tuple(
        effect if effect.value <= most[effect.rule_id] else _at_most(effect, most)
        for effect in after.effects
        if effect.rule_id in most
    )
    ids = {effect.rule_id for effect in effects}
    return replace(
        after,
        effects=effects,
        uses={key: min(used, before.uses.get(key, 0)) for key, used in after.uses.items()},
        done=tuple(key for key in after.done if key[0] in ids),
    )


def _nothing_kept(cart_at_purchase: Cart, *, kept_cart: Cart) -> bool:
    """Return whether all that was paid for went back, presents with it or not."""
    if any(line.amount_minor for line in cart_at_purchase.lines):
        return not any(line.amount_minor for line in kept_cart.lines)
    return not any(line.quantity_e3 for line in kept_cart.lines)


def _at_most(effect: Effect, most: Mapping[str, int]) -> Effect:
    value = most[effect.rule_id]
    lines = _per_line(value, [points for _, points in effect.lines])
    positions = [position for position, _ in effect.lines]
    return replace(
        effect,
        value=value,
        lines=tuple(zip(positions, lines, strict=True)),
        reason={**effect.reason, "points": value},
    )


def _per_line(value: int, weights: list[int]) -> list[int]:
    return split(value, weights) if weights else []


def keys_needed(fact: FactView, *, definition: Definition) -> Keys:
    """Return which counters of a member the rules will ask for.

    Parameters
    ----------
    fact
        What happened.
    definition
        The version in force then.

    Returns
    -------
    Keys
        Keys of ``MemberView.uses``, and keys of ``MemberView.done``.
    """
    compiled = compile_definition(definition)
    day = fact.at.astimezone(compiled.zone).date()
    found = compiled.keys.get((fact.type, day))
    if found is None:
        if len(compiled.keys) >= _DAYS_MOST:
            compiled.keys.clear()
        found = compiled.keys[fact.type, day] = _keys(compiled.on.get(fact.type, ()), day=day)
    return found


def _keys(rules: tuple[Ready, ...], *, day: date) -> Keys:
    uses = frozenset(
        (name, period_key(per, day=day))
        for ready in rules
        for name, per, _ in ready.caps
        if per != "order"
    )
    done = frozenset(
        (ready.rule.id, period_key(ready.rule.once, day=day))
        for ready in rules
        if ready.rule.once
    )
    return uses, done


def _worth(fact: FactView, compiled: Compiled) -> int:
    if fact.cart is None:
        return 0
    return sum(eligible_parts(fact.cart, switches=compiled.eligible))


class _Run:
    """One evaluation under way."""

    __slots__ = (
        "amounts",
        "compiled",
        "done",
        "effects",
        "member",
        "misses",
        "moments",
        "sight",
        "uses",
    )

    def __init__(self, fact: FactView, *, compiled: Compiled, member: MemberView) -> None:
        cart = fact.cart
        parts = [] if cart is None else eligible_parts(cart, switches=compiled.eligible)
        self.compiled = compiled
        self.member = member
        self.sight = Sight(fact, member, fact.at.astimezone(compiled.zone), sum(parts))
        self.amounts = Amounts(cart, parts=parts, gift_cards=compiled.eligible.gift_card)
        self.effects: list[Effect] = []
        self.misses: list[Miss] = []
        self.uses: dict[PeriodKey, int] = {}
        self.done: list[PeriodKey] = []
        self.moments: dict[int, Moments] = {}

    def apply(self, ready: Ready) -> None:
        """Let one rule give what it gives, or say why not."""
        missed = self._gate(ready)
        if missed is not None:
            self._miss(ready, missed)
            return
        amount = self.amounts.of(ready)
        if amount.missing:
            self._miss(ready, (amount.missing, amount.actual, amount.required))
            return
        self._give(ready, amount)

    def _gate(self, ready: Ready) -> Shut | None:
        """Return the first gate that is shut (name or index, actual, required), or none."""
        rule, sight = ready.rule, self.sight
        if rule.members_only and not self.member.enrolled:
            return "enrolled", False, True
        cart = sight.fact.cart
        if cart is not None and cart.currency != self.compiled.currency:
            return "currency", cart.currency, self.compiled.currency
        if rule.window is not None and not is_open(rule.window, local=sight.local):
            return "window", sight.local.isoformat(timespec="minutes"), _window(ready)
        if rule.once is not None:
            period = period_key(rule.once, day=sight.local.date())
            if (rule.id, period) in self.member.done:
                return "once", period, rule.once
        for index, test in enumerate(ready.tests):
            actual = test.look(sight)
            if not test.passes(actual, test.value):
                return index, _plain(actual), _plain(test.value)
        return None

    def _miss(self, ready: Ready, shut: Shut) -> None:
        condition, actual, required = shut
        gate = "condition" if isinstance(condition, int) else condition
        reason: dict[str, Any] = {
            "code": f"missed.{gate}",
            "name": ready.name,
            "actual": actual,
            "required": required,
        }
        if isinstance(condition, int):
            test = ready.tests[condition]
            reason["fact"], reason["op"] = test.fact, test.op
            if test.fact == "member.tier":
                reason["actual"] = self._tiers(actual)
                reason["required"] = self._tiers(required)
        if gate in {"condition", "amount"}:
            reason["currency"] = self.compiled.currency
        self.misses.append(
            Miss(
                rule_id=ready.rule.id,
                condition=condition,
                actual=actual,
                required=required,
                reason=reason,
            )
        )

    def _tiers(self, codes: Any) -> Any:
        """Return tiers as reasons name them."""
        if isinstance(codes, list):
            return [self._tiers(code) for code in codes]
        return self.compiled.tiers.get(codes, codes)

    def _give(self, ready: Ready, amount: Amount) -> None:
        rule = ready.rule
        value, capped, cap = self._capped(ready, desired=amount.points)
        available, expires, waits_for, said = self._moments(ready.timing)
        reason: dict[str, Any] = {
            "code": amount.code,
            "name": ready.name,
            "points": value,
            **ready.unit,
            **said,
        }
        if amount.code == "earned.spend":
            reason["eligible_minor"] = amount.actual
            reason["currency"] = self.compiled.currency
        if cap:
            reason["desired"] = amount.points
            reason["cap"] = cap
        if rule.once is not None:
            self.done.append((rule.id, period_key(rule.once, day=self.sight.local.date())))
        self.effects.append(
            Effect(
                rule_id=rule.id,
                unit=rule.unit,
                value=value,
                desired=amount.points,
                capped_by=capped,
                lines=self.amounts.lines(value, amount.weights),
                available_at=available,
                expires_at=expires,
                waits_for=waits_for,
                reason=reason,
            )
        )

    def _capped(
        self, ready: Ready, *, desired: int
    ) -> tuple[int, str | None, dict[str, Any] | None]:
        """Return what caps leave, the name of the one that bound, and what it says."""
        if not ready.caps:
            return desired, None, None
        value, capped, said, keys = desired, None, None, set()
        for name, per, most in ready.caps:
            used = 0
            if per != "order":
                key = (name, period_key(per, day=self.sight.local.date()))
                used = self.member.uses.get(key, 0) + self.uses.get(key, 0)
                keys.add(key)
            if most - used < value:
                value = max(0, most - used)
                capped, said = f"{name}.{per}", {"per": per, "most": most, "used": used}
        for key in keys:
            self.uses[key] = self.uses.get(key, 0) + value
        return value, capped, said

    def _moments(self, timing: Timing) -> Moments:
        found = self.moments.get(id(timing))
        if found is not None:
            return found
        zone, at = self.compiled.zone, self.sight.fact.at
        pending = timing.pending
        available = (
            at.astimezone(UTC) if pending == 0 else available_at(pending, at=at, zone=zone)
        )
        expires = expires_at(timing.expiry, available_at=available, zone=zone)
        said: dict[str, Any] = {}
        waits_for = None
        if isinstance(pending, Delivered):
            waits_for, said["delivered_days"] = AT_DELIVERY, pending.days
        elif pending:
            said["wait_days" if self.sight.fact.cart is None else "return_days"] = pending
            said["available_on"] = available.astimezone(zone).date().isoformat()
        if expires is not None:
            said["valid_through"] = last_day(expires, zone=zone).isoformat()
        self.moments[id(timing)] = found = (available, expires, waits_for, said)
        return found


def _window(ready: Ready) -> dict[str, Any]:
    window = ready.rule.window
    return {} if window is None else window.model_dump(mode="json", exclude_defaults=True)


def _plain(value: Any) -> Any:
    """Return a value as JSON carries it: sets and tuples as lists, in order."""
    if isinstance(value, frozenset | set):
        return sorted(value)
    return list(value) if isinstance(value, tuple | list) else value
