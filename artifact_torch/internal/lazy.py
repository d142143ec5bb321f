"""Packages whose names bring their modules when they are first asked for (PEP 562)."""

import importlib
from collections.abc import Callable, Mapping, Sequence


def lazy(package: str, homes: Mapping[str, Sequence[str]]) -> Callable[[str], object]:
    """The `__getattr__` of `package`: `homes` has the names that come from each module.

    Every module of the package can be had as an attribute too, as if it had been imported.
    """
    home_of = {name: module for module, names in homes.items() for name in names}

    def get(name: str) -> object:
        if name not in home_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        found: object = getattr(importlib.import_module(home_of[name]), name)
        return found

    return get
