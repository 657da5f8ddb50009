from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0002_signing_in"),
    ]

    operations = [
        migrations.AlterField(
            model_name="staff",
            name="language",
            field=models.CharField(blank=True, default="", max_length=10),
        ),
        # Nobody has chosen yet: there were no pages.
        migrations.RunSQL("UPDATE core_staff SET language = ''", migrations.RunSQL.noop),
    ]
