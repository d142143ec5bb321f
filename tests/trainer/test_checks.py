"""What a trainer says about its arguments before anything is trained."""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

import pytest
import torch
import torch.utils.data as torch_data
from torch import Tensor, nn, optim
from torch.nn import Parameter

from artifact_torch import (
    BatchLossCallback,
    BatchRoutine,
    BestScoreTracker,
    DataLoaderRoutine,
    EpochBoundStopper,
    LossCallback,
    OptimizerStep,
    OutputMeansCallback,
    PatienceStopper,
    TensorTable,
    TorchLoader,
    Trainer,
    bind,
    per_epoch,
    score,
    stop_when,
    track_best,
    trainer_from_recipe,
)
from artifact_torch.contracts import (
    ArtifactResults,
    EarlyStopper,
    EpochState,
    Model,
    Moment,
    ResultName,
    TrainingStep,
)
from artifact_torch.errors import ConfigurationError, ContractError
from tests.toys import Batches, Fit, Points, points, seeded_regression
from tests.trainer.composed import SGD, Noise, untyped

T = TypeVar("T")


class Routine:
    """Validates whatever can `speak`."""

    result_names: tuple[ResultName, ...] = ()

    def due(self, moment: Moment) -> Sequence[ResultName]:
        return ()

    def validate(self, model: "Speaker", names: object, moment: Moment) -> ArtifactResults:
        return ArtifactResults()


class Speaker:
    def speak(self) -> str:
        return ""


def source() -> Batches:
    return Batches(points(), 10)


def step() -> OptimizerStep[Points, Fit]:
    return OptimizerStep(seeded_regression(), optimizer=SGD)


def trainer(of: object = None, **options: object) -> Trainer[Points, Fit]:
    """Without types: a checker would refuse these as well."""
    usual: dict[str, object] = {
        "train_loader": source(),
        "stop": [EpochBoundStopper(max_n_epochs=1)],
        "progress": False,
    }
    made = step() if of is None else of
    return untyped(Trainer[Points, Fit], made, **(usual | options))


def refused(make: Callable[[], object], error: type[Exception] = ConfigurationError) -> str:
    with pytest.raises(error) as raised:
        make()
    assert raised.type is error
    return str(raised.value)


LOSS = DataLoaderRoutine(source(), scores=[LossCallback("loss")])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"validation_seed": "0"}, "validation_seed must be an int of at least 0, got '0'"),
        ({"validation_seed": -1}, "validation_seed must be at least 0, got -1"),
        ({"debug": "no"}, "debug must be True or False, got 'no'"),
        ({"progress": None}, "progress must be True or False, got None"),
        (
            {"fixed_dimensions": "batch"},
            "fixed_dimensions must be a list, got 'batch'; write [...] around it",
        ),
        (
            {"routines": LOSS},
            "routines must be a list, got a DataLoaderRoutine; write [...] around it",
        ),
        (
            {"callbacks": BatchLossCallback()},
            "callbacks must be a list, got a BatchLossCallback; write [...] around it",
        ),
        (
            {"callbacks": None},
            "callbacks must be a list, got None; leave it out, or write []",
        ),
        (
            {"stop": 10},
            "stop must be a list of stoppers, got 10; write [EpochBoundStopper(max_n_epochs=10)]",
        ),
        (
            {"stop": []},
            (
                "stop must be a list of stoppers, got an empty list, with which training never ends; "
                "write [EpochBoundStopper(max_n_epochs=100)]"
            ),
        ),
        (
            {"stop": None},
            (
                "stop must be a list of stoppers, got None; write "
                "[EpochBoundStopper(max_n_epochs=100)]"
            ),
        ),
        (
            {"stop": EpochBoundStopper(max_n_epochs=1)},
            "stop must be a list, got an EpochBoundStopper; write [...] around it",
        ),
    ],
)
def test_an_option_of_the_wrong_type(options: dict[str, object], said: str) -> None:
    assert refused(lambda: trainer(**options)) == f"Trainer: {said}"


@pytest.mark.parametrize("stop", [10, [], None])
def test_stoppers_given_to_train_are_a_list_too(stop: object) -> None:
    said = refused(lambda: untyped(trainer().train, stop=stop))
    assert said.startswith("train: stop must be a list of stoppers, got ")


def test_all_options_in_one_error() -> None:
    said = refused(lambda: trainer(debug="no", validation_seed=-1, stop=None))
    assert len(said.splitlines()) == 3


def test_none_is_no_part() -> None:
    said = refused(lambda: trainer(train_loader=None), ContractError)
    assert said.startswith("train_loader= NoneType does not satisfy BatchSource")
    said = refused(lambda: untyped(Trainer, None, train_loader=source(), stop=[1]), ContractError)
    assert "step= NoneType does not satisfy TrainingStep" in said
    for place in ("routines", "callbacks", "stop", "tracking_clients"):
        said = refused(lambda place=place: trainer(**{place: [None]}), ContractError)
        assert said.startswith(f"{place}= NoneType does not satisfy ")


# -- what belongs elsewhere, or is nearly right --------------------------------------------------


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


class TwoInputs(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(3, 1)

    def forward(self, points: Points, target: Tensor) -> Fit:
        raise NotImplementedError


def torch_loader() -> object:
    rows = [{"x": torch.zeros(3), "y": torch.zeros(())}] * 2
    return untyped(torch_data.DataLoader[object], rows, batch_size=2)


def two_inputs() -> object:
    return untyped(OptimizerStep[Points, Fit], TwoInputs(), optimizer=SGD)


ELSEWHERE: list[tuple[Callable[[], object], str]] = [
    (
        lambda: trainer(seeded_regression()),
        (
            "step: got a Regression, expected a step that trains it: OptimizerStep(model, "
            "optimizer=...)"
        ),
    ),
    (
        lambda: trainer(train_loader=torch_loader()),
        (
            "train_loader: got a DataLoader, expected a source of batches; wrap it: "
            "TorchLoader(loader)"
        ),
    ),
    (
        lambda: trainer(train_loader=TensorTable(points())),
        (
            "train_loader: got a TensorTable, expected a source of batches; wrap it: "
            "DataLoader(table, batch_size=...)"
        ),
    ),
    (
        lambda: trainer(stop=[10]),
        "stop: got 10, expected a stopper: stop=[EpochBoundStopper(max_n_epochs=10)]",
    ),
    (
        lambda: trainer(routines=[Noise()]),
        "routines: got a Noise, expected an artifact routine with its model: bind(routine, model)",
    ),
    (
        lambda: trainer(stop=[OfFloats()]),
        (
            "stop: OfFloats takes something else than the epoch's state, expected it paired with what "
            "it takes: stop_when(OfFloats(...), on=...), for example score('loss')"
        ),
    ),
    (
        lambda: trainer(best=OfFloats()),
        (
            "best: OfFloats takes something else than the epoch's state, expected it paired with what "
            "it takes: track_best(OfFloats(...), by=...), for example score('loss')"
        ),
    ),
    (
        lambda: trainer(two_inputs()),
        (
            "model: forward of TwoInputs is called with one batch and nothing else; make what else it "
            "needs keys of the typed dict that it takes"
        ),
    ),
]


@pytest.mark.parametrize(("make", "said"), ELSEWHERE)
def test_the_remedy_is_what_to_write_instead(make: Callable[[], object], said: str) -> None:
    assert refused(make, ContractError).splitlines()[-1] == said


def with_nothing(parameters: Iterable[Parameter]) -> tuple[optim.SGD, None]:
    return SGD(parameters), None


def plateau_per_epoch(made: optim.Optimizer) -> object:
    return untyped(per_epoch, optim.lr_scheduler.ReduceLROnPlateau(made))


STEPS: list[tuple[Callable[[], object], str]] = [
    (
        lambda: untyped(OptimizerStep, seeded_regression(), optimizer=with_nothing),
        (
            "optimizer: its function returned a tuple, expected one optimizer; a schedule goes into "
            "schedule=, several optimizers into a TrainingStep of your own"
        ),
    ),
    (
        lambda: untyped(OptimizerStep, seeded_regression(), optimizer=optim.LBFGS),
        (
            "optimizer: its function returned a LBFGS, whose step needs a closure; use Adam or SGD, or "
            "write a TrainingStep of your own"
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

    def stop(self) -> Sequence[EarlyStopper[EpochState]]:
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
    assert (
        refused(lambda: trainer_from_recipe(Hooks(**returned), model, train_loader=source()))
        == said
    )
    assert trainer_from_recipe(Hooks(), model, train_loader=source(), progress=False).train()


# -- routines and their models -----------------------------------------------------------------


def test_a_routine_and_a_model_that_do_not_fit_are_not_bound() -> None:
    assert untyped(bind, Routine(), Speaker())
    assert refused(lambda: untyped(bind, Routine(), seeded_regression()), ContractError) == (
        "routine= Routine does not satisfy ArtifactRoutine[Regression]:\n"
        "  - validate(model): accepts Speaker, is called with Regression: Regression is not a "
        "Speaker [parameter-type]"
    )


def test_names_of_results_come_with_their_kind() -> None:
    said = (
        "OfNames.result_names: got the entry 'noise', expected (ResultKind, non-empty str); return "
        'a list such as [(ResultKind.SCORE, "loss")]'
    )
    assert refused(lambda: untyped(bind, OfNames(), seeded_regression())) == said
    assert refused(lambda: trainer(routines=[OfNames()]), ContractError) == said


def test_a_routine_without_due_is_told_its_signature() -> None:
    class Old:
        result_names: tuple[ResultName, ...] = ()

        def is_due(self, epoch: int, *, final: bool) -> bool:
            return True

        def validate(self, model: nn.Module, names: object, moment: Moment) -> ArtifactResults:
            return ArtifactResults()

    said = refused(lambda: untyped(bind, Old(), seeded_regression()), ContractError)
    assert "due: is missing; add def due(self, moment: Moment, /) -> Collection[" in said


class HasEncoder(Protocol):
    encoder: nn.Module


class ReadsEncoder(Routine):
    def validate(self, model: object, names: object, moment: Moment) -> ArtifactResults:
        return ArtifactResults()


ReadsEncoder.validate.__annotations__["model"] = HasEncoder  # narrower than its base: no checker


def test_an_attribute_that_a_routine_reads_is_looked_for_on_the_model_itself() -> None:
    said = refused(lambda: untyped(bind, ReadsEncoder(), seeded_regression()), ContractError)
    assert said.startswith("model= Regression does not satisfy HasEncoder:\n  - encoder: ")
    model = seeded_regression()
    model.encoder = nn.Linear(1, 1)
    assert untyped(bind, ReadsEncoder(), model)


def test_a_key_of_a_score_collection_is_no_score() -> None:
    means = DataLoaderRoutine(
        source(),
        scores=[LossCallback("loss")],
        score_collections=[OutputMeansCallback("means", keys=["residual"])],
    )
    for part in (
        {"stop": [PatienceStopper("residual", patience=1)]},
        {"best": BestScoreTracker("residual")},
    ):
        assert refused(lambda part=part: trainer(routines=[means], **part)) == (
            'score "residual": is monitored, but no routine produces it; the scores of this '
            "trainer are ['loss'], its score collections ['means'] (their keys cannot be "
            "monitored); monitor one of them or add a routine that produces it"
        )


# -- where a part checks its own values ---------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (
            lambda: untyped(BatchRoutine, BatchLossCallback()),
            "BatchRoutine: callbacks must be a list, got a BatchLossCallback; write [...] around it",
        ),
        (
            lambda: untyped(DataLoaderRoutine, source(), scores=LossCallback("loss")),
            "DataLoaderRoutine: scores must be a list, got a LossCallback; write [...] around it",
        ),
    ],
)
def test_one_callback_where_a_list_belongs(make: Callable[[], object], said: str) -> None:
    assert refused(make) == said


HANDED_OVER: list[tuple[Callable[[], object], str]] = [
    (
        lambda: untyped(stop_when, EpochBoundStopper, on=score("loss")),
        "got the class EpochBoundStopper",
    ),
    (
        lambda: untyped(stop_when, 3, on=score("loss")),
        "stopper= int does not satisfy EarlyStopper",
    ),
    (
        lambda: untyped(track_best, 3, by=score("loss")),
        "tracker= int does not satisfy ModelTracker",
    ),
    (
        lambda: untyped(bind, 3, seeded_regression()),
        "routine= int does not satisfy ArtifactRoutine",
    ),
    (
        lambda: trainer(callbacks=[untyped(BatchRoutine, [LossCallback("loss")])]),
        "callbacks= LossCallback does not satisfy BatchCallback",
    ),
    (
        lambda: trainer(routines=[untyped(DataLoaderRoutine, source(), scores=[LossCallback])]),
        "scores= got the class LossCallback",
    ),
]


@pytest.mark.parametrize(("make", "said"), HANDED_OVER)
def test_what_slips_past_the_static_checkers_is_named(
    make: Callable[[], object], said: str
) -> None:
    assert said in refused(make, ContractError)


def test_a_torch_loader_is_wrapped() -> None:
    """The remedy works."""
    wrapped = untyped(TorchLoader[Points], torch_loader())
    assert trainer(train_loader=wrapped).train().n_steps == 1
