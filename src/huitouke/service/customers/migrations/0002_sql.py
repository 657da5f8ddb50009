from django.db import migrations

from huitouke.service.core.sqlfile import run_file


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial"), ("customers", "0001_initial")]
    operations = [run_file("huitouke.service.customers", name="0002_guards")]
