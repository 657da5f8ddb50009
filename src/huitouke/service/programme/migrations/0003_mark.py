from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("programme", "0002_sql")]
    operations = [
        migrations.CreateModel(
            name="Mark",
            fields=[
                (
                    "mark",
                    models.BinaryField(max_length=32, primary_key=True, serialize=False),
                ),
                ("until", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["until"], name="programme_mark_until")],
            },
        ),
    ]
