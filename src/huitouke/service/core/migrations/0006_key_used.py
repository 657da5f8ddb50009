from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0005_audit_read")]
    operations = [
        migrations.AddField(
            model_name="apikey",
            name="used_at",
            field=models.DateTimeField(null=True),
        ),
    ]
