from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("loop", "0002_sql")]
    operations = [
        migrations.AlterField(
            model_name="telling",
            name="language",
            field=models.CharField(max_length=8),
        )
    ]
