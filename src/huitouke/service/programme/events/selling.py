"""A sale at the counter in one go: codes checked, points set aside, the order told as a fact.

The order's number is the name of the fact, too: the same sale told twice counts once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from huitouke.language import N_, Language, words
from huitouke.service.core.actor import Actor
from huitouke.service.core.errors import ServiceError
from huitouke.service.core.ids import public_id
from huitouke.service.programme.events.carts import cart_of
from huitouke.service.programme.events.facts import FACT
from huitouke.service.programme.events.order_facts import FactLine, FactOrder
from huitouke.service.programme.events.quotes import Quote, quote
from huitouke.service.programme.events.record import record
from huitouke.service.programme.events.results import FactResult
from huitouke.service.programme.rewards.code_text import plain
from huitouke.service.programme.rewards.part_payment import PartPayment, part_payment
from huitouke.service.programme.rewards.redemptions import redeem
from huitouke.service.programme.rewards.sentences import code_reason
from huitouke.service.programme.rewards.validation import Validation, validate
from huitouke.service.programme.versions import queries as versions

__all__ = [
    "SOURCE",
    "Basket",
    "CodesNotUsable",
    "Priced",
    "ReturnNotRecorded",
    "SaleNotRecorded",
    "price",
    "sell",
]

#: Source of what is told at the counter.
SOURCE = "till"
#: What a line is called whose goods nobody typed in.
_GOODS = "counter"


class _ToldInWords(ServiceError):
    """An error whose reason comes as a sentence in each language."""

    def text(self, language: Language) -> str:
        """Return the sentence with the reason in the reader's own words.

        Parameters
        ----------
        language
            Of the reader.
        """
        because = self.values["because"]
        own = because.get(language) or because.get("zh") or because["en"]
        reader = words(language)
        values = {**self.values, "because": own}
        parts = [reader.say(each, **values) for each in (self.says, self.remedy)]
        return (" " if language == "en" else "").join(parts)


class CodesNotUsable(_ToldInWords):
    """A code of the sale cannot be used."""

    code = "programme.sale_code_not_usable"
    status = 422
    says = N_("The code {coupon} cannot be used: {because}.")
    remedy = N_("Take it out of the sale, or ask the customer for another one.")


class SaleNotRecorded(_ToldInWords):
    """The rules or the order itself stood in the way."""

    code = "programme.sale_not_recorded"
    status = 422
    says = N_("The sale was not recorded: {because}")
    remedy = N_("Nothing was booked. Mend what is named, and record the sale again.")


class ReturnNotRecorded(_ToldInWords):
    """The order itself stood in the way of a return."""

    code = "programme.return_not_recorded"
    status = 422
    says = N_("The return was not recorded: {because}")
    remedy = N_("Nothing was booked. Look at what has come back already.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Basket:
    """What is on the counter.

    Parameters
    ----------
    lines
        Goods with their amounts; of a bare amount, see :meth:`of_amount`.
    currency
        ISO 4217 code.
    codes
        Coupon codes as they were typed.
    points
        Points the member wants to pay with; 0 is none.
    store
        Code of the shop; empty where there is one only.
    """

    lines: tuple[FactLine, ...]
    currency: str = "CNY"
    codes: tuple[str, ...] = ()
    points: int = 0
    store: str = ""

    @classmethod
    def of_amount(cls, amount_minor: int, **more: Any) -> Basket:
        """Return a basket of which only the amount is known.

        Parameters
        ----------
        amount_minor
            What it costs.
        **more
            As for the basket.
        """
        return cls(lines=(FactLine(sku=_GOODS, amount_minor=amount_minor),), **more)

    def order(self, number: str, **more: Any) -> FactOrder:
        """Return it as a till would tell it.

        Parameters
        ----------
        number
            Of the order.
        **more
            Discount, points, redemptions.
        """
        return FactOrder(
            number=number,
            currency=self.currency,
            lines=self.lines,
            store=self.store,
            channel=SOURCE,
            coupons=tuple(plain(each) for each in self.codes),
            **more,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Priced:
    """What a basket comes to.

    Parameters
    ----------
    goods_minor, discount_minor, by_points_minor, due_minor
        What the goods cost, what codes take off, what points pay, what is left to pay.
    points
        Points that this really takes.
    codes
        What is to be said of each code.
    quote
        What it would earn.
    """

    goods_minor: int
    discount_minor: int
    by_points_minor: int
    due_minor: int
    points: int
    codes: Validation
    quote: Quote


def price(
    basket: Basket, *, customer: UUID | None, now: datetime, programme: str = "main"
) -> Priced:
    """Return what a basket comes to and would earn; nothing is written.

    Parameters
    ----------
    basket
        What is on the counter.
    customer
        Whose; any id the person ever had, or none.
    now
        The present moment.
    programme
        Code of the programme.

    Raises
    ------
    CustomerUnknown, CustomerErased
        If there is no such person, or no more.
    NothingPublished
        If the programme has no rules.
    """
    verdicts = _checked(basket, customer=customer, now=now, programme=programme)
    discount = verdicts.discounts.total_minor
    goods = sum(line.amount_minor for line in basket.lines)
    pays = _points(basket, order_minor=goods - discount, now=now, programme=programme)
    order = basket.order(
        "quote", discount_minor=discount, paid_by_points_minor=pays.worth_minor
    )
    return Priced(
        goods_minor=goods,
        discount_minor=discount,
        by_points_minor=pays.worth_minor,
        due_minor=goods - discount - pays.worth_minor,
        points=pays.points,
        codes=verdicts,
        quote=quote(order, now=now, customer=customer, programme=programme),
    )


def sell(
    basket: Basket,
    *,
    customer: UUID | None,
    number: str,
    at: datetime,
    actor: Actor,
    programme: str = "main",
) -> FactResult:
    """Record a sale: its codes are used, its points spent, and what it earns is credited.

    Parameters
    ----------
    basket
        What was sold.
    customer
        To whom; none for somebody who stays unknown.
    number
        Of the order, unique for ever: the key under which the sale counts once.
    at, actor
        When, and who sells.
    programme
        Code of the programme.

    Raises
    ------
    CodesNotUsable
        If a code cannot be used.
    Refused
        If points cannot pay as asked.
    SaleNotRecorded
        If the order cannot be recorded.
    """
    with transaction.atomic():
        verdicts = _checked(basket, customer=customer, now=at, programme=programme)
        for verdict in verdicts.verdicts:
            if not verdict.ok:
                raise CodesNotUsable(coupon=verdict.code, because=code_reason(verdict.reason))
        discount = verdicts.discounts.total_minor
        more: dict[str, Any] = {"discount_minor": discount}
        if basket.points and customer is not None:
            goods = sum(line.amount_minor for line in basket.lines)
            made = redeem(
                customer,
                programme=programme,
                key=f"{SOURCE}:{number}",
                actor=actor,
                at=at,
                points=basket.points,
                order_minor=goods - discount,
            )
            more |= {
                "paid_by_points_minor": made.worth_minor,
                "redemptions": (public_id("rdm", made.id),),
            }
        fact = FACT.validate_python(
            {
                "type": "order.paid",
                "source": SOURCE,
                "source_id": number,
                "occurred_at": at,
                "programme": programme,
                "customer": None if customer is None else {"id": public_id("cus", customer)},
                "order": basket.order(number, **more),
            }
        )
        told = record([fact], actor=actor)[0]
        if told.status in {"invalid", "refused"}:
            raise SaleNotRecorded(because=told.says or {"en": told.code, "zh": told.code})
    return told


def _checked(
    basket: Basket, *, customer: UUID | None, now: datetime, programme: str
) -> Validation:
    return validate(
        basket.codes,
        programme=programme,
        cart=cart_of(basket.order("quote")),
        at=now,
        customer=customer,
    )


def _points(basket: Basket, *, order_minor: int, now: datetime, programme: str) -> PartPayment:
    """Return what points pay of an order; nothing where the programme takes none."""
    nothing = PartPayment(points=0, worth_minor=0)
    if not basket.points:
        return nothing
    burn = versions.current(programme, at=now)[1].burn
    if burn is None:
        return nothing
    return part_payment(basket.points, burn=burn, order_minor=order_minor)
