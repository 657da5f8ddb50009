"""What customer equity rests on: who holds it, by purchases so far, and what it is made of."""

from __future__ import annotations

from huitouke.insight.report.options import ACCENT, Chart, columns_with_intervals
from huitouke.insight.report.picture import Equity, Holder
from huitouke.insight.report.reader import Reader
from huitouke.language import N_

__all__ = ["equity_drivers"]


def equity_drivers(equity: Equity, *, margin: float, reader: Reader) -> Chart:
    """Return the equity by number of purchases so far, with what all of it is made of."""
    shown = equity.holders
    most = max(shown, key=lambda holder: holder.share)
    title = reader.say(
        N_("Customers with {purchases} hold {share} of what all are worth."),
        purchases=_purchases(most, reader),
        share=reader.percent(most.share),
    )
    note = reader.join((_made_of(equity, margin, reader), _shown(shown, reader)))
    names = [_purchases(holder, reader) for holder in shown]
    values = [holder.value.value or 0.0 for holder in shown]
    texts = [reader.prose(value) for value in values]
    option = columns_with_intervals(
        names=names,
        values=values,
        labels=texts,
        tips=[
            reader.join((f"{name}: {text}", reader.interval(holder.value, how="prose")))
            for name, text, holder in zip(names, texts, shown, strict=True)
        ],
        ends=[
            (at, holder.value.lo, holder.value.hi)
            for at, holder in enumerate(shown)
            if holder.value.lo is not None and holder.value.hi is not None
        ],
        colors=[ACCENT] * len(shown),
        title=title,
        note=note,
    )
    columns = tuple(
        reader.say(text)
        for text in (
            N_("Purchases so far"),
            N_("Customers"),
            N_("Value"),
            N_("80% interval"),
            N_("Share"),
        )
    )
    rows = tuple(
        (
            name,
            reader.whole(holder.customers),
            reader.money(holder.value.value),
            reader.interval(holder.value, how="prose"),
            reader.percent(holder.share),
        )
        for name, holder in zip(names, shown, strict=True)
    )
    return Chart("drivers", title, note, option, columns, rows, height=24 + 40 * len(shown))


def _purchases(holder: Holder, reader: Reader) -> str:
    if holder.most is None:
        return reader.say(N_("{least} purchases or more"), least=holder.least)
    if holder.least == holder.most:
        return reader.say(N_("1 purchase"))
    return reader.say(N_("{least} to {most} purchases"), least=holder.least, most=holder.most)


def _made_of(equity: Equity, margin: float, reader: Reader) -> str:
    """Return the factors of the total, those that are estimated with their intervals."""
    orders, spend = equity.orders, equity.spend_per_order
    return reader.say(
        N_(
            "All of it is made of {orders} orders to come (80% interval: {orders_interval}) at"
            " {spend} each (80% interval: {spend_interval}), later ones counted less, and the"
            " margin of {margin}."
        ),
        orders=reader.whole(orders.value),
        orders_interval=reader.interval(orders, how="whole") or reader.say(N_("unknown")),
        spend=reader.prose(spend.value),
        spend_interval=reader.interval(spend, how="prose") or reader.say(N_("unknown")),
        margin=reader.percent(margin),
    )


def _shown(holders: tuple[Holder, ...], reader: Reader) -> str:
    return reader.say(
        N_("Bars: value by purchases so far, with 80% intervals. n = {n}."),
        n=reader.whole(sum(holder.customers for holder in holders)),
    )
