"""Recorded results, each under one name: what every plotting backend takes."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from artifact_torch.internal.narrowing import is_mapping

if TYPE_CHECKING:  # the process that calls this does without torch
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from artifact_torch.contracts.tracking import Recorded

_log = logging.getLogger(__name__)


def values_of(
    results: Sequence[Recorded],
    kind: Literal["score", "array", "plot"],
    *,
    reserved: Collection[str] = (),
) -> dict[str, object]:
    """Those of `kind` by name, and those of its collections as `name/key`; a reserved name becomes
    `score/name`.
    """
    values: dict[str, object] = {}
    for each in results:
        if each.kind.value.removesuffix("_collection") != kind:
            continue
        value: object = each.value
        if is_mapping(value):
            values.update({f"{each.name}/{key}": one for key, one in value.items()})
        else:
            values[f"{kind}/{each.name}" if each.name in reserved else each.name] = value
    return values


def scalars(results: Sequence[Recorded], *, reserved: Collection[str]) -> dict[str, float]:
    """All scores, as floats."""
    values = values_of(results, "score", reserved=reserved)
    return {name: float(value) for name, value in values.items() if isinstance(value, float | int)}


def finite_arrays(results: Sequence[Recorded]) -> dict[str, NDArray[np.float64]]:
    """What a histogram can be made of: the finite values of each array that has any."""
    finite: dict[str, NDArray[np.float64]] = {}
    for name, array in values_of(results, "array").items():
        values = np.asarray(array, dtype=np.float64)
        values = values[np.isfinite(values)]
        if values.size:
            finite[name] = values
    return finite


def files(results: Sequence[Recorded], *, suffix: str = "") -> dict[str, Path]:
    """The file of each plot, those alone that end in `suffix` if there is one. A file that is gone
    is told and left out: what was recorded with it is there all the same.
    """
    found: dict[str, Path] = {}
    for name, path in values_of(results, "plot").items():
        if not isinstance(path, Path) or not path.name.endswith(suffix):
            continue
        if path.is_file():
            found[name] = path
        else:
            _log.warning("The plot %r is left out: %s is not there.", name, path)
    return found
