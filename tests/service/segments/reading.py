"""Conditions as a person would check them by hand, one customer at a time."""

from __future__ import annotations

from datetime import date, datetime, timedelta

__all__ = ["READ", "holds", "judged"]

MONTHS = {str(number): number for number in range(1, 13)}


def judged(person, conditions, town):
    """True where all hold, False where one does not, None where nobody knows."""
    answers = [holds(person, each, town) for each in conditions]
    if False in answers:
        return False
    return None if None in answers else True


def holds(person, condition, town):
    answer = _ANSWERS[condition.field](person, condition, town)
    if answer is None:
        return None
    return answer is not condition.negated


def _compared(number, condition):
    if number is None:
        return None
    value = condition.values[0]
    return number >= value if condition.op == "at_least" else number <= value


def _ago(moment, condition, town):
    if moment is None:
        return False
    bound = town.now - timedelta(days=condition.values[0])
    return moment >= bound if condition.op == "within" else moment < bound


def _on(moment, condition, town):
    if moment is None:
        return False
    day = date.fromisoformat(condition.values[0])
    begins = datetime(day.year, day.month, day.day, tzinfo=town.ground.zone)
    return moment >= begins if condition.op == "since" else moment < begins


def _lately(moment, condition, town):
    return condition.days is None or moment >= town.now - timedelta(days=condition.days)


def _paid(person, condition, town):
    return [each for each in person.bought if each.counts and _lately(each.at, condition, town)]


def _standing(person, condition, town):
    record = person.record
    state = "customer" if record.first_bought_at else "fan"
    return ("member" if record.enrolled_at else state) in condition.values


def _last_order(person, condition, town):
    moments = [each.at for each in person.bought if each.counts]
    return _ago(max(moments, default=None), condition, town)


def _first_order(person, condition, town):
    moments = [each.at for each in person.bought if each.counts]
    return _ago(min(moments, default=None), condition, town)


def _spent(person, condition, town):
    paid = [each for each in _paid(person, condition, town) if each.currency == "CNY"]
    return _compared(sum(each.total - each.refunded for each in paid), condition)


def _line(place):
    def check(person, condition, town):
        return any(
            line[place] in condition.values and line[3] < line[2]
            for each in _paid(person, condition, town)
            for line in each.lines
        )

    return check


def _lapsing(person, condition, town):
    until = town.now + timedelta(days=condition.days)
    return _compared(sum(p for p, end in person.lots if end and end <= until), condition)


def _coupon(person, condition, town):
    return any(
        not void and not taken and (ends is None or ends > town.now)
        for void, taken, ends in person.coupons
    )


def _birthday(person, condition, town):
    born = person.record.birthday_on
    if born is None:
        return None
    this = town.ground.today.month
    months = MONTHS | {"this": this, "next": 1 if this == 12 else this + 1}
    return born.month in {months[each] for each in condition.values}


def _profile(of):
    def check(person, condition, town):
        if person.profile is None or not person.profiled:
            return None
        return of(person.profile, condition)

    return check


def _number(name, times=1):
    def of(profile, condition):
        value = getattr(profile, name)
        return None if value is None else _compared(value * times, condition)

    return _profile(of)


def _word(name):
    def of(profile, condition):
        value = getattr(profile, name)
        return None if value is None else value in condition.values

    return _profile(of)


def _list(profile, condition):
    on = {
        "slipping": profile.at_stake is not None,
        "worth_a_call": profile.worth_a_call,
        "likely_loyal": profile.likely_loyal,
        "unlikely": profile.unlikely,
    }
    return any(on[each] for each in condition.values)


def _consent(purpose):
    return lambda p, c, _: any(p.consents(channel, purpose) for channel in c.values)


_ANSWERS = {
    "standing": _standing,
    "joined": lambda p, c, t: _ago(p.record.enrolled_at, c, t),
    "joined_on": lambda p, c, t: _on(p.record.enrolled_at, c, t),
    "known": lambda p, c, t: _ago(p.record.created_at, c, t),
    "birthday_month": _birthday,
    "brand": lambda p, c, _: p.record.brand in c.values if p.record.brand else None,
    "consent_marketing": _consent("marketing"),
    "consent_survey": _consent("survey"),
    "consent_service": _consent("service"),
    "last_order": _last_order,
    "first_order": _first_order,
    "orders": lambda p, c, t: _compared(len(_paid(p, c, t)), c),
    "spent": _spent,
    "category": _line(0),
    "product": _line(1),
    "store": lambda p, c, t: any(each.store in c.values for each in _paid(p, c, t)),
    "channel": lambda p, c, t: any(each.channel in c.values for each in _paid(p, c, t)),
    "points": lambda p, c, t: _compared(sum(points for points, _ in p.lots), c),
    "lapsing": _lapsing,
    "tier": lambda p, c, t: p.tier is not None and ((p.tier or "-") in c.values),
    "redeemed": lambda p, c, t: any(
        state in {"captured", "part_reversed"} and _lately(at, c, t) for state, at in p.redeemed
    ),
    "coupon": _coupon,
    "coupon_used": lambda p, c, t: any(
        state == "redeemed" and _lately(at, c, t) for state, at in p.uses
    ),
    "list": _profile(_list),
    "group": _word("customer_group"),
    "loyalty_type": _word("loyalty_type"),
    "value": _number("clv", 100),
    "loyalty_score": _number("loyalty_score"),
    "rain_or_shine": _number("rain_or_shine", 100),
    "churn_risk": _number("churn_risk", 100),
    "chance_to_buy": _number("p_buy", 100),
}
READ = frozenset(_ANSWERS)
