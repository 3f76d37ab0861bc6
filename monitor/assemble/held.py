"""The settings that hold, for whoever begins: config.yaml and, before it, what the desk keeps in its database."""

from datetime import datetime
from pathlib import Path

from monitor.config import Config, read_file
from monitor.effective import effective
from monitor.errors import ConfigError
from monitor.store.settings import glimpse


def held(path: Path, now: datetime) -> Config:
    """Raises ConfigError for the first problem of the file: a setting of the desk that does not fit is left out.
    StoreError when the database is locked."""
    config, wrong = read_held(path, now)
    if wrong:
        raise wrong[0]
    return config


def read_held(path: Path, now: datetime) -> tuple[Config, list[ConfigError]]:
    """The same, and everything that is wrong with the file. Raises ConfigError when it is no YAML of ours."""
    file, wrong = read_file(path)
    settings, version = glimpse(file.database)
    if not version:
        return file, wrong
    return effective(file, settings, now, version=version)
