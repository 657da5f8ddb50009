from django.db import migrations

from huitouke.service.core.sqlfile import run_file


class Migration(migrations.Migration):
    dependencies = [("loop", "0001_initial")]
    operations = [run_file("huitouke.service.loop", name="0002_lists")]
