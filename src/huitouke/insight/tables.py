"""Every table of the loop: columns, types, units, keys.

Stages meet only here. A table is declared once; ``docs/tables.md`` is made from this file,
``schema`` turns a declaration into an Ibis schema, and ``check`` holds a real table to it.

Money inside the analysis is an integer count of ten-thousandths of the currency unit
(``_e4``): sums are exact, the same on every engine and in every order of adding. It becomes
a decimal number only at the edge, in the tables that people read. Days are calendar days in
the shop's time zone. ``as_of`` is the last day that is known: everything recorded by the end
of that day, and nothing after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from huitouke.errors import HuitoukeError
from huitouke.language import N_

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

__all__ = [
    "ALL_TABLES",
    "ANSWERS",
    "CATEGORIES",
    "CUSTOMERS",
    "CUSTOMER_KEYS",
    "JUDGED",
    "LINES",
    "OCCASIONS",
    "PANEL",
    "POSTINGS",
    "QUARANTINE",
    "Column",
    "Status",
    "Table",
    "TableInvalid",
]


class Status(StrEnum):
    """What may be said of a number."""

    OK = "ok"
    INSUFFICIENT = "insufficient_evidence"
    NOT_IDENTIFIED = "not_identified"


class TableInvalid(HuitoukeError):
    """A table does not have the columns or types that its declaration promises."""

    code = "tables.invalid"
    says = N_("Table {table}: column {column} should be {expected} but is {found}.")
    remedy = N_("Give the column that name and type, or map it with --map.")


@dataclass(frozen=True)
class Column:
    """One column: its type as Ibis spells it, unit, whether it may be null, one sentence."""

    name: str
    type: str
    meaning: str
    unit: str = ""
    null: bool = False


@dataclass(frozen=True)
class Table:
    """One table of the loop.

    Parameters
    ----------
    name
        The table's name, a plural noun.
    meaning
        One sentence.
    key
        The columns that identify a row.
    columns
        The columns in order.
    """

    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The column names in order."""
        return tuple(column.name for column in self.columns)

    def schema(self) -> ibis.Schema:
        """Return the Ibis schema of the table.

        Examples
        --------
        >>> CUSTOMER_KEYS.schema().names
        ('customer_no', 'customer_id')
        """
        import ibis  # noqa: PLC0415 - half a second, which whoever reads names alone is spared

        return ibis.schema({column.name: column.type for column in self.columns})

    def arrow_schema(self) -> pa.Schema:
        """Return the Arrow schema of the table."""
        return self.schema().to_pyarrow()

    def check(self, names_and_types: Any) -> None:
        """Hold a schema to this declaration: every column there, of the same kind.

        Parameters
        ----------
        names_and_types
            An Ibis schema, or a mapping of name to Ibis type.

        Raises
        ------
        TableInvalid
            At the first column that is missing or of another type.
        """
        found = dict(names_and_types.items())
        for name, expected in self.schema().items():
            actual = found.get(name)
            if actual is None or actual.copy(nullable=True) != expected.copy(nullable=True):
                raise TableInvalid(
                    table=self.name,
                    column=name,
                    expected=str(expected),
                    found="missing" if actual is None else str(actual),
                )


LINES = Table(
    "lines",
    "One line of a file that could be used, typed; the form every source takes first.",
    ("source", "line_number"),
    (
        Column("source", "string", "The file the line came from."),
        Column(
            "line_number", "int64", "The line in that file, counted from 1, header included."
        ),
        Column("customer_id", "string", "The customer as the file names them.", null=True),
        Column("order_id", "string", "The order as the file names it.", null=True),
        Column("ordered_at", "timestamp", "When the order was placed, shop's wall clock."),
        Column("recorded_at", "timestamp", "When the line became known.", null=True),
        Column("amount_e4", "int64", "Net amount paid; negative for a return.", "1/10000"),
        Column("list_e4", "int64", "Amount before any discount.", "1/10000", null=True),
        Column("discount_e4", "int64", "Discount given.", "1/10000", null=True),
        Column("quantity", "float64", "Pieces or measure.", null=True),
        Column("is_return", "boolean", "True for a return or cancellation."),
        Column("product", "string", "The product's code or name.", null=True),
        Column("category", "string", "The product's category.", null=True),
        Column("store", "string", "The store.", null=True),
        Column("channel", "string", "The sales channel.", null=True),
    ),
)

CUSTOMER_KEYS = Table(
    "customer_keys",
    "The dense number that stands for each customer inside the analysis.",
    ("customer_no",),
    (
        Column("customer_no", "int64", "Number from 0, in the order of customer_id as text."),
        Column("customer_id", "string", "The customer as the files name them."),
    ),
)

POSTINGS = Table(
    "postings",
    "What each order came to and when that was known: a row per order and per later return.",
    ("order_no", "recorded_on", "is_return"),
    (
        Column("customer_no", "int64", "The customer."),
        Column("order_no", "int64", "The order, numbered from 0."),
        Column("ordered_on", "date", "The day of the order the posting belongs to."),
        Column(
            "recorded_on", "date", "The day the posting became known (a return: its own day)."
        ),
        Column("is_return", "boolean", "True for a return or cancellation."),
        Column("amount_e4", "int64", "Net amount; negative for a return.", "1/10000"),
        Column(
            "list_e4",
            "int64",
            "Amount before discount; equals amount_e4 where no discount is known.",
            "1/10000",
        ),
        Column("discount_e4", "int64", "Discount; 0 where none is known.", "1/10000"),
        Column(
            "full_price_e4",
            "int64",
            "The part of amount_e4 from lines without discount.",
            "1/10000",
        ),
    ),
)

CATEGORIES = Table(
    "categories",
    "Which categories each customer bought on which day.",
    ("customer_no", "ordered_on", "category"),
    (
        Column("customer_no", "int64", "The customer."),
        Column("ordered_on", "date", "The day."),
        Column("category", "string", "The category."),
    ),
)

OCCASIONS = Table(
    "occasions",
    "One row per customer and day on which something bought was kept, as known by as_of.",
    ("customer_no", "ordered_on"),
    (
        Column("customer_no", "int64", "The customer."),
        Column("ordered_on", "date", "The day; orders of one day are one occasion."),
        Column("orders", "int64", "Orders of the day that were kept."),
        Column("amount_e4", "int64", "Net amount after returns known by as_of.", "1/10000"),
        Column("list_e4", "int64", "Amount before discount.", "1/10000"),
        Column("discount_e4", "int64", "Discount.", "1/10000"),
        Column("full_price_e4", "int64", "Amount from lines without discount.", "1/10000"),
    ),
)

PANEL = Table(
    "panel",
    "One row per customer as of a day: everything orders alone say, before any model.",
    ("customer_no",),
    (
        Column("customer_no", "int64", "The customer."),
        Column("first_order_on", "date", "Day of the first occasion."),
        Column("last_order_on", "date", "Day of the last occasion."),
        Column("repeat_count", "int64", "Occasions after the first (x in the papers)."),
        Column("recency_days", "int64", "Days from first to last occasion (t_x).", "days"),
        Column("tenure_days", "int64", "Days from first occasion to as_of (T).", "days"),
        Column("orders", "int64", "Orders kept."),
        Column("spend_e4", "int64", "Net spend on all occasions.", "1/10000"),
        Column(
            "repeat_spend_e4",
            "int64",
            "Net spend on repeat occasions with a positive amount.",
            "1/10000",
        ),
        Column("repeat_paid_count", "int64", "Repeat occasions with a positive amount."),
        Column("recent_count", "int64", "Occasions in the last 91 days up to as_of."),
        Column("recent_spend_e4", "int64", "Net spend in the last 91 days.", "1/10000"),
        Column("list_e4", "int64", "Amount before discount on all occasions.", "1/10000"),
        Column("discount_e4", "int64", "Discount on all occasions.", "1/10000"),
        Column("full_price_e4", "int64", "Spend from lines without discount.", "1/10000"),
        Column(
            "full_price_count",
            "int64",
            "Occasions bought at full price (discount below the floor).",
        ),
        Column(
            "promo_days_share",
            "float64",
            "Share of the shop's days since the first occasion with a promotion on.",
            null=True,
        ),
        Column(
            "category_count",
            "int64",
            "Different categories bought; null without category data.",
            null=True,
        ),
        Column("gap_mean_days", "float64", "Mean gap between occasions.", "days", null=True),
        Column("gap_last_days", "float64", "The last gap.", "days", null=True),
        Column("gap_previous_days", "float64", "The gap before the last.", "days", null=True),
        Column("returned_count", "int64", "Return postings known by as_of."),
    ),
)

ANSWERS = Table(
    "answers",
    "One reply to one survey question.",
    ("customer_no", "answered_on", "kind"),
    (
        Column(
            "customer_no",
            "int64",
            "The customer; null if the orders do not know them.",
            null=True,
        ),
        Column("customer_id", "string", "The customer as the file names them."),
        Column("answered_on", "date", "The day of the answer."),
        Column(
            "kind",
            "string",
            "nps, satisfaction, expectation, performance, disconfirmation, or type_<name>.",
        ),
        Column("score", "float64", "The score as given.", null=True),
        Column("text", "string", "The words, if any.", null=True),
    ),
)

QUARANTINE = Table(
    "quarantine",
    "Rows that could not be used, each with its place and the reason.",
    ("source", "line_number"),
    (
        Column("source", "string", "The file."),
        Column(
            "line_number", "int64", "The line in the file, counted from 1, header included."
        ),
        Column("column", "string", "The column at fault, as the file names it."),
        Column("value", "string", "What stood there, cut to 80 characters.", null=True),
        Column("reason", "string", "A stable code."),
        Column("explanation", "string", "The reason in the reader's language."),
    ),
)


def _judged() -> tuple[Column, ...]:
    share = "0 to 1"
    money = "currency"
    interval = "80 % interval"
    rows: list[tuple[str, str, str, str]] = [
        ("full_price_share", "float64", "Share of spend from lines without discount.", share),
        (
            "p_alive",
            "float64",
            "Chance of still being a customer who will buy again some day.",
            share,
        ),
        ("p_buy", "float64", "Chance of at least one purchase within the horizon.", share),
        (
            "p_buy_lo",
            "float64",
            f"Lower end of p_buy ({interval} of the mean of like customers).",
            share,
        ),
        (
            "p_buy_hi",
            "float64",
            f"Upper end of p_buy ({interval} of the mean of like customers).",
            share,
        ),
        (
            "orders_expected",
            "float64",
            "Expected purchase occasions within the horizon.",
            "occasions",
        ),
        (
            "orders_expected_lo",
            "float64",
            f"Lower end ({interval}) of what this customer will do.",
            "occasions",
        ),
        (
            "orders_expected_hi",
            "float64",
            f"Upper end ({interval}) of what this customer will do.",
            "occasions",
        ),
        ("spend_expected", "float64", "Expected spend within the horizon.", money),
        (
            "clv",
            "float64",
            "Expected discounted margin from as_of on, over the value calendar.",
            money,
        ),
        (
            "clv_lo",
            "float64",
            f"Lower end ({interval}) of what this customer will bring.",
            money,
        ),
        (
            "clv_hi",
            "float64",
            f"Upper end ({interval}) of what this customer will bring.",
            money,
        ),
        (
            "churn_risk",
            "float64",
            "Chance of no purchase within the horizon, from the churn model.",
            share,
        ),
        (
            "customer_group",
            "string",
            "stranger, butterfly, true_friend, barnacle or borderline.",
            "",
        ),
        ("p_stranger", "float64", "Chance of low profit and low projected loyalty.", share),
        ("p_butterfly", "float64", "Chance of high profit and low projected loyalty.", share),
        (
            "p_true_friend",
            "float64",
            "Chance of high profit and high projected loyalty.",
            share,
        ),
        ("p_barnacle", "float64", "Chance of low profit and high projected loyalty.", share),
        (
            "loyalty_type",
            "string",
            "forced, nostalgic, inertia, benefit, experience, identity, none or mixed(a,b).",
            "",
        ),
        (
            "loyalty_type_confidence",
            "float64",
            "Chance that the type is right, by expert defaults until labels are given.",
            share,
        ),
        (
            "rain_or_shine",
            "float64",
            "Share of purchases that would remain without promotions.",
            share,
        ),
        ("rain_or_shine_lo", "float64", f"Lower end of rain_or_shine ({interval}).", share),
        ("rain_or_shine_hi", "float64", f"Upper end of rain_or_shine ({interval}).", share),
        (
            "loyalty_score",
            "float64",
            "100 x calibrated chance of a full-price purchase within the horizon.",
            "0 to 100",
        ),
        (
            "loyalty_score_lo",
            "float64",
            f"Lower end of loyalty_score ({interval}).",
            "0 to 100",
        ),
        (
            "loyalty_score_hi",
            "float64",
            f"Upper end of loyalty_score ({interval}).",
            "0 to 100",
        ),
    ]
    return tuple(Column(n, t, m, u, null=True) for n, t, m, u in rows)


#: The judged quantities: each has its own ``<name>_status`` column beside it.
JUDGED: tuple[str, ...] = (
    "full_price_share",
    "p_alive",
    "p_buy",
    "orders_expected",
    "spend_expected",
    "clv",
    "churn_risk",
    "customer_group",
    "p_barnacle",
    "loyalty_type",
    "rain_or_shine",
    "loyalty_score",
)

CUSTOMERS = Table(
    "customers",
    "What analyze says of each customer: one row per customer as of a day.",
    ("customer_id", "as_of"),
    (
        Column("customer_id", "string", "The customer as the files name them."),
        Column("as_of", "date", "The last day that is known."),
        Column("first_order_on", "date", "Day of the first order kept."),
        Column("last_order_on", "date", "Day of the last order kept."),
        Column("repeat_count", "int64", "Purchase occasions (days) after the first."),
        Column("recency_days", "int64", "Days from first to last occasion.", "days"),
        Column("tenure_days", "int64", "Days from first occasion to as_of.", "days"),
        Column("spend_total", "float64", "Net spend.", "currency"),
        Column("spend_mean", "float64", "Net spend per occasion.", "currency"),
        *_judged(),
        *(
            Column(
                f"{name}_status",
                "string",
                f"ok, insufficient_evidence or not_identified, for {name}.",
            )
            for name in JUDGED
        ),
    ),
)

ALL_TABLES: tuple[Table, ...] = (
    LINES,
    QUARANTINE,
    CUSTOMER_KEYS,
    POSTINGS,
    CATEGORIES,
    ANSWERS,
    OCCASIONS,
    PANEL,
    CUSTOMERS,
)
