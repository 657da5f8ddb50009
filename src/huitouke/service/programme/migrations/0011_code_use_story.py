from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0003_joined"),
        ("programme", "0010_long_names_of_facts"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="codeuse",
            index=models.Index(
                condition=models.Q(("customer__isnull", False), ("redeemed_at__isnull", False)),
                fields=["customer", "redeemed_at"],
                name="programme_code_use_story",
            ),
        ),
    ]
