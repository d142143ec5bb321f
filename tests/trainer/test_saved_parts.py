"""Whatever has a state is in the checkpoint, wherever in the composition it is."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from torch import nn

from artifact_torch import (
    BatchRoutine,
    DataLoaderRoutine,
    EpochBoundStopper,
    FolderCheckpointer,
    OptimizerStep,
    Trainer,
    bind,
    stop_when,
    track_best,
)
from artifact_torch.checkpoints.state import read
from artifact_torch.checkpoints.trees import items_of
from artifact_torch.contracts import (
    ArtifactResults,
    BatchCallback,
    Checkpointer,
    Moment,
    ResultKind,
    ResultName,
    RunState,
)
from artifact_torch.errors import CheckpointError, ContractError
from tests.toys import Batches, Fit, Points, points, seeded_regression
from tests.trainer.composed import ADAM, Noise, loader, untyped


class Counts:
    """Counts how often it is used, in whatever place it stands."""

    def __init__(self, name: str = "counts") -> None:
        self.name = name
        self.n = 0

    def on_batch(self, step: int, batch: object, output: object) -> None:
        self.n += 1

    def start(self) -> None: ...
    def update(self, batch: object, output: object) -> None:
        self.n += 1

    def finish(self) -> float:
        return float(self.n)

    def should_stop(self, update: float) -> bool:
        self.n += 1
        return False

    def is_best(self, criterion: float) -> bool:
        self.n += 1
        return False

    def state_dict(self) -> Mapping[str, object]:
        return {"n": self.n}

    def load_state_dict(self, state_dict: dict[str, object]) -> None:
        n = state_dict["n"]
        assert isinstance(n, int)
        self.n = n


class CountsRounds(Counts):
    """As an artifact routine."""

    result_names: Sequence[ResultName] = ((ResultKind.SCORE, "rounds"),)

    def due(self, moment: Moment) -> Sequence[ResultName]:
        return self.result_names

    def validate(self, model: nn.Module, names: object, moment: Moment) -> ArtifactResults:
        self.n += 1
        return ArtifactResults(scores={"rounds": float(self.n)})


class CountsPasses(Batches):
    """A loader that remembers how often it was read."""

    def __init__(self) -> None:
        super().__init__(points(), 10)
        self.counts = Counts()

    def batches(self, epoch: int) -> Iterator[Points]:
        self.counts.n += 1
        return super().batches(epoch)

    def state_dict(self) -> Mapping[str, object]:
        return self.counts.state_dict()

    def load_state_dict(self, state_dict: dict[str, object]) -> None:
        self.counts.load_state_dict(state_dict)


WAYS = (
    "train_loader",
    "stop.1.stopper",
    "best.tracker",
    "callbacks",
    "callbacks.1.callbacks",
    "callbacks.1.callbacks.1",
    "routines.loader",
    "routines.scores",
    "routines.scores.1",
    "routines.1.routine",
)


def composed(folder: Path, n_epochs: int) -> tuple[Trainer[Points, Fit], dict[str, Counts]]:
    """A trainer with a part that counts in every place, and these parts by the way to them."""
    loaders = CountsPasses(), CountsPasses()
    rounds = CountsRounds()
    c = {way: Counts(way) for way in WAYS}
    c |= {"train_loader": loaders[0].counts, "routines.loader": loaders[1].counts}
    c["routines.1.routine"] = rounds
    model = seeded_regression()
    trainer = Trainer(
        OptimizerStep(model, optimizer=ADAM),
        train_loader=loaders[0],
        stop=[
            EpochBoundStopper(max_n_epochs=n_epochs),
            stop_when(c["stop.1.stopper"], on=lambda _state: 1.0),
        ],
        best=track_best(c["best.tracker"], by=lambda _state: 1.0),
        checkpointer=FolderCheckpointer(folder, every=2),
        callbacks=[
            c["callbacks"],
            BatchRoutine([c["callbacks.1.callbacks"], c["callbacks.1.callbacks.1"]]),
        ],
        routines=[
            DataLoaderRoutine(loaders[1], scores=[c["routines.scores"], c["routines.scores.1"]]),
            bind(rounds, model),
        ],
        progress=False,
    )
    return trainer, c


def numbers(counts: Mapping[str, Counts]) -> dict[str, int]:
    return {way: each.n for way, each in counts.items()}


def test_every_part_with_a_state_is_saved_under_the_way_to_it(tmp_path: Path) -> None:
    trainer, counts = composed(tmp_path, 4)
    trainer.train()
    per_epoch = {"train_loader": 1, "best.tracker": 1, "routines.loader": 1}
    expected = {way: 4 * per_epoch.get(way, 2) for way in WAYS}
    expected |= {"stop.1.stopper": 5, "routines.1.routine": 4}
    assert numbers(counts) == expected
    expected["stop.1.stopper"] = 4  # as it was before it was asked about the last epoch
    saved = read(FolderCheckpointer(tmp_path, every=2).load(), "parts")
    assert saved == {
        way: {
            "type": {
                "train_loader": "CountsPasses",
                "routines.loader": "CountsPasses",
                "routines.1.routine": "CountsRounds",
            }.get(way, "Counts"),
            "state": {"n": n},
        }
        for way, n in expected.items()
    }


def test_a_run_in_two_parts_ends_with_the_states_of_one(tmp_path: Path) -> None:
    whole, expected = composed(tmp_path / "whole", 4)
    result = whole.train()
    composed(tmp_path / "parts", 2)[0].train()
    second, counts = composed(tmp_path / "parts", 4)
    assert second.restore().n_epochs_elapsed == 2
    assert second.train().epoch_scores.equals(result.epoch_scores)
    assert numbers(counts) == numbers(expected)


class Heard:
    """The epochs that it was told of."""

    def __init__(self) -> None:
        self.epochs: list[int] = []

    def on_epoch_end(self, state: RunState) -> None:
        self.epochs.append(state.n_epochs_elapsed)


class Remembering(Heard):
    """Ends the run after its second epoch, where that is asked for."""

    def __init__(self, *, raises: bool) -> None:
        super().__init__()
        self._raises = raises

    def on_epoch_end(self, state: RunState) -> None:
        super().on_epoch_end(state)
        if self._raises and state.n_epochs_elapsed == 2:
            raise RuntimeError("look at the data")

    def state_dict(self) -> Mapping[str, object]:
        return {"epochs": list(self.epochs)}

    def load_state_dict(self, state_dict: dict[str, object]) -> None:
        self.epochs = [int(str(each)) for each in items_of(state_dict["epochs"]) or ()]


def test_a_hook_hears_of_each_epoch_once_in_a_run_that_goes_on(tmp_path: Path) -> None:
    """A checkpoint at the end of an epoch has what the hooks made of it, one that raises too."""

    def trained(n_epochs: int, *, raises: bool = False) -> tuple[list[int], list[int]]:
        heard, remembering = Heard(), Remembering(raises=raises)
        Trainer(
            OptimizerStep(seeded_regression(), optimizer=ADAM),
            train_loader=loader(),
            stop=[EpochBoundStopper(max_n_epochs=n_epochs)],
            hooks=[heard, remembering],
            run_folder=tmp_path,
            progress=False,
        ).train()
        return heard.epochs, remembering.epochs

    with pytest.raises(RuntimeError, match="look at the data"):
        trained(4, raises=True)
    assert trained(3, raises=True) == ([3], [1, 2, 3])
    assert trained(4) == ([4], [1, 2, 3, 4])
    assert trained(4) == ([], [1, 2, 3, 4])


def test_a_part_that_is_new_or_gone_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def build(*callbacks: BatchCallback[object, object]) -> Trainer[Points, Fit]:
        return Trainer(
            OptimizerStep(seeded_regression(), optimizer=ADAM),
            train_loader=loader(),
            stop=[EpochBoundStopper(max_n_epochs=1)],
            checkpointer=FolderCheckpointer(tmp_path, every=1),
            callbacks=callbacks,
            progress=False,
        )

    build(Counts(), Counts()).train()
    build(CountsRounds()).restore()
    assert caplog.messages == [
        "checkpoint: was written of Counts; callbacks (CountsRounds) starts afresh",
        "checkpoint: holds the state of callbacks.1, which this run has not",
    ]


# -- answers that are no state -----------------------------------------------------------------


class Forgets(Counts):
    state = None

    def state_dict(self) -> Mapping[str, object]:
        state: Mapping[str, object] = vars(Forgets)["state"]
        return state


class Keeps:
    """A checkpointer whose load lacks a return."""

    state = None

    def is_due(self, moment: Moment) -> bool:
        return False

    def save(self, moment: Moment, state: Mapping[str, object]) -> None: ...

    def load(self, *, epoch: int | None = None, step: int | None = None) -> Mapping[str, object]:
        state: Mapping[str, object] = vars(Keeps)["state"]
        return state


def small(
    callback: object = None, checkpointer: Checkpointer | None = None, **parts: object
) -> Trainer[Points, Fit]:
    usual: dict[str, object] = {
        "train_loader": loader(),
        "stop": [EpochBoundStopper(max_n_epochs=1)],
        "checkpointer": checkpointer,
        "callbacks": [] if callback is None else [callback],
        "progress": False,
    }
    step = OptimizerStep(seeded_regression(), optimizer=ADAM)
    return untyped(Trainer[Points, Fit], step, **(usual | parts))


def test_a_part_whose_state_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError) as refused:
        small(Forgets(), FolderCheckpointer(tmp_path, every=1)).train()
    assert str(refused.value).startswith("Forgets.state_dict: got None, expected a mapping of str")


def test_a_checkpointer_that_loads_none_is_named() -> None:
    with pytest.raises(CheckpointError) as refused:
        small(checkpointer=Keeps()).restore()
    assert str(refused.value) == (
        "Keeps.load: got None, expected what save was given; return that dict"
    )


def test_a_checkpoint_without_weights_does_not_blame_the_model() -> None:
    with pytest.raises(CheckpointError) as refused:
        small().load_state_dict({})
    assert str(refused.value).startswith(
        'checkpoint: "version" must be a whole number, only [] is there'
    )
    with pytest.raises(CheckpointError) as refused:
        small().load_state_dict({"version": 1})
    assert str(refused.value).startswith(
        "checkpoint: \"run\" must be a state dict, only ['version'] is there"
    )


class Half(Noise):
    """Saves and cannot load, in whatever place it stands."""

    name = "half"

    def state_dict(self) -> Mapping[str, object]:
        return {}

    def on_batch(self, step: int, batch: object, output: object) -> None: ...
    def start(self) -> None: ...
    def update(self, batch: object, output: object) -> None: ...
    def finish(self) -> float:
        return 0.0

    def batches(self, epoch: int) -> Iterator[Points]:
        return loader().batches(epoch)

    def __len__(self) -> int:
        return 4


HALVES: list[Callable[[], object]] = [
    lambda: small(Half()),
    lambda: small(BatchRoutine([Half()])),
    lambda: small(train_loader=Half()),
    lambda: small(routines=[DataLoaderRoutine(loader(), scores=[Half()])]),
    lambda: bind(Half(), seeded_regression()),
]


@pytest.mark.parametrize("make", HALVES)
def test_half_a_state_is_refused_wherever_it_is(make: Callable[[], object]) -> None:
    with pytest.raises(
        ContractError, match="Half does not satisfy Stateful:\n.*load_state_dict: is missing"
    ):
        make()
