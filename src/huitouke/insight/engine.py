"""Where tables are computed: DuckDB in this process, or Spark. The only file that knows.

Every stage writes Ibis expressions; an ``Engine`` runs them. Both engines give the same
answer because the expressions add integers, dates and exact text only, and divide at most
once at the end; the test-suite runs the features, and the whole path, on both.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from huitouke.errors import HuitoukeError
from huitouke.language import N_

__all__ = ["Engine", "EngineMissing", "EngineName"]

EngineName = Literal["duckdb", "spark"]


class EngineMissing(HuitoukeError):
    """Spark was asked for and is not installed, or finds no Java."""

    code = "engine.missing"
    says = N_("The Spark engine cannot start: {reason}.")
    remedy = N_('Install it with: pip install "huitouke[spark]" and a Java 17 or newer.')


class Engine:
    """One running engine with a working folder of its own, removed when it closes.

    Parameters
    ----------
    name
        ``"duckdb"`` (default) or ``"spark"``.
    threads
        Threads to use; None means as many as the machine has cores.
    memory_gb
        What DuckDB may hold in memory before it spills to the working folder.

    Examples
    --------
    >>> import pyarrow as pa
    >>> with Engine() as engine:
    ...     table = engine.put(pa.table({"customer_no": [0, 0, 1]}))
    ...     engine.fetch(table.agg(rows=table.count()))["rows"].to_pylist()
    [3]
    """

    def __init__(
        self,
        name: EngineName = "duckdb",
        *,
        threads: int | None = None,
        memory_gb: float | None = None,
    ) -> None:
        self.name: EngineName = name
        self.folder = Path(tempfile.mkdtemp(prefix="huitouke-"))
        self._count = 0
        try:
            self.backend: Any = (
                self._start_duckdb(threads, memory_gb)
                if name == "duckdb"
                else self._start_spark(threads)
            )
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    def _start_duckdb(self, threads: int | None, memory_gb: float | None) -> Any:
        backend = ibis.duckdb.connect(temp_directory=str(self.folder / "spill"))
        backend.raw_sql(f"SET threads = {threads or os.cpu_count() or 1}")
        backend.raw_sql("SET TimeZone = 'UTC'")
        backend.raw_sql("SET enable_progress_bar = false")
        if memory_gb is not None:
            backend.raw_sql(f"SET memory_limit = '{memory_gb:.3f}GB'")
        return backend

    def _start_spark(self, threads: int | None) -> Any:
        try:
            from pyspark.sql import SparkSession  # noqa: PLC0415 - an optional extra
        except ImportError as error:
            raise EngineMissing(reason=str(error)) from error
        cores = str(threads) if threads else "*"
        builder: Any = SparkSession.builder
        try:
            session = (
                builder.master(os.environ.get("HUITOUKE_SPARK_MASTER", f"local[{cores}]"))
                .appName("huitouke")
                .config("spark.ui.enabled", "false")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.sql.session.timeZone", "UTC")
                .config("spark.sql.shuffle.partitions", "8")
                .config("spark.sql.execution.arrow.pyspark.enabled", "true")
                .config("spark.sql.warehouse.dir", str(self.folder / "warehouse"))
                .getOrCreate()
            )
        except Exception as error:
            raise EngineMissing(reason=str(error).splitlines()[0][:200]) from error
        return ibis.pyspark.connect(session)

    def __enter__(self) -> Self:
        """Return the engine itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the engine."""
        self.close()

    def close(self) -> None:
        """Disconnect and remove the working folder."""
        if self.name == "duckdb":
            self.backend.disconnect()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _name(self) -> str:
        self._count += 1
        return f"t{self._count}_{id(self) % 10**9}"

    def read_parquet(self, paths: str | Path | list[str]) -> ir.Table:
        """Return a table that reads one or many Parquet files, lazily.

        Parameters
        ----------
        paths
            A path, a folder of Parquet files, or a list of paths.
        """
        many = [str(path) for path in paths] if isinstance(paths, list) else [str(paths)]
        if self.name == "duckdb":
            spread = [f"{path}/*.parquet" if Path(path).is_dir() else path for path in many]
            table: ir.Table = self.backend.read_parquet(spread, table_name=self._name())
            return table
        session = self.backend._session
        name = self._name()
        session.read.parquet(*many).createOrReplaceTempView(name)
        view: ir.Table = self.backend.table(name)
        return view

    def put(self, table: pa.Table) -> ir.Table:
        """Bring an Arrow table to the engine.

        Parameters
        ----------
        table
            The rows; written to the working folder, so that memory is not held twice.
        """
        path = self.folder / f"{self._name()}.parquet"
        pq.write_table(table, path, compression="zstd")
        return self.read_parquet(path)

    def keep(self, expression: ir.Table, *, order_by: tuple[str, ...] = ()) -> ir.Table:
        """Compute an expression once and return a table that reads the result.

        Parameters
        ----------
        expression
            What to compute.
        order_by
            Columns to sort by, so that the stored rows have one order.
        """
        path = self.folder / f"{self._name()}.parquet"
        self.write(expression, path, order_by=order_by)
        return self.read_parquet(path)

    def write(
        self, expression: ir.Table, path: Path, *, order_by: tuple[str, ...] = ()
    ) -> None:
        """Compute an expression into a Parquet file (a folder of files on Spark).

        Parameters
        ----------
        expression
            What to compute.
        path
            Where the rows go.
        order_by
            Columns to sort by.
        """
        # DuckDB adds whole numbers up in 128 bits, which Parquet would keep as floats; Spark
        # numbers rows in 32. Both keep what the expression promises: 64.
        mark = '"' if self.name == "duckdb" else "`"
        columns = ", ".join(
            f"CAST({mark}{name}{mark} AS BIGINT) AS {mark}{name}{mark}"
            if kind.is_int64()
            else f"{mark}{name}{mark}"
            for name, kind in expression.schema().items()
        )
        query = f"SELECT {columns} FROM ({self.backend.compile(expression)})"  # noqa: S608
        if order_by:
            query += " ORDER BY " + ", ".join(f"{mark}{name}{mark}" for name in order_by)
        if self.name == "duckdb":
            target = str(path).replace("'", "''")
            self.backend.raw_sql(
                f"COPY ({query}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
            )
        else:
            self.backend._session.sql(query).write.mode("overwrite").parquet(str(path))

    def fetch(self, expression: ir.Table, *, order_by: tuple[str, ...] = ()) -> pa.Table:
        """Compute an expression and return the rows as an Arrow table.

        Parameters
        ----------
        expression
            What to compute.
        order_by
            Columns to sort by.
        """
        ordered = expression.order_by(list(order_by)) if order_by else expression
        result: pa.Table = self.backend.to_pyarrow(ordered)
        return result
