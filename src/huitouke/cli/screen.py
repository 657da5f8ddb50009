"""The one-screen summary at the end of an analysis."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, format_percent

from huitouke.insight.report.names import MODELS
from huitouke.insight.report.reader import own_sign
from huitouke.language import N_, Words

if TYPE_CHECKING:  # the main path is loaded when it is walked, not for --help
    from huitouke.insight.flow import Analysis

__all__ = ["screen"]

_GROUPS = {
    "true_friend": N_("true friends"),
    "butterfly": N_("butterflies"),
    "stranger": N_("strangers"),
    "borderline": N_("borderline"),
}


def screen(done: Analysis, *, reader: Words) -> str:
    """Return the summary in the reader's language, one finding a line.

    Parameters
    ----------
    done
        The analysis.
    reader
        The reader's words.
    """
    summary = done.summary
    lines = [
        _rows(summary, reader),
        _shop(summary, reader),
        *_models(summary, reader),
        *_people(summary, reader),
        *(f"! {warning['text']}" for warning in summary["warnings"]),
    ]
    if done.folder is not None:
        lines.append(reader.say(N_("Report: {path}"), path=done.folder / "report.html"))
    return "\n".join(lines)


def _count(number: float, reader: Words) -> str:
    return format_decimal(number, locale=reader.locale)


def _money(amount: float, summary: dict[str, Any], reader: Words) -> str:
    if summary["currency"] == "XXX":
        return format_decimal(round(amount), locale=reader.locale)
    return own_sign(
        format_currency(
            round(amount),
            summary["currency"],
            "¤#,##0",
            locale=reader.locale,
            currency_digits=False,
        )
    )


def _percent(share: float, reader: Words) -> str:
    return format_percent(share, locale=reader.locale)


def _rows(summary: dict[str, Any], reader: Words) -> str:
    rows = summary["rows"]
    return reader.say(
        N_(
            "Rows: {read} read = {used} used + {merged} repeated + {quarantined} set aside "
            "({nobody} of the used name no customer)."
        ),
        read=_count(rows["read"], reader),
        used=_count(rows["used"], reader),
        merged=_count(rows["merged"], reader),
        quarantined=_count(rows["quarantined"], reader),
        nobody=_count(rows["without_customer"], reader),
    )


def _day(text: str, reader: Words) -> str:
    return format_date(date.fromisoformat(text), format="medium", locale=reader.locale)


def _shop(summary: dict[str, Any], reader: Words) -> str:
    return reader.say(
        N_(
            "{customers} customers, {orders} orders, revenue {revenue}, {first} to {last}; "
            "as of {as_of}, looking {days} days ahead."
        ),
        customers=_count(summary["customers"], reader),
        orders=_count(summary["orders"], reader),
        revenue=_money(summary["revenue"], summary, reader),
        first=_day(summary["period"]["first_on"], reader),
        last=_day(summary["period"]["last_on"], reader),
        as_of=_day(summary["as_of"], reader),
        days=summary["horizon_days"],
    )


def _models(summary: dict[str, Any], reader: Words) -> list[str]:
    lines = []
    chosen = next((c for c in summary["candidates"] if c["chosen"]), None)
    if chosen is not None:
        scores = chosen["scores"]
        lines.append(
            reader.say(
                N_(
                    "Purchase model {model}: on {origins} past days it missed a customer's "
                    "orders by {mae} on average and the total by {bias}."
                ),
                model=reader.say(MODELS[chosen["name"]]),
                origins=chosen["origins"],
                mae=format_decimal(scores["mae"]["value"], "0.00", locale=reader.locale),
                bias=f"{scores['total_bias']['value']:+.0%}",
            )
        )
    equity = summary["customer_equity"]
    if equity["value"] is not None and equity["lo"] is not None:
        lines.append(
            reader.say(
                N_("Customer equity: {value} (80 % interval {lo} to {hi})."),
                value=_money(equity["value"], summary, reader),
                lo=_money(equity["lo"], summary, reader),
                hi=_money(equity["hi"], summary, reader),
            )
        )
    return lines


def _people(summary: dict[str, Any], reader: Words) -> list[str]:
    lines = []
    if summary["models"]["purchases"]["chosen"] is not None:
        lines.append(
            reader.say(
                N_(
                    "{risk} valuable customers are slipping; {loyal} are surely loyal; "
                    "{gone} will hardly come back."
                ),
                risk=_count(summary["lists"]["at_risk"]["customers"], reader),
                loyal=_count(summary["lists"]["likely_loyal"]["customers"], reader),
                gone=_count(summary["lists"]["unlikely_to_return"]["customers"], reader),
            )
        )
    shares = summary["group_shares"]["shares"]
    if shares:
        told = [
            f"{reader.say(label)} {_percent(shares[name], reader)}"
            for name, label in _GROUPS.items()
        ]
        lines.append(
            reader.say(N_("Groups: {groups}."), groups=reader.say(N_(", ")).join(told))
        )
    return lines
