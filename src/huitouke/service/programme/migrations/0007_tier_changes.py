import django.db.models.deletion
from django.db import migrations, models

import huitouke.service.core.ids
from huitouke.service.core.sqlfile import run_file


class Migration(migrations.Migration):
    dependencies = [("programme", "0006_closing")]
    operations = [
        migrations.CreateModel(
            name="TierChange",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huitouke.service.core.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("kind", models.TextField()),
                ("from_tier", models.TextField(blank=True)),
                ("to_tier", models.TextField(blank=True)),
                ("on", models.DateField()),
                ("reason", models.JSONField()),
                ("changed_at", models.DateTimeField()),
                (
                    "membership",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programme.membership",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["membership", "-changed_at", "-id"],
                        name="programme_tierchange_newest",
                    )
                ],
            },
        ),
        run_file("huitouke.service.programme", name="tiers"),
    ]
