from django.db import migrations

from huitouke.service.core.sqlfile import run_file


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_functions")]
    operations = [
        run_file("huitouke.service.ledger", name="0003_checks"),
        run_file("huitouke.service.ledger", name="0003_order"),
        run_file("huitouke.service.ledger", name="0003_seal"),
    ]
