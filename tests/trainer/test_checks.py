"""What a trainer says about options that have no contract."""

from collections.abc import Callable
from functools import partial
from typing import Protocol

import pytest
from torch import nn, optim

from artifact_torch import (
    BatchLossCallback,
    BatchRoutine,
    DataLoaderRoutine,
    EpochBoundStopper,
    LossCallback,
    OptimizerStep,
    Trainer,
    bind,
)
from artifact_torch.contracts import ArtifactResults, ResultKind, ResultName
from artifact_torch.errors import ConfigurationError, ContractError
from tests.toys import Batches, Fit, Points, points, seeded_regression


class Routine:
    """Validates whatever can `speak`."""

    result_names: tuple[ResultName, ...] = ()

    def is_due(self, epoch: int, *, final: bool) -> bool:
        return False

    def validate(self, model: "Speaker", epoch: int, *, final: bool) -> ArtifactResults:
        return ArtifactResults()


class Speaker:
    def speak(self) -> str:
        return ""


def trainer(**options: object) -> object:
    """Without types: a checker would refuse these as well."""
    model = seeded_regression()
    usual: dict[str, object] = {
        "model": model,
        "train_loader": Batches(points(), 10),
        "step": OptimizerStep(model, optimizer=partial(optim.SGD, lr=0.1)),
        "stop": EpochBoundStopper(max_n_epochs=1),
    }
    return untyped(Trainer, **(usual | options))


def untyped(make: Callable[..., object], *parts: object, **named: object) -> object:
    return make(*parts, **named)


LOSS = DataLoaderRoutine[Points, Fit](Batches(points(), 10), scores=[LossCallback("loss")])


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
            {"loader_routines": LOSS},
            "loader_routines must be a list, got a DataLoaderRoutine; write [...] around it",
        ),
        (
            {"artifact_routine": Routine()},
            "artifact_routine must be a routine with its model, bind(routine, model), got Routine",
        ),
    ],
)
def test_an_option_of_the_wrong_type(options: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        trainer(**options)
    assert str(refused.value) == f"Trainer: {said}"


def test_all_options_in_one_error() -> None:
    with pytest.raises(ConfigurationError) as refused:
        trainer(debug="no", validation_seed=-1)
    assert len(str(refused.value).splitlines()) == 2


@pytest.mark.parametrize("place", ["train_loader", "step", "stop", "model"])
def test_none_is_no_part(place: str) -> None:
    with pytest.raises(ContractError, match=f"{place}= NoneType does not satisfy"):
        trainer(**{place: None})


def test_none_in_a_list_is_no_part() -> None:
    with pytest.raises(ContractError, match="loader_routines= NoneType does not satisfy Loader"):
        trainer(loader_routines=[None])


def test_a_routine_and_a_model_that_do_not_fit_are_not_bound() -> None:
    assert untyped(bind, Routine(), Speaker())
    with pytest.raises(ContractError) as refused:
        untyped(bind, Routine(), seeded_regression())
    assert str(refused.value) == (
        "routine= Routine does not satisfy ArtifactRoutine[Regression]:\n"
        "  - validate(model): accepts Speaker, is called with Regression: Regression is not a "
        "Speaker [parameter-type]"
    )


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (
            lambda: untyped(BatchRoutine, BatchLossCallback()),
            "BatchRoutine: callbacks must be a list, got a BatchLossCallback; write [...] around it",
        ),
        (
            lambda: untyped(DataLoaderRoutine, Batches(points(), 10), scores=LossCallback("loss")),
            "DataLoaderRoutine: scores must be a list, got a LossCallback; write [...] around it",
        ),
    ],
)
def test_one_callback_where_a_list_belongs(make: Callable[[], object], said: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        make()
    assert str(refused.value) == said


class HasEncoder(Protocol):
    encoder: nn.Module


class ReadsEncoder(Routine):
    def validate(self, model: object, epoch: int, *, final: bool) -> ArtifactResults:
        return ArtifactResults()


ReadsEncoder.validate.__annotations__["model"] = HasEncoder  # narrower than its base: no checker


def test_an_attribute_that_a_routine_reads_is_looked_for_on_the_model_itself() -> None:
    with pytest.raises(
        ContractError, match="model= Regression does not satisfy HasEncoder:\n.*enco"
    ):
        untyped(bind, ReadsEncoder(), seeded_regression())
    model = seeded_regression()
    model.encoder = nn.Linear(1, 1)
    assert untyped(bind, ReadsEncoder(), model)


class Stubborn(Routine):
    """Computes its score again in the final round."""

    result_names = ((ResultKind.SCORE, "one"),)

    def is_due(self, epoch: int, *, final: bool) -> bool:
        return True

    def validate(self, model: object, epoch: int, *, final: bool) -> ArtifactResults:
        return ArtifactResults(scores={"one": 1.0})


def test_what_the_final_round_computes_again_is_dropped() -> None:
    model = seeded_regression()
    result = Trainer(
        OptimizerStep(model, optimizer=partial(optim.SGD, lr=0.1)),
        train_loader=Batches(points(), 10),
        stop=[EpochBoundStopper(max_n_epochs=2)],
        progress=False,
        routines=[bind(Stubborn(), model)],
    ).train()
    assert list(result.epoch_scores["one"]) == [1.0, 1.0]
