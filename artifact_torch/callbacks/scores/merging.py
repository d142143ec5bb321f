"""What a metric that others wrote has of the rows that it saw, and how several are joined."""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final, Protocol, final, runtime_checkable

import torch
from torch import Tensor, nn
from typing_extensions import TypeVar

from artifact_torch.contracts import Merged
from artifact_torch.data import to_device
from artifact_torch.internal.merging import as_merged
from artifact_torch.internal.narrowing import is_mapping, is_state_dict

Value_co = TypeVar("Value_co", covariant=True)

_CPU: Final = torch.device("cpu")
_BY: Final[Mapping[str, Callable[[Tensor], Tensor]]] = {
    "dim_zero_sum": lambda parts: parts.sum(0),
    "dim_zero_max": lambda parts: parts.amax(0),
    "dim_zero_min": lambda parts: parts.amin(0),
}
"""By the name of torchmetrics' function for it: what of a state can be joined to the same as one process
has. Its mean weighs processes alike, and rows that are kept come to no less than what made them.
"""


class Metric(Protocol[Value_co]):
    """A `torchmetrics.Metric`, or whatever has these three."""

    def reset(self) -> None: ...

    # Any: what a metric takes is its own affair
    def update(self, *args: Any, **kwargs: Any) -> object: ...

    def compute(self) -> Value_co: ...


def merging_of(metric: Metric[object]) -> Merged[object] | None:
    """The metric itself where it has `seen` and `merge`; the states of one of torchmetrics that are
    sums, largest or smallest values; those of one of torcheval. None where rows have to be gathered.
    """
    if (merged := as_merged(metric)) is not None:
        return merged
    if isinstance(metric, _Joins) and not isinstance(metric, nn.Module):
        return _Joined(metric)
    # torchmetrics has no public name for them
    reductions: object = getattr(metric, "_reductions", None)
    if not is_mapping(reductions) or not reductions or not isinstance(metric, nn.Module):
        return None
    if any("_reductions" in vars(each) for each in metric.children()):  # it wraps others
        return None
    by = {str(name): _BY.get(getattr(each, "__name__", "")) for name, each in reductions.items()}
    known = {name: each for name, each in by.items() if each is not None}
    return _Reduced(metric, known) if len(known) == len(by) else None


def alone(metric: object) -> None:
    """Metrics of torchmetrics would gather from all processes when one computes, and wait for them."""
    for each in metric.modules() if isinstance(metric, nn.Module) else ():
        if "distributed_available_fn" in vars(each):
            vars(each)["distributed_available_fn"] = _never


def _never() -> bool:
    return False


@final
@dataclass(frozen=True)
class _States:
    """Of a metric of torchmetrics."""

    values: Mapping[str, Tensor]
    n_updates: int


@final
class _Reduced:
    """States of a size that rows do not change."""

    def __init__(self, metric: nn.Module, by: Mapping[str, Callable[[Tensor], Tensor]]) -> None:
        self._metric = metric
        self._by = by

    def seen(self) -> _States:
        """Syncs."""
        own = {name: self._state(name).cpu() for name in self._by}
        return _States(own, int(vars(self._metric).get("_update_count", 0)))

    def merge(self, seen: Sequence[object], /) -> None:
        states = [each for each in seen if isinstance(each, _States)]
        for name, joined in self._by.items():
            parts = torch.stack([each.values[name] for each in states])
            setattr(self._metric, name, joined(parts).to(self._state(name).device))
        # else one without a row of its own would warn that it had seen none
        vars(self._metric)["_update_count"] = sum(each.n_updates for each in states)

    def _state(self, name: str) -> Tensor:
        state: Tensor = getattr(self._metric, name)
        return state


@runtime_checkable
class _Joins(Protocol):
    """As metrics of torcheval are."""

    @property
    def device(self) -> torch.device: ...
    def state_dict(self) -> dict[str, Any]: ...  # Any: as torcheval has it
    def load_state_dict(self, state_dict: dict[str, Any], /) -> None: ...
    def to(self, device: torch.device, /) -> object: ...
    def merge_state(self, metrics: Sequence[Any], /) -> object: ...


@final
class _Joined:
    def __init__(self, metric: _Joins) -> None:
        self._metric = metric

    def seen(self) -> object:
        """Syncs."""
        return to_device(self._metric.state_dict(), _CPU)

    def merge(self, seen: Sequence[object], /) -> None:
        """In the order of ranks."""
        others = [deepcopy(self._metric) for _ in seen[1:]]
        for each, state in zip([self._metric, *others], seen, strict=True):
            each.load_state_dict(state if is_state_dict(state) else {})
            each.to(each.device)
        self._metric.merge_state(others)
