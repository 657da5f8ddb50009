"""Loops of returning goods, played on the ledger's own rules: earn, use, send back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from huitouke.language import N_
from huitouke.service.ledger.model import Model
from huitouke.service.programme.economics.loops.carts import Scenario, amounts, scenarios
from huitouke.service.programme.economics.loops.case import BASE, Case
from huitouke.service.programme.economics.loops.finding import Finding, Severity, Step
from huitouke.service.programme.rules.cart import Effect
from huitouke.service.programme.rules.definition import Delivered
from huitouke.service.programme.rules.expiry import (
    delivered_at,
    expires_at,
    grace_until,
    timing_of,
)
from huitouke.service.programme.rules.shapes import FixedDay, Rolling

__all__ = ["Played", "expiry_refreshed", "gone_at_once", "refund_cycle"]

_ME = 1
_MOMENT = timedelta(minutes=1)
_GAP_LEAST = 14

BACK = N_("Send everything back: {paid_minor} returns, {taken} points go, {owed} are owed.")


@dataclass
class Played:
    """A member who plays: the ledger's model, and what was got and given.

    Parameters
    ----------
    case
        The rules.
    """

    case: Case
    model: Model = field(default_factory=Model)
    steps: list[Step] = field(default_factory=list)
    gained_minor: int = 0
    number: int = 0

    def key(self, what: str) -> str:
        """Return a new key.

        Parameters
        ----------
        what
            How it begins.
        """
        self.number += 1
        return f"{what}-{self.number}"

    def spend_all(self, at: datetime) -> int:
        """Use all points there are, and return how many.

        Parameters
        ----------
        at
            When.
        """
        points = self.model.state(_ME, at=at).available
        if points:
            self.model.spend(_ME, key=self.key("use"), amount=points, at=at)
            worth = self.case.minor(points)
            self.gained_minor += worth
            self.steps.append(
                Step(
                    says=N_("Use {points} points, worth {worth_minor}."),
                    values={"points": points, "worth_minor": worth},
                    at=at,
                    points=-points,
                    cash_minor=worth,
                )
            )
        return points

    def send_back(self, points: int, *, keys: list[str], paid_minor: int, at: datetime) -> int:
        """Return the order that earned points, and say how many are owed then.

        Parameters
        ----------
        points
            That it earned.
        keys
            Of the credits.
        paid_minor
            What comes back.
        at
            When.
        """
        done = self.model.claw_back(
            _ME,
            key=self.key("back"),
            amount=points,
            earn_keys=keys,
            at=at,
            policy=self.case.definition.refunds.debt_policy,
        )
        values = {
            "paid_minor": paid_minor,
            "taken": done.detail["taken"],
            "owed": done.detail["owed"],
        }
        self.steps.append(
            Step(
                says=BACK,
                values=values,
                at=at,
                points=-done.detail["taken"],
                cash_minor=paid_minor,
            )
        )
        return self.model.state(_ME, at=at).debt


def _open_at(effect: Effect, *, scenario: Scenario) -> datetime:
    """Return when points may first be used, if the goods come at once."""
    definition = scenario.case.definition
    rule = definition.rule(effect.rule_id)
    if rule is not None and effect.waits_for:
        pending = timing_of(rule, definition=definition).pending
        if isinstance(pending, Delivered):
            return delivered_at(
                pending,
                paid_at=scenario.at,
                delivered_at=scenario.at,
                zone=definition.zone_info,
            )
    return effect.available_at


def refund_cycle(case: Case) -> Iterator[Finding]:
    """Find points that can be used before the order that gave them goes back.

    Two rounds are played: what the second brings on top shows whether debts stop it.

    Parameters
    ----------
    case
        What is looked at.
    """
    found: tuple[int, int, Scenario, int] | None = None
    for scenario in scenarios(case):
        amount = max(10_000, *amounts(scenario)[:1], scenario.least_minor)
        soon = _soon(scenario, amount)
        points = sum(effect.value for effect in soon)
        if case.minor(points) and (found is None or points > found[0]):
            found = (points, len(soon), scenario, amount)
    if found is not None:
        yield _cycle(case, scenario=found[2], amount=found[3])


def _soon(scenario: Scenario, amount: int) -> list[Effect]:
    """Return the points that can be used before the return window closes."""
    case = scenario.case
    closes = scenario.at + timedelta(days=case.definition.return_days)
    return [
        effect
        for effect in scenario.earn(scenario.cart(amount)).effects
        if effect.unit == case.unit
        and effect.value
        and _open_at(effect, scenario=scenario) < closes
    ]


def _cycle(case: Case, *, scenario: Scenario, amount: int) -> Finding:
    played = Played(case)
    first = _round(played, scenario=scenario, amount=amount, start=scenario.at)
    after_one, owed, steps = played.gained_minor, first, tuple(played.steps)
    again = scenario.at + timedelta(days=case.definition.return_days + 1)
    _round(played, scenario=scenario, amount=amount, start=again)
    repeats = played.gained_minor > after_one
    severity: Severity = "critical" if repeats else "low"
    return Finding(
        kind="refund_cycle",
        severity=severity,
        gain_minor=after_one,
        rules=(
            *(effect.rule_id for effect in _soon(scenario, amount)),
            "refunds.debt_policy",
            *case.through,
        ),
        steps=steps,
        says=N_(
            "Points can be used before the return window closes: buy for {paid_minor}, use "
            "them, send it back, and {gain_minor} stays; the same account can do it again."
        )
        if repeats
        else N_(
            "Points can be used before the return window closes: buy for {paid_minor}, use "
            "them, send it back, and {gain_minor} stays while {owed} points are owed; a new "
            "account owes nothing."
        ),
        values={"paid_minor": amount, "owed": owed},
        currency=case.definition.currency,
    )


def _round(played: Played, *, scenario: Scenario, amount: int, start: datetime) -> int:
    """Buy, use what can be used, send back; return what is owed."""
    shift = start - scenario.at
    cart = scenario.cart(amount)
    soon = _soon(scenario, amount)
    keys = []
    for effect in soon:
        key = played.key("earn")
        keys.append(key)
        played.model.earn(
            _ME,
            key=key,
            amount=effect.value,
            at=start,
            available_at=_open_at(effect, scenario=scenario) + shift,
            expires_at=effect.expires_at and effect.expires_at + shift,
        )
    points = sum(effect.value for effect in soon)
    played.steps.append(
        Step(
            says=N_("Buy for {paid_minor}: {points} points."),
            values={"paid_minor": amount, "points": points},
            at=start,
            cart=cart,
            points=points,
            cash_minor=-amount,
        )
    )
    opens = max(_open_at(effect, scenario=scenario) for effect in soon) + shift
    played.spend_all(opens)
    back = min(start + timedelta(days=played.case.definition.return_days), opens + _MOMENT)
    return played.send_back(points, keys=keys, paid_minor=amount, at=back)


def expiry_refreshed(case: Case) -> Iterator[Finding]:
    """Find points that a return gives more life than they had when they were earned.

    Parameters
    ----------
    case
        What is looked at.
    """
    refunds, zone = case.definition.refunds, case.definition.zone_info
    if refunds.expired_on_return != "grace" or not refunds.grace_days:
        return
    for rule in case.definition.rules:
        expiry = timing_of(rule, definition=case.definition).expiry
        if rule.unit != case.unit or not rule.enabled or not isinstance(expiry, Rolling):
            continue
        gone = expires_at(expiry, available_at=BASE, zone=zone)
        if gone is None or refunds.grace_days <= (gone - BASE).days:
            continue
        yield _refreshed(case, rule_id=rule.id, gone=gone)
        return


def _refreshed(case: Case, *, rule_id: str, gone: datetime) -> Finding:
    refunds, zone = case.definition.refunds, case.definition.zone_info
    model, points = Model(), 1_000
    model.earn(_ME, key="earn", amount=points, at=BASE, expires_at=gone)
    model.spend(_ME, key="use", amount=points, at=gone - _MOMENT)
    until = grace_until(gone + _MOMENT, days=refunds.grace_days, zone=zone)
    model.restore(
        _ME, key="back", spend_key="use", amount=None, at=gone + _MOMENT, grace_until=until
    )
    left = model.state(_ME, at=gone + 2 * _MOMENT).available
    life = (gone - BASE).days
    values = {"points": left, "life": life, "grace": refunds.grace_days}
    return Finding(
        kind="expiry_refreshed",
        severity="medium",
        gain_minor=case.minor(left),
        rules=(rule_id, "refunds.grace_days"),
        steps=(
            Step(
                says=N_("Earn {points} points that live {life} days."),
                values=values,
                at=BASE,
                points=points,
            ),
            Step(
                says=N_("Pay with them a minute before they expire, and send it back after."),
                at=gone - _MOMENT,
            ),
            Step(
                says=N_("The {points} points are back for {grace} days; do it again."),
                values=values,
                at=gone + _MOMENT,
                points=left,
            ),
        ),
        says=N_(
            "Points that live {life} days get {grace} days from a return after their end: "
            "{points} points never expire for who keeps sending back."
        ),
        values=values,
        currency=case.definition.currency,
    )


def gone_at_once(case: Case) -> Iterator[Finding]:
    """Find points that are gone as soon as they may be used.

    Parameters
    ----------
    case
        What is looked at.
    """
    zone = case.definition.zone_info
    for rule in case.definition.rules:
        expiry = timing_of(rule, definition=case.definition).expiry
        if rule.unit != case.unit or not rule.enabled or not isinstance(expiry, FixedDay):
            continue
        last = BASE.astimezone(zone).replace(month=expiry.month, day=min(expiry.day, 28))
        gone = expires_at(expiry, available_at=last, zone=zone)
        if gone is None or (gone - last).days >= _GAP_LEAST:
            continue
        yield Finding(
            kind="gone_at_once",
            severity="low",
            gain_minor=0,
            rules=(rule.id, "expiry"),
            steps=(
                Step(
                    says=N_("Points become available on {day} and expire at its end."),
                    values={"day": last.date().isoformat()},
                    at=last,
                ),
            ),
            says=N_(
                "Points that become available on {day} expire the same night: members lose "
                "them before they can use them. Give them a least life in months."
            ),
            values={"day": last.date().isoformat()},
            currency=case.definition.currency,
        )
        return
