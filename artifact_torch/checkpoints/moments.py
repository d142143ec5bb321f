"""Whether what is saved of a parameter in the state of an optimizer is what that optimizer keeps."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias, final

from torch import Tensor

from artifact_torch.checkpoints.trees import (
    DAMAGED,
    REBUILD,
    dtype_kind,
    is_finite,
    is_number,
    items_of,
    misfit,
    named,
    told,
    tree_misfits,
)
from artifact_torch.contracts import ClosureOptimizer, Optimizer

State: TypeAlias = Mapping[object, object]
AnyOptimizer: TypeAlias = Optimizer | ClosureOptimizer

_ADAM: Final = {"step": "", "exp_avg": "", "exp_avg_sq": "", "max_exp_avg_sq": "amsgrad"}
_MOMENTS: Final[Mapping[str, Mapping[str, str]]] = {
    "ASGD": {"step": "", "eta": "", "mu": "", "ax": ""},
    "Adadelta": {"step": "", "square_avg": "", "acc_delta": ""},
    "Adafactor": {"step": "", "row_var": "?", "col_var": "?", "variance": "?"},
    "Adagrad": {"step": "", "sum": ""},
    "Adam": _ADAM,
    "AdamW": _ADAM,
    "Adamax": {"step": "", "exp_avg": "", "exp_inf": ""},
    "Muon": {"momentum_buffer": ""},
    "NAdam": {"step": "", "mu_product": "", "exp_avg": "", "exp_avg_sq": ""},
    "RAdam": {"step": "", "exp_avg": "", "exp_avg_sq": ""},
    "RMSprop": {
        "step": "",
        "square_avg": "",
        "momentum_buffer": "momentum",
        "grad_avg": "centered",
    },
    "Rprop": {"step": "", "prev": "", "step_size": ""},
    "SGD": {"momentum_buffer": "momentum"},
    "SparseAdam": {"step": "", "exp_avg": "", "exp_avg_sq": ""},
}
"""What torch's own keep for a parameter: always, where a number of the group is not zero, or (?)
depending on the parameter."""
_NUMBERS: Final = {"step", "eta", "mu", "mu_product"}
_FLAT: Final = ("d", "prev_flat_grad", "old_dirs", "old_stps")  # LBFGS: all parameters in one


def parameters_by_group(optimizer: AnyOptimizer) -> list[list[Tensor]]:
    """What it moves, in its order."""
    groups = [items_of(group["params"]) or [] for group in optimizer.param_groups]
    return [[each for each in group if isinstance(each, Tensor)] for group in groups]


def kind_of(optimizer: AnyOptimizer | None) -> str:
    """The name of one of torch's own, else nothing: of others we know only what they have."""
    kind = type(optimizer)
    return kind.__name__ if kind.__module__.startswith("torch.optim.") else ""


@final
class Moments:
    """What one optimizer keeps for its parameters."""

    def __init__(self, optimizer: AnyOptimizer | None) -> None:
        self._kind = kind_of(optimizer)
        groups = [] if optimizer is None else parameters_by_group(optimizer)
        self._parameters = [each for group in groups for each in group]
        self._names = _MOMENTS.get(self._kind)

    def always_kept(self, groups: Sequence[State]) -> bool:
        """Whether an update leaves some."""
        trained = any(each.requires_grad for each in self._parameters)
        if self._kind == "SGD":
            return trained and any(group.get("momentum") for group in groups)
        return trained and (self._names is not None or self._kind == "LBFGS")

    def misfits(
        self, where: str, saved: State, own: State, group: State, index: int
    ) -> Iterator[str]:
        """Of the parameter at `index`."""
        if self._names is not None and saved:
            needed = [
                name for name, by in self._names.items() if self._is_needed(name, by, group, index)
            ]
            if lacks := [name for name in needed if name not in saved]:
                yield misfit(
                    where, f"only {named(saved)}", f"{self._kind}, which keeps {named(lacks)} too"
                )
        for name, value in saved.items():
            at = f"{where}.{name}"
            yield from self._moment(at, name, value, own.get(name), index)

    def _is_needed(self, name: str, by: str, group: State, index: int) -> bool:
        if by != "?":
            return not by or _is_on(group.get(by))
        if index >= len(self._parameters):
            return False
        return (self._parameters[index].dim() > 1) is (name != "variance")

    def _moment(
        self, where: str, name: object, saved: object, own: object, index: int
    ) -> Iterator[str]:
        if not isinstance(saved, Tensor):
            is_tensor = isinstance(own, Tensor) or (
                self._names is not None and name in self._names.keys() - _NUMBERS
            )
            if is_tensor and not is_number(saved) and not (saved is None and own is None):
                yield misfit(where, told(saved), "a tensor there" if own is None else told(own))
            elif is_tensor and isinstance(own, Tensor) and own.numel() != 1:
                yield misfit(where, told(saved), told(own))
            elif self._kind == "LBFGS" and name in _FLAT:
                yield from self._flat(where, saved)
            elif name in _NUMBERS and self._names is not None and not is_number(saved):
                yield misfit(where, told(saved), "a number there")
            else:
                yield from tree_misfits(where, saved, own)
            return
        expected = self._expected(name, own, index)
        if expected is not None and [*saved.shape] != expected:
            yield misfit(where, told(saved), f"there {expected}", REBUILD)
        like = own if isinstance(own, Tensor) else self._like(name, index)
        if like is not None and dtype_kind(like.dtype) != dtype_kind(saved.dtype):
            yield misfit(where, told(saved), f"{dtype_kind(like.dtype)} there")
        elif (
            like is not None
            and saved.dim()
            and saved.dtype.itemsize > max(4, *self._sizes(index, like))
        ):
            yield misfit(where, told(saved), f"{told(like)}, which is less exact", REBUILD)
        if not is_finite(saved):
            yield misfit(where, "NaN or infinity", "to go on from numbers", DAMAGED)

    def _flat(self, where: str, saved: object) -> Iterator[str]:
        total = sum(each.numel() for each in self._parameters)
        items = items_of(saved)
        for index, each in enumerate([saved] if items is None else items):
            if each is None and items is None:
                continue
            if not isinstance(each, Tensor) or [*each.shape] != [total]:
                yield misfit(f"{where}.{index}", told(each), f"directions of {[total]}")
            elif not is_finite(each):
                yield misfit(f"{where}.{index}", "NaN or infinity", "to go on from numbers")

    def _expected(self, name: object, own: object, index: int) -> list[int] | None:
        """The shape, where it is known."""
        if isinstance(own, Tensor) and own.numel() > 0:
            return [*own.shape]
        if self._kind == "LBFGS":
            total = sum(each.numel() for each in self._parameters)
            return [total] if name in _FLAT else None
        if self._names is None or name not in self._names or index >= len(self._parameters):
            return None
        if name in _NUMBERS:
            return []
        shape = [*self._parameters[index].shape]
        if name == "row_var":
            return [*shape[:-1], 1]
        return [*shape[:-2], 1, *shape[-1:]] if name == "col_var" else shape

    def _like(self, name: object, index: int) -> Tensor | None:
        if self._names is None or name not in self._names or name in _NUMBERS:
            return None
        if index >= len(self._parameters):
            return None
        return self._parameters[index]

    def _sizes(self, index: int, like: Tensor) -> tuple[int, int]:
        beside = self._parameters[index] if index < len(self._parameters) else like
        return like.dtype.itemsize, beside.dtype.itemsize


def _is_on(value: object) -> bool:
    """Whether a number of a group says that a moment is kept; what is none is told by its own line."""
    return bool(value) if not isinstance(value, Tensor) or value.numel() == 1 else False
