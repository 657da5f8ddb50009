from django.db import migrations, models

from huitouke.service.core.sqlfile import run_file


class Migration(migrations.Migration):
    dependencies = [("loop", "0003_telling_language")]
    operations = [
        migrations.AddField(
            model_name="analysis", name="calls", field=models.JSONField(default=dict)
        ),
        run_file("huitouke.service.loop", name="0004_ranks"),
    ]
