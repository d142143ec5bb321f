"""A model that is divided among processes, whole on the first of them: for what generates with it."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Final, final

import torch
from torch import Tensor, nn

from artifact_torch.checkpoints.sharded import is_sharded, whole
from artifact_torch.errors import ValidationError
from artifact_torch.internal.narrowing import is_mapping
from artifact_torch.internal.ranks import ranks

_OF_ENGINE: Final = "torch.distributed"
_LEFT_OUT: Final = ("__composable_api", "_is_fsdp", "_fsdp", "_compiled_call_impl")


@final
class WholeModel:
    """A plain copy on the CPU of the first rank, made once; the others have none.

    It takes the memory of the weights there, and of one tensor on each rank's device for a moment.
    """

    def __init__(self) -> None:
        self._twin: nn.Module | None = None

    def room(self, model: nn.Module) -> nn.Module:
        """On the first rank: with the weights that `of` found last, or whatever lies in memory."""
        self._twin = self._twin or plain_copy(model)
        return self._twin

    def of(self, model: nn.Module) -> nn.Module | None:
        """With the weights as they are, in evaluation mode; None on the other ranks. A collective."""
        if ranks().is_first:
            self.room(model)
        own = None if self._twin is None else tensors_of(self._twin)
        with torch.no_grad():
            for name, each in tensors_of(model).items():
                found = whole(each.detach())
                if own is not None:
                    own[name].copy_(found)
        return self._twin


def tensors_of(model: nn.Module) -> dict[str, Tensor]:
    """Parameters and buffers, those too that are in no state."""
    return dict([*model.named_parameters(), *model.named_buffers()])


def plain_copy(model: nn.Module) -> nn.Module:
    """The modules as they were before torch divided them, with memory for whole parameters. Raises
    `ValidationError` where what a module holds cannot be copied.

    torch refuses to copy one that it divided, since its hooks belong to that one: they are left out.
    """
    memo: dict[int, object] = {id(each): _room(each) for each in tensors_of(model).values()}
    twins = {part: _blank(part) for part in model.modules()}
    memo |= {id(part): twin for part, twin in twins.items()}
    for part, twin in twins.items():
        try:
            held = {
                key: deepcopy(_without_engine(value) if key.endswith("_hooks") else value, memo)
                for key, value in vars(part).items()
                if not key.startswith(_LEFT_OUT)
            }
        except Exception as error:
            raise ValidationError(
                f"{type(part).__name__} cannot be copied to be whole on one process, which artifacts "
                f"need of a model that is divided ({type(error).__name__}: {error}); keep what it holds "
                "outside of the module"
            ) from error
        vars(twin).update(held)
    return twins[model].eval()


def _room(tensor: Tensor) -> Tensor:
    room = torch.empty(tensor.shape, dtype=tensor.dtype)
    is_parameter = isinstance(tensor, nn.Parameter)
    return nn.Parameter(room, requires_grad=tensor.requires_grad) if is_parameter else room


def _blank(part: nn.Module) -> nn.Module:
    """Of the class that it had: torch puts one of its own before it."""
    classes = [cls for cls in type(part).__mro__ if not cls.__module__.startswith(_OF_ENGINE)]
    make: Callable[[type], nn.Module] = vars(object)["__new__"]
    twin = make(classes[0])
    vars(twin)["_compiled_call_impl"] = None
    return twin


def _without_engine(value: object) -> object:
    """Of a mapping of hooks those that are not torch's own."""
    if not is_mapping(value):
        return value
    kept: Mapping[object, object] = value
    left = {key: each for key, each in kept.items() if not _is_of_engine(each)}
    if len(left) == len(kept):
        return value
    made = type(value)()
    if isinstance(made, dict):
        made.update(left)
    return made


def _is_of_engine(value: object) -> bool:
    while (inner := _inside(value)) is not None:
        value = inner
    owner: object = getattr(value, "__self__", value)
    modules = [getattr(each, "__module__", None) for each in (value, owner, type(owner))]
    return any(isinstance(each, str) and each.startswith(_OF_ENGINE) for each in modules)


def _inside(value: object) -> object:
    """The function that a `functools.partial` calls."""
    return getattr(value, "func", None)


def is_divided(model: nn.Module) -> bool:
    """Whether a parameter is on this process in part."""
    return any(map(is_sharded, model.parameters()))
