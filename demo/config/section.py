"""Reading one section of a configuration, keeping every problem for one error."""

import json
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import TypeVar, final

from demo.config.kinds import Kind, Misfit, is_json_object

T = TypeVar("T")


@final
class Missing:
    """There is no default."""


MISSING = Missing()


@final
class Section:
    """The values of one JSON object, by key; what is wrong with them goes to `problems`."""

    def __init__(self, name: str, values: Mapping[str, object], problems: list[str]) -> None:
        self._name = name
        self._values = values
        self._problems = problems
        self._known: list[str] = []

    @classmethod
    def find(cls, document: Mapping[str, object], name: str, problems: list[str]) -> "Section":
        """The section `name` of `document`; an empty one, and a problem, where there is none."""
        values = document.get(name)
        if is_json_object(values):
            return cls(name, values, problems)
        wanted = "an object with the section's keys"
        problems.append(
            f"{name} must be {wanted}, got {_shown(values)}; change the value"
            if name in document
            else f"{name} is missing; add {wanted}"
        )
        return cls(name, {}, [])

    def read(self, key: str, kind: Kind[T], *, default: T | Missing = MISSING) -> T:
        """The value of `key`; where it is missing, `default`, if there is one.

        Otherwise notes the problem and returns the kind's stand-in.
        """
        self._known.append(key)
        if key not in self._values:
            if not isinstance(default, Missing):
                return default
            self._problems.append(f"{self._name}.{key} is missing; add {kind.expected}")
            return kind.stand_in
        try:
            return kind.convert(self._values[key])
        except Misfit:
            got = _shown(self._values[key])
            self._problems.append(
                f"{self._name}.{key} must be {kind.expected}, got {got}; change the value"
            )
            return kind.stand_in

    def finish(self) -> None:
        """Notes the keys that were never read."""
        note_unknown(self._values, self._known, self._problems, prefix=f"{self._name}.")


def note_unknown(
    values: Mapping[str, object], known: Collection[str], problems: list[str], *, prefix: str = ""
) -> None:
    """Adds to `problems` each key of `values` that is not `known`, with the nearest that is."""
    for key in values:
        if key not in known:
            nearest = get_close_matches(key, known, n=1)
            hint = f"did you mean {prefix}{nearest[0]}?" if nearest else "remove it"
            problems.append(f"{prefix}{key} is no known key; {hint}")


def _shown(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else text[:57] + "..."
