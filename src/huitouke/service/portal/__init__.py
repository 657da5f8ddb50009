"""The members' door: pages under ``/my/``, made for a phone."""
