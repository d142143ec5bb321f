"""What to write instead of a part that belongs elsewhere, or that a function forgot to return."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TypeVar

import pandas as pd
import pytest
import torch
import torch.utils.data as torch_data
from torch import Tensor, nn, optim
from torch.nn import Parameter

from artifact_torch import (
    BestScoreTracker,
    ConfusionMatrix,
    DataLoaderRoutine,
    EpochBoundStopper,
    FolderCheckpointer,
    LearningRate,
    LossCallback,
    OptimizerStep,
    OutputMeansCallback,
    PatienceStopper,
    TensorTable,
    bind,
    mapped,
    per_epoch,
    trainer_from_recipe,
)
from artifact_torch.contracts import (
    ArtifactResults,
    EarlyStopper,
    Model,
    Moment,
    ResultName,
    RunState,
    TrainingStep,
)
from artifact_torch.errors import ContractError
from tests.toys import Fit, Points, points, seeded_regression
from tests.trainer.composed import SGD, Noise, loose, refused, source, untyped

T = TypeVar("T")


class OfFloats:
    def should_stop(self, update: float | None) -> bool:
        return True

    def is_best(self, criterion: float | None) -> bool:
        return True


class OfNames:
    result_names = ("noise",)

    def due(self, moment: Moment) -> Sequence[ResultName]:
        return ()

    def run(
        self, evaluate: object, device: object, names: object, moment: Moment
    ) -> ArtifactResults:
        return ArtifactResults()

    def validate(self, model: object, names: object, moment: Moment) -> ArtifactResults:
        return ArtifactResults()


class Composing(Noise):
    """As a routine of tables has its plan."""

    contract_places = ()


class TwoInputs(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(3, 1)

    def forward(self, points: Points, target: Tensor) -> Fit:
        raise NotImplementedError


def torch_loader() -> object:
    rows = torch_data.TensorDataset(torch.zeros(2, 3), torch.zeros(2))
    return untyped(torch_data.DataLoader[object], rows, batch_size=2)


def two_inputs() -> object:
    return untyped(OptimizerStep[Points, Fit], TwoInputs(), optimizer=SGD)


ELSEWHERE: list[tuple[Callable[[], object], str]] = [
    (
        lambda: loose(seeded_regression()),
        (
            "step= got a Regression, expected a step that trains it: OptimizerStep(model, "
            "optimizer=...)"
        ),
    ),
    (
        lambda: loose(train_loader=torch_loader()),
        (
            "train_loader: a TensorDataset has no names for its tensors, expected typed dicts; give "
            "them: mapped(loader, lambda pair: Digits(pixels=pair[0], label=pair[1])), or "
            "DataLoader(TensorTable(Digits(...)), batch_size=...)"
        ),
    ),
    (
        lambda: loose(train_loader=TensorTable(points())),
        (
            "train_loader= got a TensorTable, expected a source of batches; wrap it: "
            "DataLoader(table, batch_size=...)"
        ),
    ),
    (
        lambda: loose(stop=[10]),
        "stop= got 10, expected a stopper: stop=[EpochBoundStopper(max_n_epochs=10)]",
    ),
    (
        lambda: loose(routines=[Composing()]),
        (
            "routines= got a Composing, expected an artifact routine with its model: bind(routine, "
            "model)"
        ),
    ),
    (
        lambda: loose(stop=["loss"]),
        "stop= got 'loss', expected a stopper: stop=[PatienceStopper('loss', patience=...)]",
    ),
    (
        lambda: loose(best="loss"),
        "best= got 'loss', expected a tracker: best=BestScoreTracker('loss')",
    ),
    (
        lambda: loose(checkpointer="run"),
        "checkpointer= got 'run', expected a checkpointer: FolderCheckpointer('run', every=...)",
    ),
    (
        lambda: loose(callbacks=[LossCallback("loss")]),
        (
            "callbacks= got a LossCallback, expected it in a routine, which gives it the batches of "
            "a pass: routines=[DataLoaderRoutine(loader, scores=[...])]"
        ),
    ),
    (
        lambda: loose(routines=[source()]),
        (
            "routines= got a Batches, expected a routine over it: "
            "routines=[DataLoaderRoutine(loader, scores=[...])]"
        ),
    ),
    (
        lambda: loose(routines=[Noise()]),
        "routines= got a Noise, expected an artifact routine with its model: bind(routine, model)",
    ),
    (
        lambda: loose(stop=[OfFloats()]),
        (
            "stop: OfFloats takes something else than the epoch's state, expected it paired with what "
            "it takes: stop_when(OfFloats(...), on=...), for example score('loss')"
        ),
    ),
    (
        lambda: loose(best=OfFloats()),
        (
            "best: OfFloats takes something else than the epoch's state, expected it paired with what "
            "it takes: track_best(OfFloats(...), by=...), for example score('loss')"
        ),
    ),
    (
        lambda: loose(two_inputs()),
        (
            "model: forward of TwoInputs is called with one batch and nothing else; make what else it "
            "needs keys of the typed dict that it takes"
        ),
    ),
]


class TellsEpochs:
    def on_epoch_end(self, state: RunState) -> None: ...


def over_a_pass(callback: object) -> object:
    return untyped(DataLoaderRoutine[Points, Fit], source(), scores=[callback])


def pairs(batch: Points, output: Fit) -> tuple[Tensor, Tensor]:
    return output["residual"], batch["y"]


def a_checkpointer() -> object:
    return FolderCheckpointer("never written", every=1)


def a_table() -> object:
    return pd.DataFrame({"x": [1.0]})


ANOTHER_LIST: list[tuple[Callable[[], object], str]] = [
    (
        lambda: loose(hooks=[LearningRate()]),
        "hooks= got a LearningRate, expected it in callbacks=[...] of the trainer",
    ),
    (
        lambda: loose(callbacks=[TellsEpochs()]),
        "callbacks= got a TellsEpochs, expected it in hooks=[...] of the trainer",
    ),
    (
        lambda: loose(callbacks=[over_a_pass(LossCallback("v"))]),
        "callbacks= got a DataLoaderRoutine, expected it in routines=[...] of the trainer",
    ),
    (
        lambda: loose(routines=[LearningRate()]),
        "routines= got a LearningRate, expected it in callbacks=[...] of the trainer",
    ),
    (
        lambda: loose(routines=[over_a_pass(LearningRate())]),
        "scores= got a LearningRate, expected it in callbacks=[...] of the trainer",
    ),
    (
        lambda: loose(routines=[over_a_pass(ConfusionMatrix("c", of=pairs))]),
        "scores= got a ConfusionMatrix, expected it in arrays=[...]",
    ),
    (
        lambda: loose(routines=[over_a_pass(OutputMeansCallback("c", keys=["loss"]))]),
        "scores= got an OutputMeansCallback, expected it in score_collections=[...]",
    ),
    (
        lambda: loose(stop=[BestScoreTracker("v")]),
        "stop= got a BestScoreTracker, expected it in best=",
    ),
    (
        lambda: loose(best=PatienceStopper("v", patience=1)),
        "best= got a PatienceStopper, expected it in stop=[...]",
    ),
    (
        lambda: loose(callbacks=[a_checkpointer()]),
        "callbacks= got a FolderCheckpointer, expected it in checkpointer=",
    ),
    (
        lambda: loose(checkpointer=LearningRate()),
        "checkpointer= got a LearningRate, expected it in callbacks=[...] of the trainer",
    ),
    (
        lambda: loose(hooks=[source]),
        (
            "hooks= got a function, expected an object with one of the methods on_start, "
            "on_epoch_end, on_exception, on_end"
        ),
    ),
    (
        lambda: untyped(loose().evaluate, source()),
        (
            "routine= got a Batches, expected a routine over a loader: "
            "DataLoaderRoutine(loader, scores=[...])"
        ),
    ),
    (
        lambda: untyped(loose().evaluate, LossCallback("v")),
        (
            "routine= got a LossCallback, expected a routine over a loader: "
            "DataLoaderRoutine(loader, scores=[...])"
        ),
    ),
    (
        lambda: untyped(loose().predict, TensorTable(points())),
        (
            "loader= got a TensorTable, expected a source of batches; wrap it: "
            "DataLoader(table, batch_size=...)"
        ),
    ),
    *(
        (
            make,
            (
                f"{name}= got a DataFrame, expected a source of batches; make a table of tensors "
                "and wrap it: DataLoader(TensorTable(...), batch_size=...)"
            ),
        )
        for name, make in (
            ("train_loader", lambda: loose(train_loader=a_table())),
            ("loader", lambda: untyped(loose().predict, a_table())),
            (
                "loader of DataLoaderRoutine",
                lambda: untyped(
                    DataLoaderRoutine[Points, Fit], a_table(), scores=[LossCallback("v")]
                ),
            ),
        )
    ),
]


@pytest.mark.parametrize(("make", "said"), ANOTHER_LIST)
def test_a_part_is_sent_to_its_own_list(make: Callable[[], object], said: str) -> None:
    assert refused(make, ContractError).splitlines()[-1] == said


@pytest.mark.parametrize(("make", "said"), ELSEWHERE)
def test_the_remedy_is_what_to_write_instead(make: Callable[[], object], said: str) -> None:
    assert refused(make, ContractError).splitlines()[-1] == said


def test_names_of_results_come_with_their_kind() -> None:
    said = (
        "OfNames.result_names: got the entry 'noise', expected (ResultKind, non-empty str); return "
        'a list such as [(ResultKind.SCORE, "loss")]'
    )
    assert refused(lambda: untyped(bind, OfNames(), seeded_regression())) == said
    assert refused(lambda: loose(routines=[OfNames()]), ContractError) == f"routines= {said}"


def test_a_torch_loader_is_mapped() -> None:
    """The remedy works."""

    def as_points(pair: list[Tensor]) -> Points:
        return Points(x=pair[0], y=pair[1])

    named = untyped(mapped, torch_loader(), as_points)
    assert loose(train_loader=named).train().n_steps == 1


def with_nothing(parameters: Iterable[Parameter]) -> tuple[optim.SGD, None]:
    return SGD(parameters), None


def plateau_per_epoch(made: optim.Optimizer) -> object:
    return untyped(per_epoch, optim.lr_scheduler.ReduceLROnPlateau(made))


STEPS: list[tuple[Callable[[], object], str]] = [
    (
        lambda: untyped(OptimizerStep, seeded_regression(), optimizer=with_nothing),
        (
            "optimizer: its function returned a tuple, expected one optimizer; a schedule goes into "
            "schedule=, several optimizers into AlternatingStep"
        ),
    ),
    (
        lambda: untyped(OptimizerStep, seeded_regression(), optimizer=optim.LBFGS),
        (
            "optimizer: its function returned a LBFGS, whose step needs a closure; use "
            "ClosureStep(model, optimizer=...)"
        ),
    ),
    (
        lambda: untyped(
            OptimizerStep,
            seeded_regression(),
            optimizer=SGD,
            schedule=plateau_per_epoch,
        ),
        (
            "schedule: ReduceLROnPlateau looks at a score, which per_epoch and per_step do not give; "
            "use by_score(scheduler, 'validation_loss')"
        ),
    ),
]


@pytest.mark.parametrize(("make", "said"), STEPS)
def test_a_step_says_what_its_parts_should_be(make: Callable[[], object], said: str) -> None:
    assert refused(make, ContractError) == said


class Hooks:
    """Hooks of which some return what they are told, as one without a `return` gives None."""

    def __init__(self, **returned: object) -> None:
        self.returned = returned

    def _given(self, hook: str, usual: T) -> T:
        given: T = vars(self)["returned"].get(hook, usual)
        return given

    def step(self, model: Model[Points, Fit]) -> TrainingStep[Points, Fit]:
        return self._given("step", OptimizerStep(model, optimizer=SGD))

    def stop(self) -> Sequence[EarlyStopper[RunState]]:
        return self._given("stop", [EpochBoundStopper(max_n_epochs=1)])

    def best(self) -> None: ...
    def checkpointer(self) -> None: ...
    def callbacks(self) -> tuple[()]:
        return self._given("callbacks", ())

    def train_loader_routine(self, loader: object) -> None: ...
    def validation_loader_routine(self, loader: object) -> None: ...


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        (
            {"stop": None},
            (
                "stop() of Hooks must be a list of stoppers, got None; write "
                "[EpochBoundStopper(max_n_epochs=100)]"
            ),
        ),
        (
            {"stop": EpochBoundStopper(max_n_epochs=1)},
            "stop() of Hooks must be a list, got an EpochBoundStopper; write [...] around it",
        ),
        (
            {"callbacks": None},
            "callbacks() of Hooks must be a list, got None; leave it out, or write []",
        ),
        (
            {"step": None},
            (
                "step() of Hooks must be a training step, got None; return what trains the model: "
                "OptimizerStep(model, optimizer=...)"
            ),
        ),
    ],
)
def test_what_a_hook_should_return_is_said_of_the_hook(
    returned: dict[str, object], said: str
) -> None:
    model = seeded_regression()
    make = partial(trainer_from_recipe, model=model, train_loader=source(), progress=False)
    assert refused(lambda: make(Hooks(**returned))) == said
    assert make(Hooks()).train().n_epochs_elapsed == 1


def test_an_error_has_what_is_wrong_as_objects_too() -> None:
    with pytest.raises(ContractError) as refused:
        loose(stop=[10, OfFloats()], routines=[Noise()])
    assert [(each.member, each.code) for each in refused.value.violations] == [
        ("stop=", "value-type"),
        ("routines=", "value-type"),
        ("stop= OfFloats: should_stop(update)", "parameter-type"),
    ]
