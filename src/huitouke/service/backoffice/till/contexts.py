"""What the templates of the counter receive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.forms import Form

from huitouke.service.backoffice.customers.contexts import Person, RowShown
from huitouke.service.backoffice.customers.orders import LineShown, OrderShown
from huitouke.service.backoffice.customers.parts import StampShown
from huitouke.service.backoffice.till.parts import ShownRow, Warning
from huitouke.service.orders.amounts import GivenBack
from huitouke.service.ui.reader import current

__all__ = [
    "CodeShown",
    "FindPage",
    "GoodsLine",
    "MemberPage",
    "NewPage",
    "OfferShown",
    "OrderPage",
    "OrderRow",
    "PricedShown",
    "RedeemPage",
    "RefundPage",
    "RewardsPage",
    "Typed",
]


@dataclass(frozen=True)
class FindPage:
    """Find a member, what a member redeemed, or an order to return.

    Parameters
    ----------
    text, found
        What was typed, and the customers whom that may mean.
    shown, coupon, unknown_code
        What it may mean as a code of something redeemed; the coupon that it is, of which
        nobody is the owner; whether it is shaped like a code that nothing has.
    number, orders
        Of a receipt, and the orders with that number.
    new_url, may_enrol
        For who is not known yet.
    """

    text: str
    found: tuple[RowShown, ...]
    shown: tuple[ShownRow, ...]
    coupon: str
    unknown_code: bool
    number: str
    orders: tuple[OrderRow, ...]
    new_url: str
    may_enrol: bool


@dataclass(frozen=True)
class OrderRow:
    """One order of a list."""

    url: str
    number: str
    at: datetime
    total_minor: int
    currency: str
    state: str


@dataclass(frozen=True)
class NewPage:
    """A new member on the spot.

    Parameters
    ----------
    form, key
        The form.
    asks, otherwise, otherwise_in
        What is asked before a box is ticked, the same in the other language, and which that
        is.
    """

    form: Form
    key: str
    asks: str
    otherwise: str
    otherwise_in: str


@dataclass(frozen=True)
class OfferShown:
    """One reward as the member sees it.

    Parameters
    ----------
    name, cost, cash_minor
        What it is, how many points it costs, and how much money beside.
    url
        Where it is redeemed; empty where it is not within reach.
    missing
        Points that are missing.
    why_not
        What else stands in the way; empty if only points do.
    """

    name: str
    cost: int
    cash_minor: int
    url: str
    missing: int
    why_not: str


@dataclass(frozen=True)
class CodeShown:
    """What is to be said of one code of the sale."""

    code: str
    discount_minor: int
    why_not: str


@dataclass(frozen=True)
class PricedShown:
    """What a sale comes to and earns.

    Parameters
    ----------
    due_minor, goods_minor, discount_minor, by_points_minor, points
        What is to pay, and how it comes about.
    earns
        Points that it gives, by unit in words.
    effects, misses
        Sentences: what it gives and why; what it does not and why not.
    codes
        Of the sale.
    usable
        Whether it can be recorded as it stands.
    """

    due_minor: int
    goods_minor: int
    discount_minor: int
    by_points_minor: int
    points: int
    earns: tuple[tuple[str, int], ...]
    effects: tuple[str, ...]
    misses: tuple[str, ...]
    codes: tuple[CodeShown, ...]
    usable: bool


@dataclass(frozen=True)
class Typed:
    """One field of the sale: its name, what was typed, and what is wrong with it."""

    name: str
    value: str
    error: str


@dataclass(frozen=True)
class MemberPage:
    """The member who stands at the counter.

    Parameters
    ----------
    person, joined
        Who, and whether they are a member.
    says, ways
        What they get, in one breath; what keeps and reaches tiers.
    active, pending, unit
        Points to spend and pending ones.
    next_points, next_through
        What lapses first.
    money
        Stored value: what it is called, and minor units.
    warnings
        What is about to be lost.
    form, priced, key
        The sale: its form, what it comes to (none before an amount was typed), its key.
    offers, offers_all, coupons, cards, orders
        The rewards to name first and how many there are in all, what else they may have, and
        what they bought last.
    may_enrol
        Whether who serves may enrol.
    enrol_key
        Key of that form.
    takes_points
        Whether the programme takes points as part of a payment.
    amount, goods, has_goods
        What was typed as amount, and of goods, row by row: article, pieces, amount; whether
        there are goods.
    sent
        Names and values of what was worked out, for the form that records it.
    """

    person: Person
    joined: bool
    says: str
    ways: tuple[str, ...]
    unit: str
    active: int
    pending: int
    next_points: int
    next_through: date | None
    money: tuple[tuple[str, int], ...]
    warnings: tuple[Warning, ...]
    form: Form
    priced: PricedShown | None
    key: str
    offers: tuple[OfferShown, ...]
    offers_all: int
    coupons: tuple[tuple[str, str], ...]
    cards: tuple[StampShown, ...]
    orders: tuple[OrderRow, ...]
    may_enrol: bool
    enrol_key: str
    takes_points: bool
    amount: Typed
    goods: tuple[tuple[Typed, ...], ...] = ()
    has_goods: bool = False
    sent: tuple[tuple[str, str], ...] = ()

    @property
    def unpriced(self) -> bool:
        """Whether the amount is what comes next."""
        return self.priced is None

    @property
    def due(self) -> str:
        """What is to pay, written out."""
        return "" if self.priced is None else current().money(self.priced.due_minor)


@dataclass(frozen=True)
class RedeemPage:
    """A reward before it is redeemed."""

    person: Person
    back_url: str
    offer: OfferShown
    unit: str
    active: int
    left: int
    warnings: tuple[Warning, ...]
    key: str
    wrong: str = ""


@dataclass(frozen=True)
class RewardsPage:
    """All rewards of the shop, as the member sees them.

    Parameters
    ----------
    person, back_url
        Who stands there, and the page of theirs.
    text
        What was looked for; empty: all are shown.
    offers
        Those found, what can be handed over now first.
    """

    person: Person
    back_url: str
    text: str
    offers: tuple[OfferShown, ...]


@dataclass(frozen=True)
class GoodsLine(LineShown):
    """One line of an order, and how much of it comes back.

    Parameters
    ----------
    left_minor, left
        What has not come back yet, in money and in pieces.
    several
        Whether a part of it may come back.
    chosen
        Whether it is to come back now; of several, some of it.
    typed, wrong
        Of several: how many were typed, and what is wrong with that.
    """

    left_minor: int
    left: str
    several: bool
    chosen: bool = False
    typed: str = ""
    wrong: str = ""

    @property
    def field(self) -> str:
        """Name of the field in which a number of pieces is typed."""
        return f"pieces{self.position}"


@dataclass(frozen=True)
class OrderPage:
    """One order at the counter.

    Parameters
    ----------
    order
        What was sold, and what it brought.
    lines
        With what may come back of them.
    person, member_url
        Whose, and where that member is served; none and empty for nobody's.
    refund_url
        Where it comes back; empty where nothing is left.
    """

    order: OrderShown
    lines: tuple[GoodsLine, ...]
    person: Person | None
    member_url: str
    refund_url: str

    @property
    def has_ticks(self) -> bool:
        """Whether any line comes back as a whole or not at all."""
        return any(each.left_minor and not each.several for each in self.lines)


@dataclass(frozen=True)
class RefundPage:
    """A return before it is recorded.

    Parameters
    ----------
    order
        What was sold.
    back_url
        To the order.
    back
        What is given back, and in which ways; none before lines were chosen.
    effects
        Sentences: what the return does to points, codes and tier.
    warnings
        What is about to be lost.
    key, whole, wrong
        Of the form, whether everything comes back, and why it was not done.
    """

    order: OrderPage
    back_url: str
    back: GivenBack | None
    effects: tuple[str, ...]
    warnings: tuple[Warning, ...]
    key: str
    whole: bool = False
    wrong: str = ""

    @property
    def amount(self) -> str:
        """What is given back in money, written out."""
        minor = None if self.back is None else self.back.money_minor
        return current().money(minor, currency=self.order.order.currency)
