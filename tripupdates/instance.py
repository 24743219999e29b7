"""Making the instance folder: settings with a random key, an empty database, the folders."""

import json
import os
import secrets
import tomllib
from collections.abc import Mapping
from pathlib import Path


def write_config(instance: Path, values: Mapping[str, str]) -> bool:
    """Make `config.toml` where there is none; readable by its owner only. False where one is there already."""
    instance.mkdir(parents=True, exist_ok=True)
    lines = [
        "# The school's settings; the README lists them. A TRIPUPDATES_* variable wins over a line here.",
        f"SECRET_KEY = {_quoted(secrets.token_urlsafe(48))}",
        *(f"{name} = {_quoted(value)}" for name, value in values.items()),
    ]
    try:
        handle = os.open(instance / "config.toml", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    return True


def add_settings(instance: Path, values: Mapping[str, str]) -> None:
    """Write lines below those that `config.toml` has, for settings that it knows nothing of yet. Keeps what is there."""
    path = instance / "config.toml"
    there = path.read_text("utf-8")
    known = tomllib.loads(there)
    lines = [f"{name} = {_quoted(value)}" for name, value in values.items() if name not in known]
    if lines:
        with path.open("a", encoding="utf-8") as file:
            file.write(("" if there.endswith("\n") else "\n") + "\n".join(lines) + "\n")


def _quoted(value: str) -> str:
    """A TOML basic string; JSON's escapes are a subset of TOML's."""
    return json.dumps(value, ensure_ascii=False)
