"""The type in which a step computes, the scale of its loss, and compilation."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Generic, Protocol, final

import torch
from torch.amp.grad_scaler import GradScaler

from artifact_torch.checkpoints.state import read
from artifact_torch.contracts import InT, OutT


def autocast_of(device: torch.device, dtype: torch.dtype | None) -> AbstractContextManager[object]:
    """What a forward pass runs in; may be entered again and again."""
    return torch.autocast(device.type, dtype=dtype) if dtype else nullcontext()


@final
@dataclass(frozen=True)
class Evaluation(Generic[InT, OutT]):
    """The forward pass of a step alone, in its precision: what another process can be sent."""

    forward: Callable[[InT], OutT]
    precision: AbstractContextManager[object]

    def __call__(self, batch: InT, /) -> OutT:
        with self.precision:
            return self.forward(batch)


def scaler_of(device: torch.device, dtype: torch.dtype | None) -> GradScaler | None:
    """float16 alone needs one: its smallest number is 6e-8."""
    return GradScaler(device.type) if dtype is torch.float16 else None


def load_scaler(
    device: torch.device, scaler: GradScaler | None, state: Mapping[str, object]
) -> GradScaler | None:
    """One that continues from `state`; new, since the old one may be between two calls."""
    if scaler is None:
        return None
    scaler = GradScaler(device.type)
    if state.get("scaler"):
        scaler.load_state_dict(read(state, "scaler"))
    return scaler


class _Compiled(Protocol):
    """`nn.Module.compile`, which torch leaves untyped."""

    def compile(self, **options: object) -> object: ...


def compile_in_place(module: _Compiled, options: bool | Mapping[str, object]) -> None:
    """Its call is compiled at the first batch; its names and the keys of its state stay."""
    if options is not False:
        module.compile(**({} if options is True else options))
