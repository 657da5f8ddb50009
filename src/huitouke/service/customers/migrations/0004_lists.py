from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0003_joined"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="consent",
            index=models.Index(
                condition=models.Q(("given", True)),
                fields=["channel", "purpose", "customer"],
                name="customers_consent_yes",
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                condition=models.Q(
                    ("enrolled_at__isnull", False),
                    ("erased_at__isnull", True),
                    ("merged_into__isnull", True),
                ),
                fields=["-created_at", "-id"],
                name="customers_members",
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                condition=models.Q(
                    ("enrolled_at__isnull", True),
                    ("erased_at__isnull", True),
                    ("first_bought_at__isnull", False),
                    ("merged_into__isnull", True),
                ),
                fields=["-created_at", "-id"],
                name="customers_buyers",
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                condition=models.Q(
                    ("erased_at__isnull", True),
                    ("first_bought_at__isnull", True),
                    ("merged_into__isnull", True),
                ),
                fields=["-created_at", "-id"],
                name="customers_not_yet",
            ),
        ),
    ]
