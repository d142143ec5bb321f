"""What is asked of a trainer or a step beside `train()`, by two processes; and what they differ in."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from artifact_torch import (
    ConfigurationError,
    DataLoader,
    DataLoaderRoutine,
    EpochBoundStopper,
    LossCallback,
    OptimizerStep,
    RankError,
    TensorTable,
    Trainer,
    find_learning_rate,
    steps,
)
from artifact_torch.internal.ranks import ranks
from artifact_torch.trainer.checks.devices import check_parallel
from tests.ranks.kit import World, in_ranks
from tests.ranks.toy_steps import SGD, Line, step_of
from tests.toys import Batches, Fit, Points, points


class Dropping(nn.Module):
    """Its loss has noise that each rank draws for itself."""

    def __init__(self) -> None:
        super().__init__()
        torch.default_generator.manual_seed(0)
        self.layers = nn.Sequential(nn.Linear(3, 8), nn.Dropout(0.5), nn.Linear(8, 1))

    def forward(self, points: Points) -> Fit:
        residual: Tensor = self.layers(points["x"]).flatten() - points["y"]
        return Fit(loss=residual.square().mean(), residual=residual)


def loader(n_rows: int) -> DataLoader[Points]:
    return DataLoader(TensorTable(points(n_rows)), batch_size=8, shuffle=True, seed=0)


def trainer(
    step: OptimizerStep[Points, Fit],
    *,
    n_held_out: int = 16,
    folder: Path | None = None,
    shifting: "Shifting | None" = None,
) -> Trainer[Points, Fit]:
    held_out = DataLoaderRoutine(loader(n_held_out), scores=[LossCallback("held_out")])
    return Trainer(
        step,
        train_loader=loader(32),
        stop=[EpochBoundStopper(max_n_epochs=2)],
        routines=[held_out],
        callbacks=[shifting] if shifting else [],
        run_folder=folder,
        checkpoint_every=steps(2),
        ledger=folder is not None,
        progress=False,
    )


@dataclass
class Shifting:
    """Changes the model, on the second rank alone."""

    model: Line

    def on_batch(self, step: int, batch: Points, output: Fit) -> None:
        if ranks().rank == 1 and step == 2:
            with torch.no_grad():
                self.model.layers.get_parameter("2.bias").add_(0.5)


class Breaking:
    """On the second rank it raises, where the first is busy in code of its own; later, or at once."""

    def __init__(self) -> None:
        self.at: int | None = None

    def batches(self, epoch: int) -> Iterator[Points]:
        for number, batch in enumerate(Batches(points(16), 8).batches(epoch)):
            if number == self.at and ranks().rank == 1:
                raise ValueError("the disk of rank 1")
            if number == self.at == 0:
                time.sleep(600.0)
            yield batch

    def __len__(self) -> int:
        return 2


def beside_train(breaking: Breaking) -> list[str]:
    """How each ends where one breaks."""
    routine = DataLoaderRoutine(breaking, scores=[LossCallback("loss")])
    run = Trainer(
        step_of(Line()),
        train_loader=breaking,
        stop=[EpochBoundStopper(max_n_epochs=1)],
        progress=False,
    )
    asks: list[Callable[[], object]] = [
        lambda: run.evaluate(routine),
        lambda: run.predict(breaking),
        run.rehearse,
    ]
    ended = list[str]()
    handler = signal.getsignal(signal.SIGUSR1)
    for ask in asks:
        breaking.at, began = 0, time.monotonic()
        try:
            ask()
        except (RankError, ValueError) as error:
            told = error.traceback if isinstance(error, RankError) else ""
            is_soon = time.monotonic() - began < 60.0
            ended.append(f"{type(error).__name__}: {error}; {'in batches' in told}; {is_soon}")
        breaking.at = None
        ask()  # all are together again
    assert signal.getsignal(signal.SIGUSR1) == handler
    run.train()
    return ended


def raises_in_a_pass() -> None:
    """The first waits in a collective."""
    breaking = Breaking()
    routine = DataLoaderRoutine(breaking, scores=[LossCallback("loss")])
    run = trainer(step_of(Line()))
    breaking.at = 1
    run.evaluate(routine)


def test_what_one_raises_beside_train_all_raise(two: "list[Seen]") -> None:
    of_another = "RankError: rank 1 raised ValueError: the disk of rank 1; True; True"
    assert two[0].ended == [of_another] * 3
    assert two[1].ended == ["ValueError: the disk of rank 1; False; True"] * 3
    first, second = World(2).endings(raises_in_a_pass)
    assert "RankError: rank 1 raised ValueError: the disk of rank 1" in first.error
    assert "ValueError: the disk of rank 1" in second.error.splitlines()


@dataclass
class Seen:
    """On one rank."""

    found: list[float] = field(default_factory=list[float])
    replayed: tuple[list[float], int, object] = ([], 0, None)
    errors: list[str] = field(default_factory=list[str])
    ended: list[str] = field(default_factory=list[str])


def asked_on_the_first() -> list[float]:
    """And on the second something else; then the same on both; then the first asks alone."""
    run, other = trainer(step_of(Line())), loader(16)
    routine = DataLoaderRoutine(other, scores=[LossCallback("loss")])
    ask: Callable[[], object] = run.rehearse if ranks().rank else lambda: run.evaluate(routine)
    with pytest.raises(RankError) as found:
        ask()
    words = "ask different things: evaluate() on rank 0, rehearse() on rank 1; ask it on every"
    assert words in str(found.value)
    same = run.evaluate(routine)["loss"]
    assert isinstance(same, float)
    if ranks().is_first:
        run.predict(other)
    return [same]


def test_what_is_asked_on_one_alone_names_the_call_and_the_remedy() -> None:
    first, second = World(2).endings(asked_on_the_first)
    assert len(second.given) == 1, second.error
    assert "RankError: predict() was asked on rank 0, and another process ended" in first.error
    assert "ask it on every process, not under `if rank == 0`" in first.error


def asked(folder: Path) -> Seen:
    seen = Seen()
    dropping = OptimizerStep(Dropping(), optimizer=SGD, device="cpu", parallel="ddp")
    seen.found = [*find_learning_rate(dropping, loader(30), highest=100.0, n_updates=40).losses]
    run = trainer(step_of(Line()), folder=folder)
    run.train()
    replayed = run.replay(7, folder=folder)
    seen.replayed = (replayed.losses, replayed.n_as_in_ledger, replayed.parted)
    try:
        trainer(step_of(Line()), n_held_out=16 + 8 * ranks().rank).train()
    except ConfigurationError as error:
        seen.errors.append(str(error))
    model = Line()
    try:
        trainer(step_of(model), shifting=Shifting(model)).train()
    except RankError as error:
        seen.errors.append(str(error))
    seen.ended = beside_train(Breaking())
    return seen


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> list[Seen]:
    return in_ranks(2, asked, tmp_path_factory.mktemp("asked") / "run")


def test_all_find_one_learning_rate(two: list[Seen]) -> None:
    assert two[0].found == two[1].found
    assert len(two[0].found) > 10


def test_a_step_is_made_again_by_each_over_its_rows(two: list[Seen]) -> None:
    (first, n_same, parted), (second, *_) = (each.replayed for each in two)
    assert n_same == 1
    assert parted is None
    assert first != second  # of other rows


def test_what_only_one_has_is_told_on_both(two: list[Seen]) -> None:
    assert two[0].errors == two[1].errors
    of_loaders, of_models = two[0].errors
    assert "loader, batches is 3 on rank 1, 2 on rank 0" in of_loaders
    assert "the model of rank 1 is another than that of rank 0, in layers.2.bias;" in of_models


class Own:
    """A step of one's own, which knows of no other process."""

    def __init__(self) -> None:
        self.model = Line()
        self.device = torch.device("cpu")
        self.n_steps = 0

    def update(self, batch: Points, /) -> Fit:
        raise NotImplementedError

    def evaluate(self, batch: Points, /) -> Fit:
        raise NotImplementedError

    def end_epoch(self) -> None: ...

    def after_scores(self, scores: object, moment: object, /) -> None: ...

    def state_dict(self) -> dict[str, object]:
        return {}

    def load_state_dict(self, state_dict: dict[str, object], /) -> None: ...


def own_step() -> str:
    os.environ["WORLD_SIZE"] = "2"  # as torchrun says before anybody has joined
    assert ranks().is_alone
    try:
        check_parallel(Own())
    except ConfigurationError as error:
        return str(error)
    return ""


def test_a_step_of_ones_own_is_refused_before_anybody_joins() -> None:
    (ended,) = World(1, is_joined=False).endings(own_step)
    assert "runs in a world of 2 processes" in ended.given[0]
