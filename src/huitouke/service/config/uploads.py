"""Where files that are handed in lie, unless a folder is named."""

from __future__ import annotations

from pathlib import Path

import platformdirs

from huitouke.service.config.environment import Environment

__all__ = ["uploads_folder"]


def uploads_folder(environment: Environment) -> Path:
    """Return the folder for files that are handed in, where none is named.

    Parameters
    ----------
    environment
        May name the data folder.
    """
    usual = platformdirs.user_data_dir("huitouke", appauthor=False)
    return Path(environment.data_dir or usual) / "uploads"
