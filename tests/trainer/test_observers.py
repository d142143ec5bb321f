"""Whoever looks at a run, and whatever he draws, it is the same bit for bit."""

import hashlib
import os
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from artifact_torch import (
    DataLoaderRoutine,
    EpochBoundStopper,
    OptimizerStep,
    WatchActivations,
    WatchGradients,
    bind,
    steps,
)
from artifact_torch.checkpoints.rng import rng_state
from artifact_torch.contracts import (
    AnyStep,
    ArtifactResults,
    Every,
    Moment,
    ResultKind,
    ResultName,
    RunState,
)
from artifact_torch.internal.narrowing import is_list, is_mapping, is_tuple
from artifact_torch.trainer.loop import onlookers
from tests.toys import Fit, Points, Regression
from tests.trainer.composed import ADAM, loader, loose, untyped


def of_torch() -> None:
    torch.rand(3)


def of_python() -> None:
    random.random()
    random.gauss(0, 1)


def of_numpy() -> None:
    np.random.normal()  # noqa: NPY002
    np.random.rand(5)  # noqa: NPY002


def of_seeds() -> None:
    """As a reader of examples writes it."""
    torch.default_generator.manual_seed(5)
    random.seed(5)
    np.random.seed(5)  # noqa: NPY002


DRAWS: list[Callable[[], None]] = [of_torch, of_python, of_numpy, of_seeds]


def draw() -> None:
    of_torch()
    of_python()
    of_numpy()


class Drawing(Regression):
    """Draws from all three itself."""

    def forward(self, points: Points) -> Fit:
        fit = super().forward(points)
        noise = random.gauss(0, 1) + float(np.random.normal())  # noqa: NPY002
        return Fit(loss=fit["loss"] * (1 + 0.01 * noise), residual=fit["residual"])


class Part:
    """Any kind of part, in whose every method `draw` is called."""

    def __init__(self, draw: Callable[[], None]) -> None:
        self.draw = draw


class OfBatches(Part):
    def on_batch(self, step: int, batch: object, output: object) -> None:
        self.draw()


class OfSomeBatches(OfBatches):
    every: Every = steps(3)


class OfMoments(Part):
    every: Every = steps(2)
    result_names: Sequence[ResultName] = ()

    def on_moment(self, step: AnyStep, moment: Moment) -> Mapping[str, float]:
        self.draw()
        return {}


class OfPasses(Part):
    name = "drawn"

    def start(self) -> None:
        self.draw()

    def update(self, batch: object, output: object) -> None:
        self.draw()

    def finish(self) -> float:
        self.draw()
        return random.random()


class Routine(Part):
    result_names: Sequence[ResultName] = ((ResultKind.SCORE, "of a routine"),)

    def due(self, moment: Moment) -> Sequence[ResultName]:
        self.draw()
        return self.result_names

    def validate(self, model: nn.Module, names: object, moment: Moment) -> ArtifactResults:
        self.draw()
        return ArtifactResults(scores={"of a routine": random.random()})


class Hook(Part):
    def on_start(self, step: AnyStep, state: RunState) -> None:
        self.draw()

    def on_epoch_end(self, state: RunState) -> None:
        self.draw()

    def on_end(self, state: RunState) -> None:
        self.draw()


class Stopper(Part):
    def should_stop(self, state: RunState) -> bool:
        self.draw()
        return False


class Tracker(Part):
    def is_best(self, state: RunState) -> bool:
        self.draw()
        return random.random() < 0.5


class Sums(Part):
    kind = ResultKind.SCORE

    def add(self, place: str, seen: Tensor) -> None:
        self.draw()

    def result(self) -> float:
        self.draw()
        return random.random()


PARTS = ("batches", "some", "moments", "passes", "routine", "hook", "stop", "best", "out", "grad")


def digest(names: Sequence[str], draw: Callable[[], None] = draw) -> str:
    """Of weights, optimizer and random numbers after two epochs with these parts."""
    torch.default_generator.manual_seed(0)
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002
    model = Drawing()
    step = OptimizerStep(model, optimizer=ADAM, device="cpu")
    callbacks: dict[str, object] = {
        "batches": OfBatches(draw),
        "some": OfSomeBatches(draw),
        "moments": OfMoments(draw),
        "out": WatchActivations("out", lambda: Sums(draw), model, every=steps(2)),
        "grad": WatchGradients("grad", lambda: Sums(draw), model, every=1),
    }
    routines: dict[str, object] = {
        "passes": untyped(DataLoaderRoutine[Points, Fit], loader(), scores=[OfPasses(draw)]),
        "routine": untyped(bind, Routine(draw), model),
    }
    trainer = loose(
        step,
        train_loader=loader(),
        stop=[EpochBoundStopper(max_n_epochs=2), *([Stopper(draw)] if "stop" in names else [])],
        best=Tracker(draw) if "best" in names else None,
        hooks=[Hook(draw)] if "hook" in names else [],
        callbacks=[each for name, each in callbacks.items() if name in names],
        routines=[each for name, each in routines.items() if name in names],
    )
    torch.default_generator.manual_seed(1)
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002
    np.random.normal()  # noqa: NPY002  one of a pair: the other is kept
    trainer.train()
    found = hashlib.sha256()
    for part in _flat([model.state_dict(), step.state_dict(), rng_state(step.device)]):
        found.update(part)
    return found.hexdigest()


def _flat(value: object) -> Iterator[bytes]:
    if isinstance(value, Tensor):
        yield value.detach().numpy().tobytes()
    elif is_mapping(value):
        for key, each in value.items():
            yield str(key).encode()
            yield from _flat(each)
    elif is_list(value) or is_tuple(value):
        for each in value:
            yield from _flat(each)
    else:
        yield str(value).encode()


@cache
def alone() -> str:
    return digest(())


_ALL = range(1, 2 ** len(PARTS))
_SOME = [_ALL[-1], *random.Random(0).sample(_ALL, 256)]
MASKS = _ALL if os.environ.get("ARTIFACT_TORCH_FAULTS") == "all" else _SOME
"""Each bit is a part; `make test-faults` takes all 1023."""


@pytest.mark.parametrize("chunk", range(8))
def test_of_ten_parts_any_may_look(chunk: int) -> None:
    for mask in MASKS[chunk::8]:
        names = [name for bit, name in enumerate(PARTS) if mask >> bit & 1]
        assert digest(names) == alone(), names


@pytest.mark.parametrize("draw", DRAWS)
@pytest.mark.parametrize("part", PARTS)
def test_each_may_draw_from_each_generator(part: str, draw: Callable[[], None]) -> None:
    assert digest((part,), draw) == alone()


@pytest.mark.parametrize("draw", DRAWS)
def test_this_test_can_fail(draw: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    expected = alone()

    def never(_part: object) -> bool:
        return False

    monkeypatch.setattr(onlookers, "may_draw", never)
    assert digest(["batches"], draw) != expected
