from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("programme", "0009_redemption_keys")]

    operations = [
        migrations.AlterField(model_name="codeuse", name="reference", field=models.TextField()),
        migrations.AlterField(model_name="stamp", name="source_key", field=models.TextField()),
    ]
