"""A step that keeps an average of the weights beside them."""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Generic, Never, final

import torch
from torch import Tensor, nn

from artifact_torch.checking.places import Place
from artifact_torch.checkpoints.sharded import is_sharded, local
from artifact_torch.checkpoints.state import read, read_int, state_of
from artifact_torch.contracts import (
    Cadence,
    Clipping,
    InT,
    Moment,
    Monitor,
    OutT,
    Planned,
    Portable,
    Skipping,
    TakesPart,
    TrainingStep,
    Tunable,
    Tuned,
    Windowed,
)
from artifact_torch.errors import CheckpointError
from artifact_torch.internal.arguments import refuse, shown
from artifact_torch.models.with_forward import model_name
from artifact_torch.parallel.rows import part_of
from artifact_torch.stepping.averaging import Averaging
from artifact_torch.stepping.update.foreach import copy_, lerp_


def averaged(step: TrainingStep[InT, OutT], how: Averaging, /) -> "AveragedStep[InT, OutT]":
    """`step`, with an average of the weights beside them: `averaged(step, ema(0.999))`.

    Training is bit for bit that of `step`. Validation and the best weights take the average.
    """
    return AveragedStep(step, how)


@final
class AveragedStep(Generic[InT, OutT]):
    """A step that keeps an average of the weights of another; made by `averaged`.

    It costs one pass over the weights where an average is due, the memory of another model, and
    that of a third while the average is looked at. Buffers are those of the last time; the
    statistics of a BatchNorm are thus the model's (`torch.optim.swa_utils.update_bn` makes others).
    """

    def __init__(self, step: TrainingStep[InT, OutT], how: Averaging, /) -> None:
        _require(step, how)
        self._step = step
        self._how = how
        self._counts_steps = isinstance(how.every, Cadence) and how.every.unit == "steps"
        self._names, self._live = _tensors(step.model)
        self._n_trained = sum(1 for _ in step.model.parameters())
        self._average = [each.detach().clone() for each in self._live]
        self._n_averaged = 0
        self._n_epochs, self._ended_at = 0, -1
        self._is_inside = False
        self._is_divided = any(map(is_sharded, self._live))

    @property
    def contract_places(self) -> Sequence[Place]:
        """The step inside."""
        return [("step", self._step, TrainingStep[InT, OutT])]

    @property
    def model(self) -> nn.Module:
        """Of the step inside."""
        return self._step.model

    @property
    def device(self) -> torch.device:
        """Of the step inside."""
        return self._step.device

    @property
    def n_steps(self) -> int:
        """Of the step inside."""
        return self._step.n_steps

    @property
    def part(self) -> TakesPart[InT] | None:
        """Of the step inside."""
        return part_of(self._step)

    @property
    def n_averaged(self) -> int:
        """How many times the weights went into the average."""
        return self._n_averaged

    @property
    def monitored(self) -> Sequence[str]:
        """Of the step inside."""
        return self._step.monitored if isinstance(self._step, Monitor) else ()

    @property
    def learning_rates(self) -> Mapping[str, float]:
        """Of the step inside; empty where it names none."""
        return self._step.learning_rates if isinstance(self._step, Tuned) else {}

    def hold_rates(self, rates: Mapping[str, float] | None, /) -> None:
        """Update by these `learning_rates`, whatever the schedule says; with None it goes on."""
        if isinstance(self._step, Tunable):
            self._step.hold_rates(rates)

    @property
    def gradient_norm(self) -> Tensor | None:
        """Of the step inside."""
        return self._step.gradient_norm if isinstance(self._step, Clipping) else None

    def drop_window(self) -> None:
        """As the step inside has it."""
        if isinstance(self._step, Windowed):
            self._step.drop_window()

    @property
    def n_skipped(self) -> int:
        """Of the step inside; 0 where it counts none."""
        return self._step.n_skipped if isinstance(self._step, Skipping) else 0

    def plan(self, n_batches: int, max_n_epochs: int | None, max_n_steps: int | None, /) -> None:
        """Told to the step inside."""
        if isinstance(self._step, Planned):
            self._step.plan(n_batches, max_n_epochs, max_n_steps)

    def update(self, batch: InT, /) -> OutT:
        """That of the step inside; then the average, where it is due."""
        before = self._step.n_steps
        output = self._step.update(batch)
        if self._counts_steps and self._step.n_steps != before:
            self._follow(ends_epoch=False)
        return output

    def evaluate(self, batch: InT, /) -> OutT:
        """That of the step inside, by the weights that are in the model."""
        return self._step.evaluate(batch)

    def evaluator(self) -> Callable[[Never], object] | None:
        """That of the step inside; as a whole where it has none of its own."""
        return self._step.evaluator() if isinstance(self._step, Portable) else self._step.evaluate

    def end_epoch(self) -> None:
        """That of the step inside, which may have one update left."""
        before = self._step.n_steps
        self._step.end_epoch()
        if self._step.n_steps == self._ended_at:  # asked again: its validation was interrupted
            return
        self._n_epochs, self._ended_at = self._n_epochs + 1, self._step.n_steps
        if not self._counts_steps or self._step.n_steps != before:
            self._follow(ends_epoch=True)

    def after_scores(self, scores: Mapping[str, float], moment: Moment, /) -> None:
        """Told to the step inside."""
        self._step.after_scores(scores, moment)

    @contextmanager
    def averaged(self) -> Generator[None]:
        """Inside, the model has the averaged weights; after, its own, bit for bit. Nothing is
        swapped before the first average.
        """
        if self._n_averaged == 0 or self._is_inside:
            yield
            return
        with torch.no_grad():
            own = [each.detach().clone() for each in self._live]
            copy_(self._local(self._live), self._local(self._average))
        self._is_inside = True
        try:
            yield
        finally:
            self._is_inside = False
            with torch.no_grad():
                copy_(self._local(self._live), self._local(own))

    def state_dict(self) -> dict[str, object]:
        """Of the step inside, and the average."""
        return {
            "step": state_of(self._step),
            "average": dict(zip(self._names, self._average, strict=True)),
            "n_averaged": self._n_averaged,
            "n_epochs": self._n_epochs,
            "ended_at": self._ended_at,
        }

    def load_state_dict(self, state_dict: dict[str, object], /) -> None:
        """Continue from `state_dict`."""
        saved = read(state_dict, "average")
        self._names, self._live = _tensors(self._step.model)
        found = [saved.get(name) for name in self._names]
        fitting = [
            each
            for each, own in zip(found, self._live, strict=True)
            if isinstance(each, Tensor) and each.shape == own.shape
        ]
        if len(fitting) < len(self._live) or len(saved) > len(self._names):
            raise CheckpointError(
                f"checkpoint: its average does not fit {model_name(self._step.model)}; build "
                "the model as it was built then"
            )
        self._step.load_state_dict(read(state_dict, "step"))
        self._average = [
            each.detach().to(own.device, own.dtype, copy=True)
            for each, own in zip(fitting, self._live, strict=True)
        ]
        self._is_divided = any(map(is_sharded, self._live))
        self._n_averaged = read_int(state_dict, "n_averaged")
        self._n_epochs = read_int(state_dict, "n_epochs")
        self._ended_at = read_int(state_dict, "ended_at")

    def _follow(self, *, ends_epoch: bool) -> None:
        moment = Moment(epoch=self._n_epochs, step=self._step.n_steps, ends_epoch=ends_epoch)
        if not self._how.reached(moment):
            return
        n = self._n_trained if self._n_averaged else 0
        with torch.no_grad():
            if n:
                weight = self._how.weight(self._n_averaged)
                lerp_(self._local(self._average[:n]), self._local(self._live[:n]), weight)
            if n < len(self._live):  # the first time all, then buffers alone
                copy_(self._local(self._average[n:]), self._local(self._live[n:]))
        self._n_averaged += 1

    def _local(self, tensors: Sequence[Tensor]) -> Sequence[Tensor]:
        """What this process has of them: no kernel takes DTensors together with others."""
        return [*map(local, tensors)] if self._is_divided else tensors


def _require(step: object, how: object) -> None:
    write, problems = "averaged(OptimizerStep(model, optimizer=...), ema(0.999))", list[str]()
    if not isinstance(step, TrainingStep):
        problems.append(f"got {shown(step)}, expected a training step; write {write}")
    if not isinstance(how, Averaging):
        problems.append(f"got {shown(how)}, expected ema(0.999) or swa(start=10)")
    refuse([f"averaged: {problem}" for problem in problems])


def _tensors(module: nn.Module) -> tuple[list[str], list[Tensor]]:
    """Names and tensors of the parameters, then of the buffers that are saved or not."""
    named: list[tuple[str, Tensor]] = [*module.named_parameters(), *module.named_buffers()]
    return [name for name, _ in named], [tensor for _, tensor in named]
