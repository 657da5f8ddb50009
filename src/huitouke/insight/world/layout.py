"""The tables of a simulated world: what the shop sees, and, apart from it, the truth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from huitouke.insight.tables import Column, Table
from huitouke.insight.world.scenarios import ARMS, NEEDS

__all__ = ["SHOP_TABLES", "TRUTH_TABLES", "codes", "picked", "table_of", "texts"]


def _c(name: str, kind: str, meaning: str, unit: str = "") -> Column:  # noqa: PLR0917
    return Column(name, kind, meaning, unit, null=True)


_CUSTOMER = _c("customer_id", "string", "The customer.")

#: What the shop could export: none of these columns knows more than the shop does.
SHOP_TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table(
            "orders",
            "One line per order line and per later return, in the order they were recorded.",
            ("order_id", "category", "status"),
            (
                _c("order_id", "string", "The order; its lines and returns share it."),
                _CUSTOMER,
                _c("ordered_at", "timestamp", "When the order was placed, wall clock."),
                _c("amount", "float64", "Amount paid; negative for a return.", "currency"),
                _c("list_amount", "float64", "Amount before discount.", "currency"),
                _c("discount", "float64", "Discount given.", "currency"),
                _c("category", "string", "The category of the line."),
                _c("store", "string", "The store; one store is one region."),
                _c("channel", "string", "store, web or app."),
                _c("status", "string", "completed or returned."),
                _c("recorded_at", "timestamp", "When the line became known."),
            ),
        ),
        Table(
            "customers",
            "The shop's register of those who bought: what a till or an app would know.",
            ("customer_id",),
            (
                _CUSTOMER,
                _c("birth_year", "int64", "Year of birth."),
                _c("household_id", "string", "The household."),
                _c("enrolled", "boolean", "Whether a member of the programme."),
                _c("contract", "boolean", "Whether a contract was signed."),
                _c("contract_until", "date", "Day the contract ends, if it ends."),
                _c("first_in_category", "boolean", "Whether their first shop of the kind."),
                _c("public_badge", "boolean", "Whether they show their status in public."),
                _c("deep_use", "boolean", "Whether they use advanced features."),
                _c("visits_13w", "int64", "Visits and opens in the last 13 weeks."),
            ),
        ),
        Table(
            "answers",
            "One answer to one survey question.",
            ("customer_id", "date", "kind"),
            (
                _CUSTOMER,
                _c("date", "date", "The day of the answer."),
                _c("kind", "string", "The question: nps, satisfaction, expectation, ..."),
                _c("score", "float64", "The score given."),
                _c("text", "string", "The words, if any."),
            ),
        ),
        Table(
            "contacts",
            "One customer in one campaign, those left alone included.",
            ("campaign", "customer_id"),
            (
                _c("campaign", "string", "The campaign."),
                _CUSTOMER,
                _c("contacted_at", "timestamp", "When it was sent, or would have been."),
                _c("arm", "string", "What was done: " + ", ".join(ARMS) + "."),
                _c(
                    "propensity", "float64", "The logged chance of that arm; null: none logged."
                ),
            ),
        ),
        Table(
            "complaints",
            "One complaint about one order.",
            ("complaint_id",),
            (
                _c("complaint_id", "string", "The complaint."),
                _CUSTOMER,
                _c("order_id", "string", "The order it is about."),
                _c("complained_at", "timestamp", "When it was made."),
                _c("resolved_at", "timestamp", "When it was put right; null if never."),
                _c("outcome", "string", "recovered or unrecovered."),
            ),
        ),
        Table(
            "referrals",
            "One invitation by a customer.",
            ("referral_id",),
            (
                _c("referral_id", "string", "The invitation."),
                _c("referrer_id", "string", "Who invited."),
                _c("referred_id", "string", "Who became a customer; null if nobody did."),
                _c("referred_at", "timestamp", "When."),
            ),
        ),
        Table(
            "programme",
            "One event on a member's points.",
            ("customer_id", "happened_at", "kind"),
            (
                _CUSTOMER,
                _c("happened_at", "timestamp", "When."),
                _c("kind", "string", "enrol, earn, redeem, expire, silver or gold."),
                _c("points", "int64", "Points added, or taken if negative."),
                _c("balance", "int64", "Points after the event."),
                _c("order_id", "string", "The order that earned them, if any."),
            ),
        ),
    )
}

#: What only the simulation knows.
TRUTH_TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table(
            "truth_customers",
            "What each simulated customer really is, and what their future really holds.",
            ("customer_id",),
            (
                _CUSTOMER,
                _c("type", "string", "Loyalty type; null in W0."),
                *(_c(f"need_{need}", "float64", "Need; the four sum to 1.") for need in NEEDS),
                _c("need_rate", "float64", "Needs per week (W0: purchases, lambda)."),
                _c(
                    "dropout_rate", "float64", "Hazard of leaving per week at the end (W0: mu)."
                ),
                _c("regularity", "int64", "Erlang stages of the gap between needs."),
                _c("choice_intercept", "float64", "Logit of choosing the shop."),
                _c("price_slope", "float64", "Logits per unit of own discount."),
                _c("switching_cost", "float64", "Barrier to leaving at the end."),
                _c("attitude", "float64", "Usual attitude."),
                _c("attitude_end", "float64", "Attitude at the end."),
                _c("deferral", "float64", "Chance that a need waits for a promotion."),
                _c("mean_basket", "float64", "Mean list basket.", "currency"),
                _c("joined_on", "date", "First day as a possible customer."),
                _c("alive", "boolean", "Whether still a customer at the end."),
                _c("dropout_on", "date", "Day of leaving for good; null if alive."),
                _c("purchases", "int64", "Purchases made, repeats and doubles of rows aside."),
                _c("p_full_price_13w", "float64", "P(purchase in 13 weeks, no promotion)."),
                _c(
                    "p_full_price_usual_13w",
                    "float64",
                    "P(purchase in a week without promotion in 13 weeks, usual promotions).",
                ),
                _c("p_any_13w", "float64", "P(purchase in 13 weeks, usual promotions)."),
                _c(
                    "orders_13w", "float64", "Expected purchases in 13 weeks, usual promotions."
                ),
                _c("clv_52w", "float64", "Expected discounted margin, 52 weeks.", "currency"),
                _c("ros", "float64", "Purchases without promotions / with them, while alive."),
                *(
                    _c(f"tau_{arm}", "float64", "Change of P(alive in 13 weeks) if contacted.")
                    for arm in ARMS[1:]
                ),
                _c("sow", "float64", "Share of met needs that the shop met, while alive."),
                _c("margin_total", "float64", "Margin so far, service aside.", "currency"),
                _c("service_cost", "float64", "Cost to serve so far.", "currency"),
                _c("refers", "boolean", "Whether of those who refer."),
                _c("referred_as", "string", "type_1 (else would not be here), type_2 or null."),
                _c("crv", "float64", "Value of the referrals made.", "currency"),
                _c("crv_type", "string", "champion, affluent, advocate or miser."),
            ),
        ),
        Table(
            "truth_failures",
            "Every failure of service, voiced or silent.",
            ("order_id",),
            (
                _CUSTOMER,
                _c("order_id", "string", "The order."),
                _c("failed_at", "timestamp", "When."),
                _c("outcome", "string", "silent, unrecovered or recovered."),
                _c("effect", "float64", "What it did to attitude."),
            ),
        ),
        Table(
            "truth_referrals",
            "The graph of referrals that brought somebody.",
            ("referred_id",),
            (
                _c("referrer_id", "string", "Who referred."),
                _c("referred_id", "string", "Who joined."),
                _c("kind", "string", "type_1: caused; type_2: would have joined anyway."),
            ),
        ),
        Table(
            "truth_aliases",
            "Second identities of one and the same customer.",
            ("alias_id",),
            (
                _c("alias_id", "string", "The second identity in the files."),
                _CUSTOMER,
            ),
        ),
        Table(
            "truth_calendar",
            "What happened to everybody, by week and store.",
            ("week", "store"),
            (
                _c("week", "int64", "Week from 0; beyond the log: the future used above."),
                _c("store", "string", "The store."),
                _c("promotion", "float64", "Depth of the shop's promotion."),
                _c("rival", "float64", "Depth of the rival's promotion."),
                _c("outage", "boolean", "Whether service failed that week."),
                _c("price", "float64", "Price level."),
            ),
        ),
        Table(
            "truth_counts",
            "What was counted while the files were made.",
            ("name",),
            (
                _c("name", "string", "What was counted, or the parameter's name."),
                _c("value", "float64", "How many, or the parameter's value."),
            ),
        ),
    )
}


def table_of(table: Table, *, columns: Mapping[str, Any]) -> pa.Table:
    """Return an Arrow table with the declared columns; those not given are null.

    Parameters
    ----------
    table
        The declaration.
    columns
        Arrays by column name, all of one length.
    """
    schema = table.arrow_schema()
    rows = max((len(column) for column in columns.values()), default=0)
    arrays = [
        _array(columns[field.name], kind=field.type)
        if field.name in columns
        else pa.nulls(rows, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(arrays, names=schema.names)


def _array(values: Any, *, kind: pa.DataType) -> pa.Array:
    array = values if isinstance(values, pa.Array) else pa.array(values)
    if array.type == kind:
        return array
    if pa.types.is_timestamp(kind):
        return pc.multiply(array.cast(pa.int64()), 1_000_000).cast(kind)
    if pa.types.is_date(kind):
        return array.cast(pa.int32()).cast(kind)
    return array.cast(kind)


def codes(letter: str, *, numbers: npt.NDArray[np.int64], width: int = 6) -> pa.Array:
    """Return text keys such as C000012; a negative number gives null.

    Parameters
    ----------
    letter
        What the key begins with.
    numbers
        The numbers, from 0; the key counts from 1.
    width
        Digits, with zeros before.

    Examples
    --------
    >>> codes("C", numbers=np.array([11, -1])).to_pylist()
    ['C000012', None]
    """
    shown = pa.array(numbers + 1, mask=numbers < 0).cast(pa.string())
    padded = pc.utf8_lpad(shown, width=width, padding="0")
    return pc.binary_join_element_wise(pa.scalar(letter), padded, "")


def picked(names: tuple[str, ...], *, index: npt.NDArray[np.int64]) -> pa.Array:
    """Return the name at each index as text; a negative index gives null.

    Parameters
    ----------
    names
        The names.
    index
        Positions in ``names``.

    Examples
    --------
    >>> picked(("a", "b"), index=np.array([1, -1])).to_pylist()
    ['b', None]
    """
    return pa.array(list(names), pa.string()).take(pa.array(index, mask=index < 0))


def texts(value: str, *, rows: int) -> pa.Array:
    """Return one text repeated.

    Parameters
    ----------
    value
        The text.
    rows
        How often.
    """
    return pa.repeat(pa.scalar(value, pa.string()), rows)
