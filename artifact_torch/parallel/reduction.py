"""torch's engines around a model: whose gradients are reduced, and when."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, final

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from artifact_torch.contracts import InT, OutT
from artifact_torch.internal.ranks import gathered, ranks
from artifact_torch.parallel.collectives import all_sum
from artifact_torch.parallel.plan import Parallel


@final
@dataclass(frozen=True, kw_only=True)
class Reduction(Generic[InT, OutT]):
    """The calls of a model whose gradients all ranks share."""

    forward: Callable[[InT], OutT]
    """In training: its backward pass averages the gradients over the ranks."""
    held: Callable[[InT], OutT]
    """In training: the gradients of its backward pass stay on this rank until the next `forward`."""
    look: Callable[[InT], OutT]
    """In validation."""
    finish: Callable[[Sequence[Tensor]], None] | None
    """Averages the gradients of these that were held, where no `forward` comes any more; None where
    only a `forward` can.
    """
    drop: Callable[[], None]
    """Forgets a pass that failed, and what was held."""


def replicated(model: nn.Module, plan: Parallel) -> DistributedDataParallel:
    """Each rank has all of the model, with the weights of the first; the model itself stays as it is."""
    return DistributedDataParallel(model, find_unused_parameters=plan.unused)


def of_replica(
    wrapped: DistributedDataParallel,
    look: Callable[[InT], OutT],
    plan: Parallel | None = None,
) -> Reduction[InT, OutT]:
    """Of `DistributedDataParallel`; `look` is the call of the model in it, which waits for nobody. By
    a `plan` it is made anew where a parameter was frozen or thawed: it knows those of the start.
    """
    model: nn.Module = wrapped.get_submodule("module")
    parameters = [*model.parameters()]
    trained = _trained(parameters)

    def current() -> DistributedDataParallel:
        nonlocal wrapped, trained
        if plan is not None and _trained(parameters) != trained:
            del wrapped.reducer, wrapped.logger  # and with them its hooks in the parameters
            wrapped, trained = replicated(model, plan), _trained(parameters)
        return wrapped

    def call(batch: InT) -> OutT:
        untyped: Any = current()  # as torch leaves it
        output: OutT = untyped(batch)
        return output

    def forward(batch: InT) -> OutT:
        try:
            return call(batch)
        except RuntimeError as error:
            if "finished reduction" in str(error):  # torch's own remedy is for its wrapper
                error.add_note(_UNUSED)
            raise

    def held(batch: InT) -> OutT:
        with current().no_sync():
            return call(batch)

    return Reduction(forward=forward, held=held, look=look, finish=_average, drop=_nothing)


def _trained(parameters: Sequence[Tensor]) -> list[bool]:
    return [each.requires_grad for each in parameters]


_UNUSED: Final = (
    "the last batch left out parameters of the model, whose gradients the ranks wait for: "
    'parallel=Parallel(by="ddp", unused=True) looks for them at each batch; or freeze them'
)


def _average(parameters: Sequence[Tensor]) -> None:
    """Their gradients over the ranks, one after the other: once an epoch at most."""
    size = ranks().size
    found = gathered([each.grad is not None for each in parameters])
    for parameter, is_found in zip(parameters, map(any, zip(*found, strict=True)), strict=True):
        if is_found:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
            all_sum(parameter.grad)
            parameter.grad.div_(size)


def _nothing() -> None:
    """Gradients that were held are where any are, and go with them."""
