from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("loop", "0004_calls_and_ranks")]
    operations = [
        migrations.AddField(
            model_name="profile",
            name="worth_a_call",
            field=models.BooleanField(db_default=False),
        ),
    ]
