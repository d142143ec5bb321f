"""Values as JSON has them."""

import math
from typing import SupportsFloat

from artifact_torch.internal.arguments import shown
from artifact_torch.internal.narrowing import is_list, is_mapping, is_tuple


def number_text(value: object) -> float | str:
    """A number as JSON has it: NaN and infinities are texts. Raises `TypeError` for no number."""
    if not isinstance(value, SupportsFloat):
        raise TypeError(f"got {shown(value)}, expected a number")
    number = float(value)
    return number if math.isfinite(number) else str(number)


def plain(value: object) -> object:
    """`value` as JSON has it: what it does not know becomes text."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return number_text(value)
    if is_mapping(value):
        return {str(key): plain(each) for key, each in value.items()}
    if is_list(value) or is_tuple(value):
        return [plain(each) for each in value]
    return str(value)
