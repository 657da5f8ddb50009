from django.db import migrations

from huitouke.service.core.sqlfile import run_file


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_prolonging")]
    operations = [run_file("huitouke.service.ledger", name="0006_waiting_gifts")]
