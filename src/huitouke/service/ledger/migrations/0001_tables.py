from django.db import migrations

from huitouke.service.core.sqlfile import run_file


class Migration(migrations.Migration):
    initial = True
    dependencies = [("core", "0001_initial")]
    operations = [run_file("huitouke.service.ledger", name="0001_tables")]
