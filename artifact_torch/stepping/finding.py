"""A learning rate to begin with, found by trying all of them for a moment."""

import math
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from itertools import count
from typing import Final, final

import numpy as np

from artifact_torch.checkpoints.rng import rng_state, set_rng_state
from artifact_torch.checkpoints.state import state_of
from artifact_torch.contracts import Batches, InT, OutT, Stateful, TrainingStep, Tunable
from artifact_torch.data import CheckedSource, as_source, to_device
from artifact_torch.data.batches.structure import number_of_rows
from artifact_torch.errors import ConfigurationError, LossError
from artifact_torch.internal.arguments import integer, number, refuse
from artifact_torch.internal.modules import rehearsing
from artifact_torch.internal.ranks import gathered, ranks
from artifact_torch.parallel.rows import part_of

_KEPT: Final = 0.98
"""Of the running loss, as Lightning and fastai keep."""
_EXPLODED: Final = 3.0
"""It stops where the running loss has risen above its least by so many times that."""


@final
@dataclass(frozen=True, kw_only=True)
class FoundRate:
    """Learning rates and the running loss after an update by each; made by `find_learning_rate`."""

    rates: Sequence[float]
    """Those that were tried, rising."""
    losses: Sequence[float]
    """Running means of the loss, the newest with weight 0.02, corrected for their start."""
    n_left_out: int
    """At the beginning, where the running mean is of few batches."""

    @property
    def suggestion(self) -> float:
        """The rate at which the running loss falls fastest over the logarithm of the rate, without the
        first tenth and the last, as Lightning's: of small batches that differ much it may be a
        chance fall at a low rate, which a look at the curve shows. Raises `LossError` if it falls
        nowhere.
        """
        losses = np.asarray(self.losses[self.n_left_out : -1], dtype=np.float64)
        slopes = np.gradient(losses) if len(losses) > 1 else np.zeros(1)
        steepest = int(slopes.argmin())
        if not slopes[steepest] < 0:
            highest = f", up to {self.rates[-1]:.2g}" if self.rates else ""
            raise LossError(
                f"find_learning_rate: the loss never fell in {len(self.rates)} updates{highest}, "
                f"without the first {self.n_left_out} and the last; try lower rates (lowest=) or "
                "more of them (n_updates=), and look at .rates and .losses"
            )
        return self.rates[self.n_left_out + steepest]


def find_learning_rate(
    step: TrainingStep[InT, OutT],
    loader: Batches[InT],
    /,
    *,
    lowest: float = 1e-7,
    highest: float = 1.0,
    n_updates: int = 100,
) -> FoundRate:
    """Updates by rising learning rates, and the loss at each: `.suggestion` is one to begin with.

    The rates rise by one factor from `lowest` to `highest` (arXiv 1506.01186) over batches of
    `loader`, as often through it as is needed; a schedule stands still. Several groups or parts
    keep their proportions, and the largest has the rate. It ends early where the loss explodes. Of
    several processes all call it, each has its rows of a batch, and the losses are those of all.
    After it, step, model, optimizer and random numbers are as they were. Each update syncs.

    Raises `ConfigurationError` for a step that has no rate to set (`Tunable`), and `LossError` if
    the first update fails.
    """
    problems = [
        *number("lowest", lowest, least=1e-30),
        *([] if highest > lowest else [f"highest must be above lowest, {lowest}, got {highest}"]),
        *integer("n_updates", n_updates, least=3),
    ]
    refuse([f"find_learning_rate: {each}" for each in problems])
    tuned: object = step
    if not isinstance(tuned, Tunable) or not tuned.learning_rates:
        raise ConfigurationError(
            f"find_learning_rate: {type(step).__name__} has no learning rate to set; use a step of "
            "this package, or give yours learning_rates and hold_rates (the contract Tunable)"
        )
    source = CheckedSource(as_source(loader, "loader"), "loader")
    growth = (highest / lowest) ** (1 / (n_updates - 1))
    with _as_before(step, tuned, loader):
        rates = [lowest * growth**index for index in range(n_updates)]
        losses = _running_losses(tuned, rates, _losses(step, source))
    return FoundRate(rates=rates[: len(losses)], losses=losses, n_left_out=n_updates // 10)


def _running_losses(step: Tunable, rates: Sequence[float], batches: Iterator[float]) -> list[float]:
    """One for each rate, until the loss explodes."""
    own = step.learning_rates
    largest = max(own.values())
    parts = {name: rate / largest if largest > 0 else 1.0 for name, rate in own.items()}
    losses, running = list[float](), 0.0
    for index, rate in enumerate(rates):
        step.hold_rates({name: rate * part for name, part in parts.items()})
        try:
            running = _KEPT * running + (1 - _KEPT) * next(batches)
        except LossError:
            if not losses:
                raise
            break
        losses.append(running / (1 - _KEPT ** (index + 1)))
        least = min(losses)
        if losses[-1] > least + _EXPLODED * abs(least):
            break
    return losses


def _losses(step: TrainingStep[InT, OutT], source: CheckedSource[InT]) -> Iterator[float]:
    """Of each update the mean over its batches."""
    window, part = list[float](), part_of(step)
    for epoch in count(1):
        for loaded in source.batches(epoch, 0, part):
            n_steps = step.n_steps
            batch = to_device(loaded, step.device)
            loss = step.update(batch)["loss"].item()
            is_spare = part is not None and part.is_spare
            window.append(loss if ranks().is_alone else _of_all(loss, batch, is_spare=is_spare))
            if not math.isfinite(window[-1]):  # on an accelerator no step looks at once
                raise LossError(f"find_learning_rate: the loss of an update is {window[-1]}")
            if step.n_steps != n_steps:
                yield sum(window) / len(window)
                window.clear()


def _of_all(loss: float, batch: object, *, is_spare: bool) -> float:
    """The mean over the rows of all ranks: on each the same, or one would end before the others."""
    n_rows = 0 if is_spare else number_of_rows(batch)
    seen = [(n, each) for n, each in gathered((n_rows, loss)) if n]
    return sum(n * each for n, each in seen) / sum(n for n, _ in seen)


@contextmanager
def _as_before(step: TrainingStep[InT, OutT], rates: Tunable, loader: object) -> Generator[None]:
    """Whatever happens inside, nothing has happened after. Inside, the model is in training mode."""
    model, source = step.model, loader if isinstance(loader, Stateful) else None
    weights, kept = deepcopy(model.state_dict()), deepcopy(state_of(step))
    read = None if source is None else deepcopy(state_of(source))
    rng = rng_state(step.device)
    try:
        with rehearsing(model):
            yield
    finally:
        model.load_state_dict(weights)
        step.load_state_dict(dict(kept))  # before the schedule may go on: it may wait for its plan
        rates.hold_rates(None)
        if source is not None and read is not None:
            source.load_state_dict(dict(read))
        set_rng_state(rng, step.device)
