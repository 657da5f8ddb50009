import django.db.models.deletion
from django.db import migrations, models

from huitouke.service.core.sqlfile import run_file


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0003_joined"),
        ("orders", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Summary",
            fields=[
                (
                    "customer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="order_summary",
                        serialize=False,
                        to="customers.customer",
                    ),
                ),
                ("known_at", models.DateTimeField()),
                ("orders", models.BigIntegerField()),
                ("returns", models.BigIntegerField()),
                ("first_at", models.DateTimeField(null=True)),
                ("last_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["last_at"], name="orders_summary_last"),
                    models.Index(
                        fields=["-known_at", "-customer"],
                        include=("last_at", "orders"),
                        name="orders_summary_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Spend",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "customer_id",
                        "currency",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("spend_minor", models.BigIntegerField()),
                ("returned_minor", models.BigIntegerField()),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="order_spends",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["currency", "spend_minor"], name="orders_spend_amount")
                ],
            },
        ),
        run_file("huitouke.service.orders", name="summary"),
    ]
