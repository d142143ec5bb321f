"""Where a process that is started from here finds the same modules."""

import sys
from pathlib import Path


def where_modules_are() -> list[str]:
    """`sys.path`, with the current folder by its name, since that may change."""
    try:
        here = str(Path.cwd())
    except OSError:  # it was deleted
        here = ""
    return [each for each in (entry or here for entry in sys.path) if each]
