from django.db import migrations

from huitouke.service.core.sqlfile import run_file

APP = "huitouke.service.programme"


class Migration(migrations.Migration):
    dependencies = [("programme", "0001_initial"), ("core", "0001_initial")]
    operations = [
        run_file(APP, name="versions"),
        run_file(APP, name="events"),
        run_file(APP, name="rewards"),
    ]
