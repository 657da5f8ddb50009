from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0006_household"),
    ]

    operations = [
        migrations.CreateModel(
            name="Brand",
            fields=[
                (
                    "code",
                    models.CharField(max_length=60, primary_key=True, serialize=False),
                ),
                ("names", models.JSONField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("code", ""), _negated=True),
                        name="customers_brand_coded",
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                condition=models.Q(
                    models.Q(("brand", ""), _negated=True),
                    ("erased_at__isnull", True),
                    ("merged_into__isnull", True),
                ),
                fields=["brand", "-created_at", "-id"],
                name="customers_of_brand",
            ),
        ),
    ]
