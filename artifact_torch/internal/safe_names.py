"""Names of results in a form that every tracking backend can store."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import blake2b
from types import MappingProxyType
from typing import final

_log = logging.getLogger(__name__)

MAX_LENGTH = 100
"""Characters. A collection and a key of it fit MLflow's 250 with artifact-experiment's prefix."""

_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]")
_RESERVED_BY_WINDOWS = frozenset(
    ["CON", "PRN", "AUX", "NUL"]
    + [f"{port}{number}" for port in ("COM", "LPT") for number in range(1, 10)]
)


def safe_form(name: str, *, dots: bool = True) -> str:
    """`name` in letters, digits, `_`, `-` and (inside) `.`: a metric, a file or a folder anywhere.

    At least 1, at most `MAX_LENGTH` characters. Two names may share one form: see `SafeNames`.
    """
    form = _UNSAFE.sub("_", str(name))[:MAX_LENGTH] or "_"
    if not dots:
        form = form.replace(".", "_")
    # "." and ".." walk up, ".x" is hidden, and Windows drops a last dot
    form = re.sub(r"^\.|\.$", "_", form)
    if form.split(".")[0].upper() in _RESERVED_BY_WINDOWS:
        form = f"_{form}"[:MAX_LENGTH]
    return form


@final
class SafeNames:
    """One safe name for each name, never the same for two, also where case does not count.

    A name that would take another's form gets a suffix made of its own hash: the same in every
    run. Of names that arrive together, one that is already safe keeps itself. `given` has names
    that were given their forms before, by another of these.
    """

    def __init__(
        self,
        *,
        reserved: Iterable[str] = (),
        dots: bool = True,
        given: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._dots = dots
        self._taken = {name.casefold() for name in (*reserved, *given.values())}
        self._given: dict[str, str] = dict(given)

    def of(self, names: Iterable[str]) -> Mapping[str, str]:
        """Each of `names` to its safe name, in the order of `names`."""
        asked = list(names)
        new = {name: safe_form(name, dots=self._dots) for name in asked if name not in self._given}
        for name in sorted(new, key=lambda name: (new[name] != name, str(name))):
            self._given[name] = self._claim(name, new[name])
        return {name: self._given[name] for name in asked}

    def _claim(self, name: str, form: str) -> str:
        free, attempt = form, 0
        while free.casefold() in self._taken:
            # `attempt` counts: somebody may have named a result like another's suffix
            text = f"{name}{attempt or ''}".encode("utf-8", "surrogatepass")
            suffix = f"-{blake2b(text, digest_size=4).hexdigest()}"
            free, attempt = form[: MAX_LENGTH - len(suffix)] + suffix, attempt + 1
        self._taken.add(free.casefold())
        if free != name:
            _tell(name, free)
        return free


@lru_cache(maxsize=1000)
def _tell(name: str, form: str) -> None:
    """Once a process: a column is a key of several collections."""
    _log.info("%r is named %r in files and tracking", name, form)
