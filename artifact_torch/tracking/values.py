"""The results of one moment, each under one name: what every plotting backend takes."""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from artifact_torch.contracts import Failure, Result, ResultKind
from artifact_torch.internal.narrowing import is_mapping


def values_of(
    results: Sequence[Result | Failure], kind: ResultKind, *, reserved: Collection[str] = ()
) -> dict[str, object]:
    """Those of `kind` by name, and those of its collections as `name/key`; a reserved name becomes
    `score/name`.
    """
    values: dict[str, object] = {}
    for each in results:
        if (
            not isinstance(each, Result)
            or each.kind.value.removesuffix("_collection") != kind.value
        ):
            continue
        if is_mapping(each.value):
            values.update({f"{each.name}/{key}": value for key, value in each.value.items()})
        else:
            is_reserved = each.name in reserved
            values[f"{kind.value}/{each.name}" if is_reserved else each.name] = each.value
    return values


def scalars(
    results: Sequence[Result | Failure], *, reserved: Collection[str] = ()
) -> dict[str, float]:
    """All scores, as floats."""
    values = values_of(results, ResultKind.SCORE, reserved=reserved)
    return {name: float(value) for name, value in values.items() if isinstance(value, float | int)}


def finite_arrays(results: Sequence[Result | Failure]) -> dict[str, NDArray[np.float64]]:
    """What a histogram can be made of: the finite values of each array that has any."""
    finite: dict[str, NDArray[np.float64]] = {}
    for name, array in values_of(results, ResultKind.ARRAY).items():
        values = np.asarray(array, dtype=np.float64)
        values = values[np.isfinite(values)]
        if values.size:
            finite[name] = values
    return finite
