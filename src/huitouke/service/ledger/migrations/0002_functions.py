from django.db import migrations

from huitouke.service.core.sqlfile import run_file

FILES = (
    "0002_posting",
    "0002_settling",
    "0002_single",
    "0002_reversing",
    "0002_moving",
    "0002_closing",
    "0002_batches",
    "0002_reading",
)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_tables")]
    operations = [run_file("huitouke.service.ledger", name=name) for name in FILES]
