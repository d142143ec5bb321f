"""torch's `fully_shard` (FSDP2): each rank keeps a shard of every parameter."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Generic, Protocol, final, runtime_checkable

import torch
from torch import nn

from artifact_torch.checkpoints.sharded import is_sharded
from artifact_torch.contracts import InT, OutT
from artifact_torch.errors import ConfigurationError
from artifact_torch.internal.ranks import ranks
from artifact_torch.parallel.collectives import from_first
from artifact_torch.parallel.plan import Blocks, Parallel
from artifact_torch.parallel.reduction import Reduction


@runtime_checkable
class _Reduces(Protocol):
    """A module that torch has sharded or replicated in place."""

    def set_requires_gradient_sync(self, requires_gradient_sync: bool, /) -> None: ...


@runtime_checkable
class _Reshards(Protocol):
    """A module that is gathered for its forward pass."""

    def reshard(self) -> None: ...


@runtime_checkable
class _Resets(Protocol):
    """The same in newer versions of torch."""

    def reset_iter_state(self) -> None: ...


def shard(model: nn.Module, plan: Parallel, device: torch.device, *, is_cast: bool) -> None:
    """Shard it in place, with the weights of the first rank, block by block: one of them at a time is
    whole on `device`. Raises `ConfigurationError` for what torch cannot shard.

    Where the pass `is_cast` by autocast, that sees to inputs; else a `compute` type casts them all.
    """
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import MixedPrecisionPolicy, fully_shard

    if scalars := [name for name, each in model.named_parameters() if not each.dim()]:
        raise ConfigurationError(
            f'OptimizerStep: parallel="fsdp" cannot shard {", ".join(scalars[:8])}, of shape []; '
            "make it of shape [1]"
        )
    mesh = init_device_mesh(device.type, (ranks().size,))
    policy = MixedPrecisionPolicy(
        param_dtype=plan.compute, reduce_dtype=plan.reduce, cast_forward_inputs=not is_cast
    )
    whole = policy if plan.compute is None else replace(policy, output_dtype=torch.float32)
    for block in [*blocks_of(model, plan.blocks), model]:
        block.to(device)
        from_first(
            [each for each in (*block.parameters(), *block.buffers()) if not is_sharded(each)]
        )
        fully_shard(block, mesh=mesh, mp_policy=whole if block is model else policy)


def blocks_of(model: nn.Module, blocks: Blocks) -> Sequence[nn.Module]:
    """Those of its parts that are named, children before parents."""
    parts = [part for part in model.modules() if part is not model]
    if callable(blocks):
        found = [part for part in parts if blocks(part)]
    else:
        found = [part for part in parts if isinstance(part, tuple(blocks))]
    if blocks and not found:
        kinds = sorted({type(part).__name__ for part in parts})
        raise ConfigurationError(
            f"Parallel: blocks= names no part of {type(model).__name__}, which is made of "
            f"{', '.join(kinds) or 'nothing'}; name the classes of its large parts"
        )
    return found[::-1]


def is_in_parts(model: nn.Module) -> bool:
    """Whether torch has sharded or replicated it, or a part of it, in place."""
    return any(map(is_sharded, model.parameters())) or any(
        isinstance(part, _Reduces) for part in model.modules()
    )


@final
class _Parts(Generic[InT, OutT]):
    """The parts that torch changed in place, and the call of the whole."""

    def __init__(self, model: nn.Module, forward: Callable[[InT], OutT], *, holds: bool) -> None:
        self._model, self._forward, self._holds = model, forward, holds
        parts: list[object] = [*model.modules()]
        self._reducing = [part for part in parts if isinstance(part, _Reduces)]
        self._gathering = [part for part in parts if isinstance(part, _Reshards)]
        self._is_holding = False

    def forward(self, batch: InT) -> OutT:
        self._hold(False)
        return self._forward(batch)

    def held(self, batch: InT) -> OutT:
        self._hold(self._holds)
        return self._forward(batch)

    def look(self, batch: InT) -> OutT:
        output = self._forward(batch)
        self._reshard()  # else the root stays whole after a pass without gradient: plain tensors
        return output

    def drop(self) -> None:
        if isinstance(self._model, _Resets):
            self._model.reset_iter_state()  # and the gradients that were held
        self._reshard()

    def _hold(self, is_holding: bool) -> None:
        if is_holding is not self._is_holding:
            for part in self._reducing:
                part.set_requires_gradient_sync(not is_holding)
            self._is_holding = is_holding

    def _reshard(self) -> None:
        for part in self._gathering:
            part.reshard()


def of_parts(
    model: nn.Module, forward: Callable[[InT], OutT], *, holds_gradients: bool = True
) -> Reduction[InT, OutT]:
    """Of a model that torch has sharded or replicated in place; `forward` is its call."""
    parts = _Parts(model, forward, holds=holds_gradients)
    return Reduction(
        forward=parts.forward, held=parts.held, look=parts.look, finish=None, drop=parts.drop
    )
