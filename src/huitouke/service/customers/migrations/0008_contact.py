from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0007_brand"),
    ]

    operations = [
        migrations.AddField(
            model_name="customer",
            name="contact",
            field=models.JSONField(db_default={}, default=dict),
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
                        ("contact", {}),
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
    ]
