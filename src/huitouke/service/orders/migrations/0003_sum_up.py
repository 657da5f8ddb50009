"""Sums of the orders that were there before: some customers at a time, each part for itself."""

from typing import Any
from uuid import UUID

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_BATCH = 20_000
_NEXT = """
SELECT array_agg(p.id) FROM (
  SELECT DISTINCT o.customer_id AS id FROM orders_order o WHERE o.customer_id > %s
  ORDER BY 1 LIMIT %s
) AS p
"""


def sum_up(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Sum up, in order of id; what was summed up already comes out the same."""
    del apps
    place = UUID(int=0)
    with schema_editor.connection.cursor() as cursor:
        while True:
            cursor.execute(_NEXT, [place, _BATCH])
            (customers,) = cursor.fetchone()
            if not customers:
                return
            cursor.execute("SELECT orders_sum_up(%s::uuid[])", [customers])
            place = max(customers)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("orders", "0002_summary"),
    ]

    operations = [
        migrations.RunPython(sum_up, migrations.RunPython.noop),
    ]
