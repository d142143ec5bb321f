"""How large the gradients and the parameters are."""

from collections.abc import Iterable, Sequence
from typing import Final, final

import torch
from torch import Tensor
from torch.nn.utils import get_total_norm

from artifact_torch.checkpoints.sharded import whole
from artifact_torch.contracts import (
    AnyStep,
    Clipping,
    Every,
    Failure,
    Moment,
    Result,
    ResultKind,
    ResultName,
)
from artifact_torch.internal.arguments import refuse
from artifact_torch.internal.cadence import cadence_problems

_HALF = (torch.float16, torch.bfloat16)


@final
class GradientNorm:
    """The 2-norm over all gradients of the last update, as the score `gradient_norm`.

    Before clipping where the step clips and tells the norm (`OptimizerStep(..., clip_norm=)`), else
    of the gradients as the update left them. One sync each time.
    """

    def __init__(self, *, every: Every = 1) -> None:
        refuse(cadence_problems("GradientNorm: every", every))
        self.every: Final = every
        self.result_names: Final[Sequence[ResultName]] = ((ResultKind.SCORE, "gradient_norm"),)

    def on_moment(self, step: AnyStep, moment: Moment, /) -> Sequence[Result | Failure]:
        """A failure where the update left no gradient."""
        norm = step.gradient_norm if isinstance(step, Clipping) else None
        if norm is None:
            norm = _norm(p.grad for p in step.model.parameters() if p.grad is not None)
        if norm is not None:
            return [Result(*self.result_names[0], norm.item())]
        if moment.is_rehearsal:  # no update was made
            return []
        why = "no parameter has a gradient after the update; let the step tell its gradient_norm"
        return [Failure(*self.result_names[0], why)]


@final
class ParameterNorm:
    """The 2-norm over all parameters that are trained, as the score `parameter_norm`.

    A frozen parameter does not count: a large backbone would hide what its head does. One sync each
    time.
    """

    def __init__(self, *, every: Every = 1) -> None:
        refuse(cadence_problems("ParameterNorm: every", every))
        self.every: Final = every
        self.result_names: Final[Sequence[ResultName]] = ((ResultKind.SCORE, "parameter_norm"),)

    def on_moment(self, step: AnyStep, _moment: Moment, /) -> Sequence[Result | Failure]:
        """A failure where every parameter is frozen."""
        norm = _norm(p.detach() for p in step.model.parameters() if p.requires_grad)
        if norm is None:
            return [Failure(*self.result_names[0], "every parameter of the model is frozen")]
        return [Result(*self.result_names[0], norm.item())]


def _norm(tensors: Iterable[Tensor]) -> Tensor | None:
    """The 2-norm over all values, None where there is no tensor. Fused for each dtype and device; a
    collective where the tensors are divided among processes.
    """
    with torch.no_grad():
        wide = [_wide(each) for each in tensors]
        return whole(get_total_norm(wide)) if wide else None


def _wide(tensor: Tensor) -> Tensor:
    """A tensor of the same norm that can be added up: a 16-bit norm has two digits, or overflows."""
    if tensor.is_sparse:  # a value that occurs twice counts as the sum
        tensor = tensor.coalesce().values()
    if tensor.dtype in _HALF:
        return get_total_norm([tensor.float()])  # the copy is gone before the next one's
    return tensor
