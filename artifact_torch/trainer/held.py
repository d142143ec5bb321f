"""The weights that a result has, copied when they are first read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor, nn

from artifact_torch.contracts import AnyStep, Averaged
from artifact_torch.errors import ConfigurationError
from artifact_torch.trainer.weights import copied, wholly
from artifact_torch.validation.whole_model import is_divided


@final
@dataclass(frozen=True, kw_only=True)
class Copies:
    """By the names of the plain model, on the CPU."""

    last: Mapping[str, object] | None
    """None on a process that has only a part of them."""
    averaged: Mapping[str, object] | None


@final
class HeldWeights:
    """The weights of a step as they are when this is made, of which no copy is made before it is
    asked for.

    Whoever is about to change them says `settle` first, as the trainer does. A change by somebody
    else is noticed by a sum over each tensor: 9 ms for 60 million parameters, where a copy takes 130 ms
    and their memory. What has no such sums (sparse ones, state that is no tensor) is copied at
    once. Pickled and copied with its copies.
    """

    def __init__(self, step: AnyStep, *, at_once: bool = False, is_of_all: bool = False) -> None:
        """Those of a model that is divided among processes are copied at once where the call
        `is_of_all`, and else not at all.
        """
        self._step: AnyStep | None = step
        self._copies: Copies | None = None
        self._marks: list[Tensor] | None = None
        if is_divided(step.model) and not is_of_all:
            self._step, self._copies = None, Copies(last=None, averaged=None)
            return
        if not (at_once or is_divided(step.model)):
            self._marks = _marks(step.model)
        if self._marks is None:
            self.settle()

    def settle(self) -> None:
        """Make the copies now, if these are still the weights: from here on they are by value."""
        if self._step is None:
            return
        if self._marks is None or _same(self._marks, _marks(self._step.model)):
            self._copies = _copies(self._step)
        self._step = self._marks = None

    @property
    def copies(self) -> Copies:
        """Raises `ConfigurationError` where the weights were changed before they were read."""
        self.settle()
        if self._copies is None:
            raise ConfigurationError(
                "result: the weights of the model were changed since, and not by the trainer, before "
                "these were read; read result.last_weights before you change the model, or take them "
                "from a checkpoint: trainer.restore()"
            )
        return self._copies

    @property
    def last(self) -> Mapping[str, object]:
        """Raises `ConfigurationError` also where this process has only a part of them."""
        last = self.copies.last
        if last is None:
            raise ConfigurationError(
                "result: the model is divided among processes, and all of its weights are in what "
                "train() returned to the first of them alone; read them there, or from a checkpoint: "
                "artifact-torch checkpoint export"
            )
        return last

    def __getstate__(self) -> Mapping[str, object]:
        self.settle()
        return {"_step": None, "_marks": None, "_copies": self._copies}


def _copies(step: AnyStep) -> Copies:
    average = None
    if isinstance(step, Averaged):
        with step.averaged():
            average = wholly(copied(step.model))
    return Copies(last=wholly(copied(step.model)), averaged=average)


def _marks(model: nn.Module) -> list[Tensor] | None:
    """A sum of each tensor, on its device: does not sync. None where there is something else."""
    state: Mapping[str, object] = model.state_dict()
    try:
        return [_mark(each) for each in state.values()]
    except (TypeError, RuntimeError, NotImplementedError):
        return None


def _mark(value: object) -> Tensor:
    """The sum of its bits as whole numbers, modulo 2**64: the same in any order and on any device, and
    as fast as memory where they are 64 at a time.
    """
    if not isinstance(value, Tensor):
        raise TypeError
    bits = value.detach().contiguous().reshape(-1).view(torch.uint8)
    n_whole = bits.numel() // 8 * 8
    return bits[:n_whole].view(torch.int64).sum() + bits[n_whole:].sum()


def _same(before: list[Tensor], now: list[Tensor] | None) -> bool:
    """Syncs."""
    if now is None or len(before) != len(now):
        return False
    return all(one.item() == other.item() for one, other in zip(before, now, strict=True))
