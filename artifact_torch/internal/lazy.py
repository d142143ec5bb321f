"""Packages whose names bring their modules when they are first asked for (PEP 562)."""

import importlib
from collections.abc import Callable, Mapping, Sequence


def lazy(
    package: str, homes: Mapping[str, Sequence[str]]
) -> tuple[list[str], Callable[[str], object]]:
    """The `__all__` and `__getattr__` of `package`; `homes` has the names of each module."""
    home_of = {name: module for module, names in homes.items() for name in names}

    def get(name: str) -> object:
        if name not in home_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        found: object = getattr(importlib.import_module(home_of[name]), name)
        return found

    return sorted(home_of), get
