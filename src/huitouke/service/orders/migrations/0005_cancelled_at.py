"""When an order was called off: for those of before, when its money came back or it was noted."""

from typing import Any

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from huitouke.service.core.ids import public_id


def fill(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Date the orders that were called off before; few are, so each is looked up by itself."""
    del schema_editor
    order, refund, audit = (
        apps.get_model(app, name)
        for app, name in (("orders", "Order"), ("orders", "Refund"), ("core", "Audit"))
    )
    for each in order.objects.filter(status="cancelled", cancelled_at=None).iterator():
        back = refund.objects.filter(source="huitouke", source_id=f"cancel:{each.pk}").first()
        noted = audit.objects.filter(
            target=public_id("ord", each.pk), action="order.cancelled"
        ).first()
        moment = each.ordered_at if noted is None else noted.created_at
        each.cancelled_at = moment if back is None else back.at
        each.save(update_fields=["cancelled_at"])


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0006_key_used"),
        ("orders", "0004_alias"),
    ]

    operations = [
        migrations.AddField(
            model_name="order",
            name="cancelled_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(("cancelled_at__isnull", False), ("status", "cancelled"))
                | models.Q(
                    models.Q(("status", "cancelled"), _negated=True),
                    ("cancelled_at__isnull", True),
                ),
                name="orders_order_cancelled",
            ),
        ),
    ]
