"""Whether a batch or an output is what its typed dict says, key by key."""

from collections.abc import Mapping
from typing import Final, TypeAlias, final

from torch import Tensor

from artifact_torch.checking.annotations.annotations import typed_dict_keys
from artifact_torch.checking.annotations.forms import is_typed_dict
from artifact_torch.checking.annotations.spelling import (
    nearest,
    quoted,
    show,
    show_value,
    with_article,
)
from artifact_torch.checking.values.dimensions import Dimensions
from artifact_torch.checking.values.value_checks import Check, NestedCheck, build_check
from artifact_torch.checking.violation import refusal, report
from artifact_torch.errors import DataError, Violation
from artifact_torch.internal.narrowing import is_list, is_mapping, is_tuple


@final
class ValueChecker:
    """Checks many values against one typed dict; building it reads the annotations once.

    Looks at classes, dtypes and shapes, never at the numbers: it does not sync a device.
    Keys that the typed dict does not name are fine.
    """

    def __init__(self, typed_dict: type) -> None:
        """Raises `DataError` when `typed_dict` is not one.

        A key whose type cannot be resolved at run time is only checked for being there.
        """
        if not is_typed_dict(typed_dict):
            raise DataError(f"values are checked against a typed dict, got {show(typed_dict)}")
        self._name: Final = show(typed_dict)
        self._check: Final = _nested_checks()(typed_dict)

    def check(
        self, value: object, where: str, dimensions: Dimensions | None = None
    ) -> list[Violation]:
        """All that is wrong with `value`, named `where` in messages.

        `dimensions`: sizes that names such as `batch` already stand for; those of this value are
        added. Without it, names are shared within the value only.
        """
        found: list[Violation] = []
        self._check(value, where, {} if dimensions is None else dimensions, found)
        return found

    def require(self, value: object, where: str, dimensions: Dimensions | None = None) -> None:
        """Raises `DataError` with everything that `check` finds."""
        found = self.check(value, where, dimensions)
        if found:
            heading = f"{where} does not fit {self._name}; give what it declares, or declare what you give"
            raise DataError(report(heading, found))


def fits(value: object, hint: object) -> bool:
    """Whether a value is of a type, as far as a value can tell."""
    check = build_check(hint, _nested_checks())
    found: list[Violation] = []
    if check is not None:
        check(value, "", {}, found)
    return not found


def _nested_checks() -> NestedCheck:
    """The checks of a typed dict and of those inside it, one for each."""
    checks: dict[object, Check] = {}

    def nested(hint: object) -> Check:
        if hint not in checks:
            keys: list[_KeyCheck] = []
            checks[hint] = _mapping_check(hint, keys)  # before its keys: it may contain itself
            for name, key in typed_dict_keys(hint).items():
                keys.append((name, key.required, build_check(key.hint, nested)))
        return checks[hint]

    return nested


_KeyCheck: TypeAlias = tuple[str, bool, Check | None]
"""Name, whether it is required, and the check of its value."""

_ABSENT: Final = object()


def _mapping_check(hint: object, keys: list[_KeyCheck]) -> Check:
    def check(value: object, where: str, sizes: Dimensions, found: list[Violation]) -> None:
        if not is_mapping(value):
            found += _not_a_mapping(value, where, hint, keys)
            return
        for name, required, of_key in keys:
            item = value.get(name, _ABSENT)
            if item is _ABSENT:
                if required:
                    found += _missing(name, where, hint, value)
            elif of_key is not None:
                of_key(item, f'{where}["{name}"]', sizes, found)

    return check


def _missing(
    name: str, where: str, hint: object, items: Mapping[object, object]
) -> list[Violation]:
    names = [key for key in items if isinstance(key, str)]
    there = f"the keys there are {quoted(names)}" if names else "it has no keys"
    near = nearest(name, names)
    fix = None if near is None else f'did you mean "{near}"?'
    message = f"is missing, {show(hint)} requires it; {there}"
    return refusal(f'{where}["{name}"]', "key-missing", message, fix)


def _not_a_mapping(
    value: object, where: str, hint: object, keys: list[_KeyCheck]
) -> list[Violation]:
    needed = quoted(name for name, required, _ in keys if required)
    with_keys = f" with the keys {needed}" if needed else ""
    message = f"is {with_article(show_value(value))}, must be a dict{with_keys} ({show(hint)})"
    fix = None
    if (is_list(value) or is_tuple(value)) and value and isinstance(value[0], Tensor):
        fix = (  # what torch's TensorDataset gives
            f"name the tensors: DataLoader(TensorTable({show(hint)}(...)), batch_size=...), or "
            f"DataLoader(collated(dataset, collate), batch_size=...)"
        )
    return refusal(where, "not-a-mapping", message, fix)
