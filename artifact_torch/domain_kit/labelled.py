"""Rows with what is true of them, and what a model says of the same rows."""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Generic, TypeAlias, final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from typing_extensions import TypeIs, TypeVar

from artifact_torch.contracts import Every
from artifact_torch.data.batches.device import to_device
from artifact_torch.errors import ValidationError

Data = TypeVar("Data")
"""What a model takes to say something of rows."""

Numbers: TypeAlias = Tensor | NDArray[np.generic] | Sequence[float]
Floats: TypeAlias = NDArray[np.float64]


@final
@dataclass(frozen=True, eq=False)
class LabelledSplit(Generic[Data]):
    """Rows, what is true of each, and how often that is compared with what the model says.

    `data` is given to the model as it is, on its device, all rows at once. `labels` are a number for
    each row: of a classification the class, 0 and up. `weights` say how much each row counts, 1 by
    default. `every=5` means epochs, `steps(500)` steps, None the end alone.
    """

    data: Data
    labels: Numbers
    _: KW_ONLY
    every: Every | None
    weights: Numbers | None = None

    @property
    def numbers(self) -> tuple[Floats, Floats | None]:
        """Labels and weights as doubles."""
        return floats(self.labels), None if self.weights is None else floats(self.weights)

    def data_for(self, model: object) -> Data:
        """The data where the parameters of the model are."""
        parameters = model.parameters() if isinstance(model, nn.Module) else iter(())
        first = next(parameters, None)
        return self.data if first is None else to_device(self.data, first.device)


def floats(values: Numbers) -> Floats:
    """The same numbers as an array of doubles, on the CPU."""
    found = values.detach().double().cpu().numpy() if isinstance(values, Tensor) else values
    return np.asarray(found, dtype=np.float64)


def is_labelled(value: object) -> TypeIs[LabelledSplit[object]]:
    """Whether it is such a split, of whatever data."""
    return isinstance(value, LabelledSplit)


def label_problems(split: LabelledSplit[object], n_classes: int | None) -> list[str]:
    """What is wrong with the labels and weights, in words; `n_classes` is None for numbers."""
    try:
        labels, weights = split.numbers
    except (TypeError, ValueError) as error:
        remedy = "pandas.factorize(labels, sort=True)[0] numbers words"
        return [f"labels and weights must be numbers, one a row ({error}); {remedy}"]
    if labels.ndim != 1 or labels.size == 0:
        return [f"labels must have the shape [rows], at least one, got {[*labels.shape]}"]
    problems: list[str] = []
    if not np.isfinite(labels).all():
        problems.append(f"labels: {counted(~np.isfinite(labels))} NaN or infinite; leave them out")
    elif n_classes is not None:
        unknown = ~np.isin(labels, np.arange(n_classes))
        if unknown.any():
            problems.append(
                f"labels must be classes from 0 to {n_classes - 1}, got {labels[unknown][0]:g} in "
                f"{counted(unknown)}; pandas.factorize(labels, sort=True)[0] numbers them from 0"
            )
    if weights is not None:
        problems += _weight_problems(weights, labels)
    return problems


def _weight_problems(weights: Floats, labels: Floats) -> list[str]:
    if weights.shape != labels.shape:
        return [f"weights must be one a row, {[*labels.shape]}, got {[*weights.shape]}"]
    if not (np.isfinite(weights) & (weights >= 0)).all() or weights.sum() == 0:
        return ["weights must be 0 or more, finite, and not all 0"]
    return []


def counted(found: NDArray[np.bool_]) -> str:
    return f"{found.sum()} of {found.size} rows"


def said(answer: object, shape: tuple[int, ...], what: str, *, advice: str) -> Floats:
    """What the method `what` of a model returned, as doubles.

    Raises `ValidationError` for anything but finite numbers of `shape`. Copies to the CPU.
    """
    if not isinstance(answer, torch.Tensor) or answer.shape != shape:
        got = [*answer.shape] if isinstance(answer, torch.Tensor) else type(answer).__name__
        raise ValidationError(
            f"{what}: got {got}, expected a tensor of shape {[*shape]}, for {shape[0]} labels; {advice}"
        )
    found = floats(answer)
    if not np.isfinite(found).all():
        raise ValidationError(
            f"{what}: {counted(~np.isfinite(found))} are NaN or infinite, expected finite numbers; "
            "the model diverged, or its input has NaN"
        )
    return found
