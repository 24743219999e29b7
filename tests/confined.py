"""For the tests of rooms where strangers' files are opened: other processes in the place of ours."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any


def instead(code: str) -> Callable[..., Any]:
    """A child that does something else, started as ours is."""
    real = subprocess.Popen

    def run(command: list[str], **how: Any) -> Any:
        return real([sys.executable, "-c", f"import os, sys, signal, time, json\n{code}"], **how)

    return run
