"""Loops of coupon codes: what can be had for nothing by putting codes together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from huitouke.language import N_
from huitouke.service.programme.economics.loops.case import CHEAPEST_MINOR, Case, CodeTerms
from huitouke.service.programme.economics.loops.finding import Finding, Step
from huitouke.service.programme.rewards.stacking import CODES_MOST, Discounts, Offer, apply
from huitouke.service.programme.rules.cart import Cart, CartLine

__all__ = ["free_by_codes"]

_TOGETHER = 3
_OFFERS_MOST = 24
_SHARE = 10_000


def free_by_codes(case: Case) -> Iterator[Finding]:
    """Find carts that codes make free: several together, or one that never runs out.

    Parameters
    ----------
    case
        What is looked at.
    """
    for terms in case.codes:
        alone = _free([terms.offer], case=case)
        if alone is not None and terms.endless and terms.per_code is None:
            yield _found(case, alone, kind="code_free")
    for offers in _together(case.codes):
        found = _free(offers, case=case)
        if found is not None:
            yield _found(case, found, kind="codes_free")
            return


def _together(codes: Sequence[CodeTerms]) -> Iterator[list[Offer]]:
    """Give sets of codes that one member may bring to one order."""
    for terms in codes:
        # A shared code is typed once; unique ones of one campaign are as many as one has.
        if terms.per_code is not None:
            most = min(CODES_MOST, terms.per_member or CODES_MOST)
            for count in range(2, most + 1):
                yield [_copy(terms.offer, number=n) for n in range(count)]
    offers = [terms.offer for terms in codes[:_OFFERS_MOST]]
    for count in range(2, _TOGETHER + 1):
        yield from (list(each) for each in combinations(offers, count))
    if len(offers) > _TOGETHER:
        yield offers[:CODES_MOST]


def _copy(offer: Offer, *, number: int) -> Offer:
    return replace(offer, code=f"{offer.code}#{number + 1}")


def _free(offers: Sequence[Offer], *, case: Case) -> tuple[Cart, Discounts] | None:
    """Return the dearest cart that these codes make free, and what each takes off."""
    best: tuple[Cart, Discounts] | None = None
    for amount in sorted(_amounts(offers)):
        cart = _cart(offers, amount=amount, case=case)
        found = apply(cart, offers=offers)
        together = len(found.applied) == len(offers)
        if together and sum(found.lines.values()) >= amount:
            best = (cart, found)
    return best


def _amounts(offers: Sequence[Offer]) -> set[int]:
    """Return amounts at which these codes begin or end to be worth the whole cart."""
    least = max(CHEAPEST_MINOR, *(offer.min_spend_minor for offer in offers))
    fixed = sum(offer.value for offer in offers if offer.kind == "amount")
    share = min(_SHARE, sum(offer.value for offer in offers if offer.kind == "percent"))
    found = {least, max(least, fixed)}
    if share < _SHARE:
        found.add(max(least, fixed * _SHARE // (_SHARE - share)))
    return {amount for amount in found if amount >= CHEAPEST_MINOR}


def _cart(offers: Sequence[Offer], *, amount: int, case: Case) -> Cart:
    line = {"sku": next((offer.sku for offer in offers if offer.kind == "product"), "")}
    for offer in offers:
        include = None if offer.scope is None else offer.scope.include
        if include is None:
            continue
        for name, values in (
            ("sku", include.skus),
            ("category", include.categories),
            ("brand", include.brands),
        ):
            if values and not line.get(name):
                line[name] = values[0]
                break
    goods = CartLine(
        position=1,
        amount_minor=amount,
        sku=line["sku"],
        category=line.get("category", ""),
        brand=line.get("brand", ""),
    )
    return Cart(lines=(goods,), currency=case.definition.currency)


def _found(case: Case, found: tuple[Cart, Discounts], *, kind: str) -> Finding:
    cart, discounts = found
    worth = sum(line.amount_minor for line in cart.lines)
    names = tuple(applied.code for applied in discounts.applied)
    steps = [
        Step(
            says=N_("Use {code}: {off_minor} off."),
            values={"code": applied.code, "off_minor": applied.amount_minor},
            cart=cart if place == 0 else None,
        )
        for place, applied in enumerate(discounts.applied)
    ]
    several = len(names) > 1
    return Finding(
        kind=kind,
        severity="high" if several else "critical",
        gain_minor=worth,
        rules=tuple(dict.fromkeys(name.partition("#")[0] for name in names)),
        steps=tuple(steps),
        says=N_("The codes {codes} together make a cart of {gain_minor} free.")
        if several
        else N_(
            "The code {codes} makes a cart of {gain_minor} free, for anybody, in every order."
        ),
        values={"codes": ", ".join(names)},
        currency=case.definition.currency,
    )
