from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0003_joined"),
        ("programme", "0004_errands"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="membership",
            index=models.Index(fields=["programme", "tier"], name="programme_member_tier"),
        ),
    ]
