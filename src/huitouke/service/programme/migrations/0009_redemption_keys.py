from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("programme", "0008_read_out")]

    operations = [
        migrations.RemoveConstraint(model_name="redemption", name="programme_redemption_key"),
        migrations.AddConstraint(
            model_name="redemption",
            constraint=models.UniqueConstraint(
                condition=models.Q(("pact__isnull", True)),
                fields=("programme", "key"),
                name="programme_redemption_key",
            ),
        ),
    ]
