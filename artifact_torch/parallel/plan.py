"""How the processes of one run share a model."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, final

import torch
from torch import nn

from artifact_torch.internal.arguments import boolean, number, refuse, shown
from artifact_torch.internal.narrowing import is_sequence

Blocks: TypeAlias = Sequence[type[nn.Module]] | Callable[[nn.Module], bool]
"""Classes of modules, or a function that says whether a module is one."""


@final
@dataclass(frozen=True, kw_only=True)
class Parallel:
    """How the processes that `torchrun` starts share a model, and with which of torch's options.

    `by="ddp"`: each has all of it, and gradients are averaged (`DistributedDataParallel`).
    `by="fsdp"`: each keeps a shard of every parameter, gradient and optimizer state, and gathers the
    parameters of a block while it computes (`fully_shard`); `blocks` are the parts of the model that
    are gathered one after the other, such as `[TransformerBlock]`; what is in none of them is one more.

    For "fsdp" alone: `compute` and `reduce` are the types in which parameters are gathered and in which
    gradients are added up, while shards and optimizer keep the parameters' own. Beside `autocast=` of
    the same type the loss is computed as autocast has it; without, inputs are cast and all is computed
    in `compute`, targets and loss too. With `holds_gradients` the whole
    gradient of a window of `accumulate` batches is kept on each device and reduced once, else its shard,
    for which each batch's is reduced. For "ddp" alone: `unused`, where a batch may leave out parameters.

    A collective that takes longer than `timeout_s` fails. Raises `ConfigurationError`.
    """

    by: Literal["ddp", "fsdp"]
    blocks: Blocks = ()
    compute: torch.dtype | None = None
    reduce: torch.dtype | None = None
    holds_gradients: bool = True
    unused: bool = False
    timeout_s: float = 600.0

    def __post_init__(self) -> None:
        problems = [
            *boolean("holds_gradients", self.holds_gradients),
            *boolean("unused", self.unused),
            *number("timeout_s", self.timeout_s, least=1),
            *_blocks_problems(self.blocks),
        ]
        if self.by not in {"ddp", "fsdp"}:
            problems.append(f'by must be "ddp" or "fsdp", got {shown(self.by)}')
        for name, dtype in (("compute", self.compute), ("reduce", self.reduce)):
            if dtype is not None and not (_is_dtype(dtype) and dtype.is_floating_point):
                problems.append(f"{name} must be a floating point dtype, or None, got {dtype!r}")
        if self.by == "ddp":
            of_fsdp = {
                "blocks": bool(self.blocks),
                "compute": self.compute is not None,
                "reduce": self.reduce is not None,
                "holds_gradients": not self.holds_gradients,
            }
            problems += [
                f'{name}= is for by="fsdp"; leave it out, or shard the model'
                for name, is_given in of_fsdp.items()
                if is_given
            ]
        elif self.unused is True:
            problems.append('unused= is for by="ddp"; leave it out: shards need no list of them')
        refuse([f"Parallel: {problem}" for problem in problems])


Parallelism: TypeAlias = Literal["ddp", "fsdp"] | Parallel
"""What a step takes: the word alone, where torch's own options will do."""


def parallel_problems(given: object) -> list[str]:
    """What is wrong with the argument of a step."""
    if given is None or isinstance(given, Parallel) or given in ("ddp", "fsdp"):
        return []
    return [f'parallel must be "ddp", "fsdp", Parallel(by=..., ...) or None, got {shown(given)}']


def planned_by(given: Parallelism) -> Parallel:
    """The same with all its options."""
    return given if isinstance(given, Parallel) else Parallel(by=given)


def _is_dtype(value: object) -> bool:
    return isinstance(value, torch.dtype)


def _blocks_problems(blocks: object) -> list[str]:
    if callable(blocks) and not isinstance(blocks, type | nn.Module):
        return []
    if is_sequence(blocks) and all(isinstance(each, type) for each in blocks):
        return []
    expected = "a list of module classes, or a function of a module, such as [TransformerBlock]"
    return [f"blocks must be {expected}, got {shown(blocks)}"]
