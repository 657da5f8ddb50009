from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0002_sql"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                condition=models.Q(("enrolled_at__isnull", False)),
                fields=["-enrolled_at"],
                name="customers_joined",
            ),
        ),
    ]
