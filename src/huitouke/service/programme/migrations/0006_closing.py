import django.db.models.deletion
from django.db import migrations, models

import huitouke.service.core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("programme", "0005_members_by_tier"),
    ]

    operations = [
        migrations.CreateModel(
            name="Closing",
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
                ("until", models.DateTimeField()),
                ("made_at", models.DateTimeField()),
                ("readings", models.JSONField()),
                ("months", models.JSONField()),
                (
                    "programme",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="closings",
                        to="programme.programme",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "until"), name="programme_closing_once"
                    )
                ],
            },
        ),
    ]
