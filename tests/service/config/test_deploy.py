"""Django's own list of what a public service must set has nothing to add."""

from __future__ import annotations

import os
import subprocess
import sys

CHECK = "import django; django.setup(); from django.core.management import call_command as c; "
CHECK += "c('check', deploy=True, fail_level='INFO')"


def test_a_public_service_passes_the_check_for_deployment():
    done = subprocess.run(
        [sys.executable, "-c", CHECK],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "huitouke.service.config.settings",
            "HUITOUKE_SECRET_KEY": "kE8-q2vR_7mXw0ZtB4nLcY1sGd6hUf3jPa9oTe5iQb-Vx7Cy2Wz",
            "HUITOUKE_PUBLIC_URL": "https://loyalty.example.com",
            "HUITOUKE_BEHIND_PROXY": "1",
            "HUITOUKE_SECOND_FACTOR": "required",
            "HUITOUKE_SMTP_URL": "smtp://shop:secret@mail.example.com",
            "HUITOUKE_MAIL_FROM": "loyalty@example.com",
            "HUITOUKE_OIDC_URL": "https://id.example.com",
            "HUITOUKE_OIDC_CLIENT_ID": "huitouke",
            "HUITOUKE_OIDC_SECRET": "between the two servers",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout + done.stderr
