"""What a model consists of: its parts, their parameters, types and devices, and what a batch costs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final, TypeAlias, final, overload

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from artifact_torch.contracts import AnyModel, InT, Model, OutT
from artifact_torch.data.batches.device import to_device
from artifact_torch.internal.modules import as_module
from artifact_torch.internal.narrowing import is_mapping, is_tuple
from artifact_torch.models.with_forward import model_name, without_forward

_Row: TypeAlias = tuple[str, str, str, str, str, str]

_MAX_ROWS: Final = 7
_HEAD: Final = ("part", "type", "parameters", "trainable", "dtype", "device")


@final
@dataclass(frozen=True, kw_only=True)
class PartSummary:
    """One part of a model. What an earlier part holds as well is counted there."""

    name: str
    """As in `named_modules`; empty for what the model holds beside its parts."""
    type: str
    n_parameters: int
    """Numbers, not tensors; so are all others."""
    n_trainable: int
    """Those that require a gradient."""
    n_shared: int
    """Parameters that are counted with an earlier part."""
    n_packed: int
    """Numbers in the state within something else than a tensor: weights of quantized layers."""
    n_buffers: int
    n_bytes: int
    """Of parameters, packed weights and buffers."""
    is_lazy: bool
    """Whether parameters get their size with the first batch, and are not counted yet."""
    dtypes: Sequence[str]
    """Of parameters and packed weights."""
    devices: Sequence[str]

    @property
    def holds_something(self) -> bool:
        """Unlike an activation."""
        numbers = self.n_parameters + self.n_shared + self.n_packed + self.n_buffers
        return numbers > 0 or self.is_lazy


@final
@dataclass(frozen=True, kw_only=True)
class ModelSummary:
    """What a model consists of. As text a table of at most nine lines."""

    type: str
    parts: Sequence[PartSummary]
    n_flops: int | None
    """Of one forward pass of the batch, a multiplication and its addition counted as two; None
    where it was not counted. Training takes about three times as many.
    """
    unknown_operations: Sequence[str]
    """Which operations are not in `n_flops`, because torch has no formula for them."""

    @property
    def n_parameters(self) -> int:
        return sum(each.n_parameters for each in self.parts)

    @property
    def n_trainable(self) -> int:
        return sum(each.n_trainable for each in self.parts)

    @property
    def n_bytes(self) -> int:
        return sum(each.n_bytes for each in self.parts)

    @property
    def forward(self) -> str:
        """What a forward pass of the batch computes, in words; empty where it was not counted."""
        least = "at least " if self.unknown_operations else ""
        counted = self.n_flops is not None
        return f"{least}{self.n_flops:,} FLOPs for a batch forward" if counted else ""

    def __str__(self) -> str:
        total = f"{self.type}: {self.n_parameters:,} parameters, {self.n_trainable:,} trainable"
        if any(each.is_lazy for each in self.parts):
            total += ", lazy ones not counted"
        total += f"; {_size(self.n_bytes)} with buffers"
        total += f"; {self.forward}" if self.forward else ""
        holding = [each for each in self.parts if each.holds_something]
        is_whole = len(holding) == len(self.parts) <= _MAX_ROWS
        shown = holding[: _MAX_ROWS if is_whole else _MAX_ROWS - 1]
        rows = [_HEAD, *map(_cells, shown)]
        if rest := [each for each in self.parts if each not in shown]:
            rows.append(_folded(rest))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join((total, *(_line(row, widths) for row in rows if self.parts)))


@overload
def summarize_model(model: nn.Module) -> ModelSummary: ...


@overload
def summarize_model(model: Model[InT, OutT], batch: InT) -> ModelSummary: ...


def summarize_model(model: AnyModel | nn.Module, batch: object = None) -> ModelSummary:
    """What `model` consists of; with a `batch`, also what a forward pass of it computes.

    Nothing of the model is changed. With a batch the forward pass is run once, on the model's
    device, in evaluation mode, without gradient, with random numbers and buffers of its own; not
    where a lazy layer would get its size by it. Raises what `forward` raises.
    """
    return summary_of(as_module(model), batch)


def summary_of(module: nn.Module, batch: object) -> ModelSummary:
    """As `summarize_model`, for a module of which no type is known; None is no batch."""
    parts = [*_parts(without_forward(module))]  # by the names that the weights have
    n_flops: int | None = None
    unknown: tuple[str, ...] = ()
    if batch is not None and not any(each.is_lazy for each in parts):
        from artifact_torch.trainer.display.flops import forward_flops

        tensors = chain(module.parameters(), module.buffers())
        device = next((each.device for each in tensors), torch.device("cpu"))
        n_flops, unknown = forward_flops(module, to_device(batch, device), device)
    return ModelSummary(
        type=model_name(module),
        parts=tuple(parts),
        n_flops=n_flops,
        unknown_operations=unknown,
    )


def _parts(module: nn.Module) -> Iterator[PartSummary]:
    """The children; of a wrapper around one module those of that module."""
    prefix = ""
    while not _own(module) and len(inner := [*module.named_children()]) == 1:
        (name, child), *_ = inner
        if not [*child.children()]:
            break
        module, prefix = child, f"{prefix}{name}."
    seen = set[Tensor]()
    if own := _own(module):
        yield _part(prefix.rstrip("."), type(module).__name__, own, {}, seen)
    for name, child in module.named_children():
        tensors = [*child.parameters(), *child.buffers()]
        yield _part(f"{prefix}{name}", type(child).__name__, tensors, child.state_dict(), seen)


def _own(module: nn.Module) -> list[Tensor]:
    return [*module.parameters(recurse=False), *module.buffers(recurse=False)]


def _part(
    name: str,
    kind: str,
    tensors: Sequence[Tensor],
    state: Mapping[str, object],
    seen: set[Tensor],
) -> PartSummary:
    """Adds `tensors` to those `seen`, which are not counted again."""
    new = [each for each in tensors if each not in seen and not is_lazy(each)]
    parameters = [each for each in tensors if isinstance(each, nn.Parameter)]
    counted = [each for each in new if isinstance(each, nn.Parameter)]
    packed = [*_packed(state)]
    seen.update(tensors)
    weights = [*parameters, *packed]
    return PartSummary(
        name=name,
        type=kind,
        n_parameters=_n(counted),
        n_trainable=_n(each for each in counted if each.requires_grad),
        n_shared=_n(parameters) - _n(counted),
        n_packed=_n(packed),
        n_buffers=_n(new) - _n(counted),
        n_bytes=sum(each.numel() * each.element_size() for each in (*new, *packed)),
        is_lazy=any(map(is_lazy, tensors)),
        dtypes=_distinct(str(each.dtype).removeprefix("torch.") for each in weights),
        devices=_distinct(str(each.device) for each in weights),
    )


def _packed(value: object, depth: int = 0) -> Iterator[Tensor]:
    """Tensors in tuples in a state: torch's quantized layers keep their weights so."""
    if is_mapping(value) and depth == 0:
        for each in value.values():
            yield from _packed(each, 1)
    elif is_tuple(value):
        for each in value:
            yield from [each] if isinstance(each, Tensor) else _packed(each, depth + 1)


def _n(tensors: Iterable[Tensor]) -> int:
    return sum(0 if is_lazy(each) else each.numel() for each in tensors)


def _size(n_bytes: int) -> str:
    unit, name = (2**20, "MiB") if n_bytes >= 2**20 else (2**10, "KiB")
    return f"{n_bytes / unit:.4g} {name}"


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _cells(part: PartSummary) -> _Row:
    counts = [
        f"{part.n_parameters:,}" if part.n_parameters or not part.n_packed else "",
        f"{part.n_packed:,} packed" if part.n_packed else "",
        f"{part.n_shared:,} shared" if part.n_shared else "",
        "lazy" if part.is_lazy else "",
    ]
    return (
        part.name or "(itself)",
        part.type,
        " + ".join(filter(None, counts)),
        f"{part.n_trainable:,}",
        ", ".join(part.dtypes) or "-",
        ", ".join(part.devices) or "-",
    )


def _folded(parts: Sequence[PartSummary]) -> _Row:
    parameters = sum(each.n_parameters for each in parts)
    trainable = sum(each.n_trainable for each in parts)
    dtypes = _distinct(each for part in parts for each in part.dtypes)
    devices = _distinct(each for part in parts for each in part.devices)
    counts = (f"{parameters:,}", f"{trainable:,}")
    places = (", ".join(dtypes) or "-", ", ".join(devices) or "-")
    return (f"... {len(parts)} more", "", *counts, *places)


def _line(row: _Row, widths: Sequence[int]) -> str:
    """Numbers to the right, words to the left."""
    cells = [
        cell.rjust(width) if position in {2, 3} else cell.ljust(width)
        for position, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return f"  {'  '.join(cells)}".rstrip()
