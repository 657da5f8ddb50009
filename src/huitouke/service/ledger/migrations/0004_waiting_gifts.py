from django.db import migrations

from huitouke.service.core.sqlfile import run_file


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_checks")]
    operations = [run_file("huitouke.service.ledger", name="0004_waiting_gifts")]
