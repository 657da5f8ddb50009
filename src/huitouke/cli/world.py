"""``huitouke world``: a simulated shop, its truth kept apart."""

from __future__ import annotations

from pathlib import Path

import click

from huitouke.cli.reader import language_option, words_of
from huitouke.language import N_

__all__ = ["world"]

_DONE = N_(
    "Simulated shop {scenario} written to {folder}: {orders} order rows. "
    "Its truth is apart, in {truth}."
)


@click.command()
@click.option("--scenario", default="W1", help="W0 to W8; W1 is the default world.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to write.")
@click.option("--customers", type=click.IntRange(1), help="How many customers to simulate.")
@click.option("--weeks", type=click.IntRange(1, 1040), default=104, help="How many weeks.")
@click.option("--seed", type=int, default=1, help="The same seed gives the same shop.")
@language_option
def world(
    *,
    scenario: str,
    out: Path,
    customers: int | None,
    weeks: int,
    seed: int,
    lang: str | None,
) -> None:
    """Write a simulated shop (orders, answers and more) with its truth in a folder apart."""
    from huitouke.insight.world.simulate import simulate  # noqa: PLC0415 - brings NumPy
    from huitouke.insight.world.write import write  # noqa: PLC0415

    made = simulate(scenario, customers=customers, weeks=weeks, seed=seed, dirty=True)
    write(made, folder=out)
    reader = words_of(lang)
    click.echo(
        reader.say(
            _DONE,
            scenario=scenario,
            folder=out,
            orders=made.orders.num_rows,
            truth=out / "truth",
        )
    )
