"""Write a simulated shop to a folder: its files, and its truth in a folder of its own."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from huitouke.errors import HuitoukeError
from huitouke.insight.world.layout import SHOP_TABLES, TRUTH_TABLES
from huitouke.insight.world.simulate import World
from huitouke.language import N_, words

__all__ = ["FolderUnusable", "write"]

_TITLE = N_("Simulated data: no row describes a person or a business that exists.")
_WHAT = N_(
    "World {scenario}, seed {seed}, {first} to {last}. This folder holds the truth behind the "
    "shop's files in the folder above: what each simulated customer is and will do. An "
    "analysis must never read it; it is for checking an analysis afterwards."
)
_RANDOM = N_("Chances are means over {draws} simulated futures per customer.")
_CLOSED = N_("Chances are exact, in closed form.")
_ABSENT = N_("Chances and values that need simulated futures were left out.")


class FolderUnusable(HuitoukeError):
    """The folder for a simulated world cannot be written."""

    code = "world.folder"
    says = N_("Cannot write to {folder}: {reason}.")
    remedy = N_("Name a folder that you may write to.")


def _csv_ready(table: pa.Table) -> pa.Table:
    """Moments as text with seconds, the way tills write them."""
    columns = [
        pc.strftime(column.cast(pa.timestamp("s")), format="%Y-%m-%d %H:%M:%S")
        if pa.types.is_timestamp(column.type)
        else column
        for column in table.columns
    ]
    return pa.table(columns, names=table.column_names)


def _readme(world: World) -> str:
    names = world.truth_counts["name"].to_pylist()
    draws = int(world.count("future_draws")) if "future_draws" in names else None
    source = _CLOSED if draws is None else _RANDOM if draws else _ABSENT
    paragraphs = []
    for reader in (words("en"), words("zh")):
        paragraphs += [
            reader.say(_TITLE),
            reader.say(
                _WHAT,
                scenario=world.scenario.name,
                seed=world.seed,
                first=world.starts_on.isoformat(),
                last=world.as_of.isoformat(),
            ),
            reader.say(source, draws=draws),
        ]
    columns = [
        f"{name}.parquet: {table.meaning}\n"
        + "\n".join(f"  {column.name}: {column.meaning}" for column in table.columns)
        for name, table in TRUTH_TABLES.items()
    ]
    return "\n\n".join(paragraphs + columns) + "\n"


def write(world: World, *, folder: Path) -> None:
    """Write the shop's CSV files (UTF-8) and, under ``truth/``, what the shop cannot know.

    The same world gives the same bytes. Files: ``orders.csv``, ``customers.csv``,
    ``answers.csv``, ``contacts.csv``, ``complaints.csv``, ``referrals.csv``,
    ``programme.csv``; ``truth/*.parquet`` and ``truth/README.txt``.

    Parameters
    ----------
    world
        The simulated shop.
    folder
        Where; made if it is not there.

    Raises
    ------
    FolderUnusable
        If the folder cannot be made or written.
    """
    hidden = folder / "truth"
    try:
        hidden.mkdir(parents=True, exist_ok=True)
        for name in SHOP_TABLES:
            pa_csv.write_csv(_csv_ready(getattr(world, name)), folder / f"{name}.csv")
        for name in TRUTH_TABLES:
            pq.write_table(getattr(world, name), hidden / f"{name}.parquet", compression="zstd")
        (hidden / "README.txt").write_text(_readme(world), encoding="utf-8", newline="\n")
    except OSError as error:
        raise FolderUnusable(folder=str(folder), reason=error.strerror or str(error)) from error
