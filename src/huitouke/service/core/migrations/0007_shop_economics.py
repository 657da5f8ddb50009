from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0006_key_used")]
    operations = [
        # Currency and time zone are the programme's; nothing read them here.
        migrations.RemoveField(model_name="shop", name="currency"),
        migrations.RemoveField(model_name="shop", name="zone"),
        migrations.AddField(
            model_name="shop",
            name="margin",
            field=models.FloatField(default=0.3),
        ),
        migrations.AddField(
            model_name="shop",
            name="discount_rate",
            field=models.FloatField(default=0.15),
        ),
        migrations.AddConstraint(
            model_name="shop",
            constraint=models.CheckConstraint(
                name="core_shop_margin",
                condition=models.Q(("margin__gt", 0), ("margin__lte", 1)),
            ),
        ),
        migrations.AddConstraint(
            model_name="shop",
            constraint=models.CheckConstraint(
                name="core_shop_discount_rate",
                condition=models.Q(("discount_rate__gte", 0), ("discount_rate__lte", 10)),
            ),
        ),
    ]
