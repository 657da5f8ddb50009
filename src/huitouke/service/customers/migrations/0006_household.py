from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0005_wording"),
    ]

    operations = [
        migrations.AddField(
            model_name="customer",
            name="household",
            field=models.CharField(blank=True, db_default="", default="", max_length=60),
        ),
        migrations.RemoveConstraint(
            model_name="customer",
            name="customers_erased_is_blank",
        ),
        migrations.AddConstraint(
            model_name="customer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("erased_at__isnull", True),
                    models.Q(
                        ("attributes", {}),
                        ("birthday_on__isnull", True),
                        ("gender", ""),
                        ("household", ""),
                        ("language", ""),
                        ("name", ""),
                    ),
                    _connector="OR",
                ),
                name="customers_erased_is_blank",
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                condition=models.Q(("household", ""), _negated=True),
                fields=["household"],
                name="customers_household",
            ),
        ),
    ]
