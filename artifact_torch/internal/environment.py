"""Environment variables for libraries that read them at each call."""

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager


@contextmanager
def environment(variables: Mapping[str, str], *, replace: bool = False) -> Generator[None]:
    """Set in this block those that nobody has set, with `replace` all; as before after it. The whole
    process sees them.
    """
    before = {name: os.environ.get(name) for name in variables}
    ours = [name for name in variables if replace or before[name] is None]
    os.environ.update({name: variables[name] for name in ours})
    try:
        yield
    finally:
        for name in ours:
            value = before[name]
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
