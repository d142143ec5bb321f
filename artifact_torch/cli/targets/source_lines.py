"""Where in the user's files something is written."""

import inspect
import sysconfig
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from artifact_torch.checking.annotations.spelling import nearest
from artifact_torch.checking.members.members import find_member, own_names, subject_of
from artifact_torch.cli.reports.findings import Place

_PACKAGES: Final = frozenset({"site-packages", "dist-packages"})
_LIBRARIES: Final = tuple(
    Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib")
)


def place_of_class(form: type) -> Place | None:
    """The `class` line; None for a class without source."""
    try:
        file = inspect.getsourcefile(form)
        _, line = inspect.getsourcelines(form)
    except (OSError, TypeError):
        return None
    return None if file is None else Place(file=file, line=max(line, 1))


def places_of_members(target: object, members: Iterable[str]) -> dict[str, Place]:
    """The `def` line of each member; for one that is missing, that of its misspelling, else the
    class. A member that a library wrote is at the class too: nothing can be changed there.
    """
    subject = subject_of(target)
    of_class = place_of_class(subject.cls)
    places: dict[str, Place] = {}
    for member in members:
        near = nearest(member, own_names(subject))
        written = (_place_of_value(target, name) for name in (member, near) if name)
        found = next((place for place in written if place is not None), of_class)
        if found is not None:
            places[member] = found
    return places


def _place_of_value(target: object, name: str) -> Place | None:
    found = find_member(subject_of(target), name)
    if found is None:
        return None
    value: object = found.value
    for wrapped in ("fget", "func", "__func__"):  # properties, cached ones, class methods
        value = getattr(value, wrapped, None) or value
    function = inspect.unwrap(value) if callable(value) else None
    if not inspect.isfunction(function):
        return None
    file = function.__code__.co_filename
    return None if is_library(file) else Place(file=file, line=function.__code__.co_firstlineno)


def is_library(file: str) -> bool:
    """Whether the file came with Python or was installed, and was not written by the user."""
    path = Path(file)
    installed = not _PACKAGES.isdisjoint(path.parts) or any(map(path.is_relative_to, _LIBRARIES))
    return installed or not path.is_file()
