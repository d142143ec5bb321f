"""What a step does otherwise, as one process of several."""

import math
from collections.abc import Callable, Sequence
from typing import Any, Final, Generic, final

import torch
from torch import Tensor, nn
from torch.autograd import backward
from torch.nn.parallel import DistributedDataParallel

from artifact_torch.contracts import InT, OutT
from artifact_torch.errors import ConfigurationError, LossError
from artifact_torch.internal.ranks import gathered, ranks
from artifact_torch.parallel.collectives import from_first
from artifact_torch.parallel.group import device_here, join, require_whole_environment, world_size
from artifact_torch.parallel.noise import with_own_noise
from artifact_torch.parallel.plan import Parallelism, planned_by
from artifact_torch.parallel.reduction import Reduction, of_replica, replicated
from artifact_torch.parallel.replicas import require_alike
from artifact_torch.parallel.rows import PartOfRank
from artifact_torch.parallel.shards import is_in_parts, of_parts, shard
from artifact_torch.stepping.update.loss import checked_loss


@final
class Engine(Generic[InT, OutT]):
    """The model's calls over all ranks, and what they have to agree on.

    A loss that is not finite makes its rank's gradient NaN, and with it everybody's: no rank needs to
    ask the others at each step.
    """

    def __init__(
        self,
        model: nn.Module,
        reduction: Reduction[InT, OutT],
        device: torch.device,
        *,
        part: PartOfRank[InT] | None,
        is_portable: bool,
    ) -> None:
        self.device: Final[torch.device] = device
        """Where this rank's model is."""
        self.part: Final[PartOfRank[InT] | None] = part
        """Gives this rank its rows; None where its source reads for it alone."""
        self.is_portable: Final[bool] = is_portable
        """Whether its forward pass needs no other rank."""
        self.bad: LossError | None = None
        """The first loss of this window on this rank that was not finite."""
        self._model, self._reduction = model, reduction
        self._is_ending, self._is_stale, self._shared = False, False, list[int]()
        self._last: InT | None = None
        """Whose gradients only a pass can reduce."""

    def training(
        self, *, is_last: Callable[[], bool], n_done: Callable[[], int], accumulates: bool
    ) -> Callable[[InT], OutT]:
        """The forward pass of a batch whose gradients are reduced where it `is_last` of a window."""
        reduction = self._reduction

        def forward(batch: InT) -> OutT:
            self._shared = []
            if self._is_stale:
                self._is_stale = False
                self._reduce_by(reduction.forward, batch)
                for parameter in self._model.parameters():
                    parameter.grad = None
            if not accumulates or self._is_ending or is_last():
                return reduction.forward(batch)
            self._last = batch if reduction.finish is None else None
            return reduction.held(batch)

        return with_own_noise(forward, self.device, ranks().rank, n_done)

    @property
    def alone(self) -> Callable[[InT], OutT]:
        """The forward pass of a model whose ranks each have all of it."""
        return self._reduction.look

    def look(self, batch: InT) -> OutT:
        """The forward pass of validation, by the first rank's buffers on all."""
        buffers = [*self._model.buffers()]
        if buffers and self._shared != _versions(buffers):
            from_first(buffers)
            self._shared = _versions(buffers)
        return self._reduction.look(batch)

    def weighted(self, loss: Tensor, *, skips: bool) -> Tensor:
        """This rank's `loss` in the average over all: by its rows, NaN where it is not finite."""
        part = self.part
        weight = 1.0 if part is None else part.taken_weight()
        if loss.is_cpu:
            if not math.isfinite(loss.item()):
                weight = math.nan
        elif skips:  # without waiting to know
            seen = loss.detach()
            return loss * (seen - seen + weight)
        return loss if weight == 1.0 else loss * weight

    def end_window(self, parameters: Sequence[Tensor], forward: Callable[[InT], OutT]) -> None:
        """Reduce the gradients of an incomplete window. Where only a pass can do that, its last batch
        goes through `forward` once more, for nothing.
        """
        if self._reduction.finish is not None:
            self._reduction.finish(parameters)
        elif self._last is not None:
            self._is_ending = True
            try:
                self._reduce_by(forward, self._last)
            finally:
                self._is_ending, self._last = False, None

    def drop_window(self) -> None:
        """What was begun of an update goes; what only a pass can reduce, before the next one."""
        self._is_stale = self._is_stale or self._last is not None
        self.bad, self._last = None, None
        self._reduction.drop()

    def _reduce_by(self, forward: Callable[[InT], OutT], batch: InT) -> None:
        """Reduce what is held, by a pass that adds nothing to it and leaves buffers as they are."""
        buffers = [(each, each.clone()) for each in self._model.buffers()]
        backward(checked_loss(forward(batch)) * 0.0)
        with torch.no_grad():
            for own, kept in buffers:
                own.copy_(kept)

    def require_same(self) -> None:
        """Where an epoch ends: raises `RankError`, on all ranks, where one has changed its replica of
        the model by itself. Syncs.
        """
        if self.is_portable and self.part is not None:
            require_alike(self._model)

    def refuse(self) -> None:
        """Raise the same `LossError` on all ranks, where the loss of one was not finite."""
        bad, self.bad = self.bad, None
        told = gathered(None if bad is None else (str(bad), bad.loss))
        for rank, each in enumerate(told):
            if each is not None:
                error = LossError(f"rank {rank}: {each[0]}")
                error.loss = each[1]
                raise error


def _versions(tensors: Sequence[Tensor]) -> list[int]:
    """Torch counts what writes into a tensor: an average of weights that was put in and taken out."""
    return [each._version for each in tensors]  # noqa: SLF001


def engine_of(
    model: nn.Module,
    forward: Callable[[InT], OutT],
    parallel: Parallelism | None,
    device: torch.device | str,
    *,
    is_cast: bool,
) -> Engine[InT, OutT] | None:
    """What a step of `model`, whose call is `forward` and `is_cast` by autocast, needs as one of
    several processes; None where it is alone.

    Joins the process group, and puts the model on this rank's device. Raises `ConfigurationError`
    where there are several processes and neither `parallel` nor the model says how they share it.
    """
    if world_size() == 1:
        if parallel is not None:
            require_whole_environment()
        return None
    is_ready = isinstance(model, DistributedDataParallel) or is_in_parts(model)
    if parallel is None and not is_ready:
        raise ConfigurationError(
            f"OptimizerStep: this is one of {world_size()} processes, which do not share the model: "
            'each would train one of its own; say how, parallel="ddp" or parallel="fsdp", or start '
            "the program without torchrun"
        )
    if parallel is not None and is_ready:
        raise ConfigurationError(
            "OptimizerStep: parallel= is for a plain module, and this one is parallel already; leave "
            "it out, or hand over the module that was wrapped"
        )
    here = device_here(device)
    if parallel is None:
        model.to(here)
        return _ready(model, forward, here)
    plan = planned_by(parallel)
    join(here, plan.timeout_s)
    part = PartOfRank[InT](ranks())
    if plan.by == "ddp":
        model.to(here)
        reduction = of_replica(replicated(model, plan), forward, plan)
        return Engine(model, reduction, here, part=part, is_portable=True)
    shard(model, plan, here, is_cast=is_cast)
    reduction = of_parts(model, forward, holds_gradients=plan.holds_gradients)
    return Engine(model, reduction, here, part=part, is_portable=False)


def _ready(
    model: nn.Module, forward: Callable[[InT], OutT], device: torch.device
) -> Engine[InT, OutT]:
    """Of a model that is parallel already: each rank's source is its own."""
    if isinstance(model, DistributedDataParallel):
        inside: Any = model.get_submodule("module")  # its call, which has the same types
        look: Callable[[InT], OutT] = inside
        return Engine(model, of_replica(model, look), device, part=None, is_portable=True)
    return Engine(model, of_parts(model, forward), device, part=None, is_portable=False)
