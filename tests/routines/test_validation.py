"""One round of validation: only what is due, each routine with its own random numbers."""

import random
from collections.abc import Callable, Collection, Sequence
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from artifact_torch import DataLoaderRoutine, LossCallback, OptimizerStep, bind
from artifact_torch.contracts import (
    ArtifactResults,
    Failure,
    Moment,
    Result,
    ResultKind,
    ResultName,
)
from artifact_torch.errors import ConfigurationError, ValidationError
from artifact_torch.internal.modules import as_forward
from artifact_torch.routines import BoundRoutine
from artifact_torch.validation.rounds import Validation
from tests.toys import Batches, Fit, Points, Regression, points, seeded_regression
from tests.trainer.composed import ADAM

CPU = torch.device("cpu")
DRAWN: ResultName = (ResultKind.SCORE, "drawn")
LOSS: ResultName = (ResultKind.SCORE, "loss")
X: ResultName = (ResultKind.SCORE, "x")


def at(epoch: int, *, ends_run: bool = False) -> Moment:
    return Moment(epoch=epoch, step=10 * epoch, ends_run=ends_run)


class Drawn:
    """An artifact routine whose score is a random number; it keeps what it was asked for."""

    def __init__(self, every: int = 1) -> None:
        self.every = every
        self.calls: list[tuple[Moment, list[ResultName]]] = []

    @property
    def result_names(self) -> Sequence[ResultName]:
        return [DRAWN]

    def due(self, moment: Moment, /) -> Sequence[ResultName]:
        return [DRAWN] if moment.ends_run or moment.epoch % self.every == 0 else []

    def validate(
        self, model: Regression, names: Collection[ResultName], moment: Moment, /
    ) -> ArtifactResults:
        self.calls.append((moment, list(names)))
        return ArtifactResults(scores={"drawn": torch.rand(()).item()})


def loss_routine(model: Regression) -> BoundRoutine:
    """As the trainer binds it: to the evaluation of the step."""
    routine = DataLoaderRoutine[Points, Fit](Batches(points(), 5), scores=[LossCallback("loss")])
    forward: Callable[[Points], Fit] = as_forward(model)
    return BoundRoutine(
        routine, lambda names, moment: routine.run(forward, CPU, names, moment), does="run"
    )


def rounds(routine: Drawn, *, with_loss: bool = False, seed: int = 0) -> Validation:
    model = seeded_regression()
    bound = bind(routine, model)
    routines = [bound, loss_routine(model)] if with_loss else [bound]
    return Validation(step_of(model), callbacks=(), routines=routines, seed=seed)


def step_of(model: Regression) -> OptimizerStep[Points, Fit]:
    return OptimizerStep(model, optimizer=ADAM, device="cpu")


def score(validation: Validation, moment: Moment, name: str = "drawn") -> object:
    (found,) = (one for one in validation.run(moment) if one.name == name)
    assert isinstance(found, Result)
    return found.value


def test_nothing_is_computed_when_nothing_is_due() -> None:
    """4.2: the published package generates for all splits at every epoch."""
    routine = Drawn(every=5)
    validation = rounds(routine)
    moments = [*map(at, range(1, 12)), at(11, ends_run=True)]
    computed = [len(validation.run(moment)) for moment in moments]
    assert computed == [0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 1]
    assert routine.calls == [(moment, [DRAWN]) for moment in (at(5), at(10), moments[-1])]


def test_what_is_computed_already_is_not_computed_again() -> None:
    routine = Drawn()
    validation = rounds(routine, with_loss=True)
    end = at(3, ends_run=True)
    assert validation.run(end, computed={DRAWN, LOSS}) == []
    assert [one.name for one in validation.run(end, computed={DRAWN})] == ["loss"]
    assert routine.calls == []
    assert [one.name for one in validation.run(end, computed={LOSS})] == ["drawn"]


def test_a_result_does_not_depend_on_which_other_routines_there_are() -> None:
    assert score(rounds(Drawn()), at(3)) == score(rounds(Drawn(), with_loss=True), at(3))


def test_the_numbers_depend_on_seed_and_epoch() -> None:
    drawn = {score(rounds(Drawn(), seed=seed), at(epoch)) for seed in (0, 1) for epoch in (1, 2)}
    assert len(drawn) == 4


def test_the_end_of_the_run_sees_what_its_epoch_saw() -> None:
    """One table a round: what the last epoch left out is computed of the same one."""
    assert score(rounds(Drawn()), at(3)) == score(rounds(Drawn()), at(3, ends_run=True))


class Watching(Drawn):
    """It draws from every generator, and notes how it finds torch and the model."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[bool, bool]] = []

    def validate(
        self, model: Regression, names: Collection[ResultName], moment: Moment, /
    ) -> ArtifactResults:
        self.seen.append((model.layers[0].training, torch.is_grad_enabled()))
        random.random()
        np.random.rand()  # noqa: NPY002  (what code of others draws from)
        return super().validate(model, names, moment)


def test_a_round_leaves_no_trace() -> None:
    model, routine = seeded_regression().train(), Watching()
    model.layers[2].eval()  # frozen by the user
    validation = Validation(step_of(model), callbacks=(), routines=[bind(routine, model)], seed=0)

    def numbers() -> tuple[float, float, float]:
        random.seed(3)
        np.random.seed(3)  # noqa: NPY002
        torch.default_generator.manual_seed(3)
        if validated:
            validation.run(at(1))
        return random.random(), float(np.random.rand()), torch.rand(()).item()  # noqa: NPY002

    validated = False
    before = numbers()
    validated = True
    assert numbers() == before
    assert routine.seen == [(False, False)]
    assert [part.training for part in model.layers] == [True, True, False, True, True]
    assert torch.is_grad_enabled()


def test_it_can_produce_what_its_routines_can() -> None:
    assert rounds(Drawn(), with_loss=True).result_names == [DRAWN, LOSS]


class Untyped:
    """A routine that answers what it is told to, as code without types may."""

    def __init__(self, *, names: object = (X,), due: object = (X,), gives: object = None) -> None:
        answers = SimpleNamespace(names=names, due=due, gives=gives)
        self.names: Sequence[ResultName] = answers.names
        self.is_due: Collection[ResultName] = answers.due
        self.gives: ArtifactResults = answers.gives

    @property
    def result_names(self) -> Sequence[ResultName]:
        return self.names

    def due(self, moment: Moment, /) -> Collection[ResultName]:
        return self.is_due

    def validate(
        self, model: Regression, names: Collection[ResultName], moment: Moment, /
    ) -> ArtifactResults:
        return self.gives


def validation(*routines: Untyped) -> Validation:
    model = seeded_regression()
    bound = [bind(routine, model) for routine in routines]
    return Validation(step_of(model), callbacks=(), routines=bound, seed=0)


ADVICE = 'return a list such as [(ResultKind.SCORE, "loss")]'


@pytest.mark.parametrize(
    ("due", "said"),
    [
        (True, f"got True, expected a list of (ResultKind, str); {ADVICE}"),
        (None, f"got None, expected a list of (ResultKind, str); {ADVICE}"),
        (["x"], f"got the entry 'x', expected (ResultKind, non-empty str); {ADVICE}"),
        ([DRAWN], 'got score "drawn", which result_names does not list; add it there'),
    ],
)
def test_due_is_a_list_of_own_names(due: object, said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        validation(Untyped(due=due)).run(at(1))
    assert str(caught.value) == f"Untyped.due: {said}"


def test_what_is_due_is_asked_for_once_and_in_the_order_of_the_announcement() -> None:
    names = [(kind, "x") for kind in ResultKind]
    asked: list[ResultName] = []

    class Keeps(Untyped):
        def validate(
            self, model: Regression, names: Collection[ResultName], moment: Moment, /
        ) -> ArtifactResults:
            asked.extend(names)
            return ArtifactResults()

    validation(Keeps(names=names, due=[*names[::-2], *names[::-2]])).run(at(1))
    assert asked == names[1::2]


def test_what_a_routine_returns_are_results() -> None:
    with pytest.raises(ValidationError) as caught:
        validation(Untyped(gives=0.5)).run(at(2))
    assert str(caught.value) == (
        "epoch 2: Untyped.validate: got 0.5, expected ArtifactResults; return "
        "ArtifactResults(scores={...}), or {} when there is nothing"
    )


def test_what_is_due_and_not_returned_is_a_failure() -> None:
    assert validation(Untyped(gives={})).run(at(2)) == [
        Failure(*X, "epoch 2: Untyped.validate was asked for it and did not return it")
    ]


def test_each_routine_lists_its_own_results() -> None:
    """A name that another routine lists is not this one's to use."""
    other = Untyped(
        names=[(ResultKind.SCORE, "y")], due=[(ResultKind.SCORE, "y")], gives={"x": 1.0}
    )
    with pytest.raises(ValidationError) as caught:
        validation(Untyped(due=()), other).run(at(1))
    assert str(caught.value) == (
        'epoch 1: Untyped.validate: score "x" came from a routine that does not list it; add it '
        "to the result_names there"
    )


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (None, f"got None, expected a list of (ResultKind, str); {ADVICE}"),
        (3, f"got 3, expected a list of (ResultKind, str); {ADVICE}"),
        (
            [(ResultKind.SCORE, None)],
            (
                "got the entry (<ResultKind.SCORE: 'score'>, None), expected (ResultKind, "
                f"non-empty str); {ADVICE}"
            ),
        ),
    ],
)
def test_a_name_that_is_none_is_refused_before_the_first_epoch(names: object, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        validation(Untyped(names=names))
    assert str(caught.value) == f"Untyped.result_names: {said}"
