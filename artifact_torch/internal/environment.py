"""Environment variables for libraries that read them at each call."""

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager


@contextmanager
def environment(defaults: Mapping[str, str]) -> Generator[None]:
    """Set in this block those that nobody has set; gone after it. It is the whole process that sees
    them.
    """
    ours = {name: value for name, value in defaults.items() if name not in os.environ}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name in ours:
            os.environ.pop(name, None)
