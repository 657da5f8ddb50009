"""What the programme's commands print of drafts: back-test and findings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from huitouke.cli.programme_words import number, period, share, span, sum_at_cost, table
from huitouke.language import N_, Words
from huitouke.service.programme.rules.shown import money

if TYPE_CHECKING:  # they need Django's settings
    from huitouke.service.programme.economics.backtest_report import (
        BacktestReport,
        ReferralIssue,
        Run,
    )
    from huitouke.service.programme.economics.comparison import Comparison, MemberChange
    from huitouke.service.programme.economics.loops.finding import Finding

__all__ = ["backtest_screen", "check_screen", "finding_plain"]


def backtest_screen(report: BacktestReport, *, reader: Words) -> str:
    """Return a back-test as a person reads it.

    Parameters
    ----------
    report
        Of :func:`huitouke.service.programme.economics.backtest.backtest`.
    reader
        The reader's words.
    """
    lines = [
        reader.say(
            N_("{orders} orders with {lines} lines of {people} customers, {period}."),
            orders=number(report.seen.orders, reader=reader),
            lines=number(report.seen.lines, reader=reader),
            people=number(report.seen.people, reader=reader),
            period=period(report.since, until=report.until, zone=report.zone, reader=reader),
        ),
        *_notes(report, reader),
        "",
        *_runs(report, reader),
    ]
    for run in report.runs:
        lines += ["", *_rules(run, reader)]
        if run.cards:
            lines += ["", *_cards(run, currency=report.currency, reader=reader)]
        if run.referrals is not None:
            lines += ["", *_referrals(run.name, run.referrals, reader)]
    for each in report.comparisons:
        lines += ["", *_comparison(each, reader)]
    return "\n".join(lines)


_WHO = {
    "enrolled": N_("Members earn from the day they joined."),
    "buyers": N_("Nobody has joined yet: everyone who buys counts as a member."),
}
_SOURCES = {
    "ledger": N_("Redeemed in the end, by this programme's own ledger: {share}."),
    "given": N_("Redeemed in the end, as given: {share}."),
    "unknown": N_("How much is redeemed cannot be told yet; the bounds are none and all."),
}


def _notes(report: BacktestReport, reader: Words) -> list[str]:
    notes = [
        reader.say(_WHO[report.members]),
        reader.say(
            _SOURCES[report.assumed.source], share=share(report.assumed.rate, reader=reader)
        ),
    ]
    if report.left_out.nobody or report.left_out.other_currency:
        notes.append(
            reader.say(
                N_("Left out: {nobody} orders of nobody known, {other} in other currencies."),
                nobody=number(report.left_out.nobody, reader=reader),
                other=number(report.left_out.other_currency, reader=reader),
            )
        )
    if report.members == "enrolled" and any(run.cards for run in report.runs):
        notes.append(reader.say(N_("Stamp cards are stamped for everybody who buys.")))
    silent = sorted({rule for run in report.runs for rule in run.not_replayed})
    if silent:
        notes.append(
            reader.say(
                N_("Not replayed, orders do not tell them: {rules}."), rules=", ".join(silent)
            )
        )
    return notes


def _runs(report: BacktestReport, reader: Words) -> list[str]:
    """Return the runs side by side, a column each."""
    runs, currency = report.runs, report.currency
    codes = list(dict.fromkeys(code for run in runs for code, _ in run.tiers))
    rows: list[list[str]] = [["", *(run.name for run in runs)]]

    def row(says: str, cells: Iterable[str]) -> None:
        rows.append([reader.say(says), *cells])

    row(N_("Points issued"), [number(run.issued, reader=reader) for run in runs])
    row(N_("Taken back by refunds"), [number(run.clawed_back, reader=reader) for run in runs])
    row(N_("Held back by caps"), [number(run.capped, reader=reader) for run in runs])
    row(N_("Customers who earn"), [number(run.earners, reader=reader) for run in runs])
    row(N_("Redeemed in the end"), [span(run.outlook.redeemed, reader=reader) for run in runs])
    row(
        N_("Cost"),
        [sum_at_cost(run.outlook.redeemed, currency=currency, reader=reader) for run in runs],
    )
    row(N_("Expired by the end"), [span(run.outlook.expired, reader=reader) for run in runs])
    row(N_("Liability in points"), [span(run.outlook.liability, reader=reader) for run in runs])
    row(
        N_("Liability in money"),
        [sum_at_cost(run.outlook.liability, currency=currency, reader=reader) for run in runs],
    )
    for code in codes:
        name = reader.say(N_("Tier {tier}"), tier=code or reader.say(N_("none")))
        rows.append(
            [name, *(number(dict(run.tiers).get(code, 0), reader=reader) for run in runs)]
        )
    return table(rows)


def _rules(run: Run, reader: Words) -> list[str]:
    rows = [
        [
            reader.say(N_("Rules of {name}"), name=run.name),
            reader.say(N_("points")),
            reader.say(N_("times")),
            reader.say(N_("held back")),
            reader.say(N_("taken back")),
        ]
    ]
    rows += [
        [
            f"  {rule.rule} ({rule.unit})",
            *(
                number(each, reader=reader)
                for each in (rule.points, rule.times, rule.capped_points, rule.clawed_back)
            ),
        ]
        for rule in run.rules
    ]
    return table(rows)


def _cards(run: Run, *, currency: str, reader: Words) -> list[str]:
    rows = [
        [
            reader.say(N_("Stamp cards of {name}"), name=run.name),
            reader.say(N_("stamps")),
            reader.say(N_("taken off")),
            reader.say(N_("full cards")),
            reader.say(N_("points")),
            reader.say(N_("taken back")),
            reader.say(N_("rewards at their worth")),
        ]
    ]
    for card in run.cards:
        counts = (card.stamps, card.taken_off, card.full, card.points, card.clawed_back)
        worth = reader.say(N_("not known"))
        if card.reward_minor is not None:
            worth = money(card.reward_minor, currency=currency, language=reader.language)
        rows.append(
            [f"  {card.card}", *(number(each, reader=reader) for each in counts), worth]
        )
    return table(rows)


_WHY_NOT = {
    "review": N_("waits for a person's decision"),
    "refused": N_("refused by a person"),
}


def _referrals(name: str, found: ReferralIssue, reader: Words) -> list[str]:
    rows: list[list[str]] = [[reader.say(N_("Referrals of {name}"), name=name), ""]]
    for says, count in (
        (N_("friends who came"), found.pairs),
        (N_("rewarded"), found.rewarded),
        (N_("rewarded before the period"), found.earlier),
        (N_("waiting for an order that is kept"), found.waiting),
        (N_("over the advocate's limit"), found.capped),
        (N_("undone by a return"), found.taken_back),
        (N_("points to advocates"), found.advocate_points),
        (N_("points to friends"), found.friend_points),
        (N_("points taken back"), found.clawed_back),
    ):
        rows.append([f"  {reader.say(says)}", number(count, reader=reader)])
    lines = table(rows)
    for why, count in found.not_replayed.items():
        lines.append(
            reader.say(
                N_("  Not replayed: {n} ({why})."),
                n=number(count, reader=reader),
                why=reader.say(_WHY_NOT[why]),
            )
        )
    return lines


def _comparison(each: Comparison, reader: Words) -> list[str]:
    lines = [
        reader.say(
            N_(
                "{after} against {before}: {change} points; {gain} customers gain, {lose} "
                "lose, {same} get the same."
            ),
            after=each.after,
            before=each.before,
            change=f"{each.points:+,}",
            gain=number(each.gain, reader=reader),
            lose=number(each.lose, reader=reader),
            same=number(each.same, reader=reader),
        )
    ]
    for move in each.moves:
        none = reader.say(N_("none"))
        lines.append(
            reader.say(
                N_("  {n} members end in {after} instead of {before}."),
                n=number(move.members, reader=reader),
                after=move.after or none,
                before=move.before or none,
            )
        )
    lines += _people(N_("Gain most:"), each.gainers, reader)
    lines += _people(N_("Lose most:"), each.losers, reader)
    return lines + _people(N_("Change tier, those who spend most first:"), each.moved, reader)


def _people(says: str, people: Sequence[MemberChange], reader: Words) -> list[str]:
    if not people:
        return []
    rows = [
        (
            f"  {one.customer}",
            number(one.before, reader=reader),
            "→",
            number(one.after, reader=reader),
            f"{one.change:+,}",
            one.tier_before or "–",
            one.tier_after or "–",
        )
        for one in people
    ]
    return [reader.say(says), *table(rows)]


_SEVERITY = {
    "critical": N_("critical"),
    "high": N_("high"),
    "medium": N_("medium"),
    "low": N_("low"),
}


def check_screen(found: Sequence[Finding], *, reader: Words) -> str:
    """Return findings with their steps.

    Parameters
    ----------
    found
        Of :func:`huitouke.service.programme.economics.exploits.check`.
    reader
        The reader's words.
    """
    if not found:
        return reader.say(N_("No money loop was found."))
    lines = []
    for finding in found:
        severity = reader.say(_SEVERITY[finding.severity])
        lines.append(f"[{severity}] {finding.text(reader.language)}")
        lines += [
            f"  {place}. {step}"
            for place, step in enumerate(finding.told(reader.language), start=1)
        ]
        rules = ", ".join(dict.fromkeys(finding.rules))
        lines.append("  " + reader.say(N_("Rests on: {rules}."), rules=rules))
    return "\n".join(lines)


def finding_plain(finding: Finding) -> dict[str, Any]:
    """Return a finding as JSON carries it, said in both languages.

    Parameters
    ----------
    finding
        One of them.
    """
    from huitouke.service.programme.economics.plain import plain  # noqa: PLC0415

    return {
        "kind": finding.kind,
        "severity": finding.severity,
        "gain_minor": finding.gain_minor,
        "rules": list(dict.fromkeys(finding.rules)),
        "says": {"en": finding.text("en"), "zh": finding.text("zh")},
        "cart": plain(finding.cart),
        "steps": [
            {
                "at": plain(step.at),
                "cart": plain(step.cart),
                "points": step.points,
                "cash_minor": step.cash_minor,
                "says": {"en": en, "zh": zh},
            }
            for step, en, zh in zip(
                finding.steps, finding.told("en"), finding.told("zh"), strict=True
            )
        ],
    }
