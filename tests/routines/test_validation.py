"""One round of validation: only what is due, each with its own random numbers."""

from collections.abc import Callable, Sequence
from types import SimpleNamespace

import pytest
import torch

from artifact_torch import DataLoaderRoutine, LossCallback, bind
from artifact_torch.contracts import ArtifactResults, ResultKind, ResultName
from artifact_torch.errors import ConfigurationError, ValidationError
from artifact_torch.internal.modules import as_forward
from artifact_torch.routines import Validation
from tests.toys import Batches, Fit, Points, Regression, points, seeded_regression


class Drawn:
    """An artifact routine whose score is a random number; it counts its calls."""

    def __init__(self, every: int) -> None:
        self.every = every
        self.calls: list[tuple[int, bool]] = []

    @property
    def result_names(self) -> Sequence[ResultName]:
        return [(ResultKind.SCORE, "drawn")]

    def is_due(self, epoch: int, /, *, final: bool) -> bool:
        return (epoch % self.every == 0) is not final

    def validate(self, model: Regression, epoch: int, /, *, final: bool) -> ArtifactResults:
        self.calls.append((epoch, final))
        return ArtifactResults(scores={"drawn": torch.rand(()).item()})


def rounds(routine: Drawn, *, with_loss: bool, seed: int = 0) -> Validation[Points, Fit]:
    model = seeded_regression()
    loss = DataLoaderRoutine[Points, Fit](Batches(points(), 5), scores=[LossCallback("loss")])
    return Validation[Points, Fit](
        model,
        forward_for=lambda _: as_forward(model),
        device=torch.device("cpu"),
        loader_routines=[loss] if with_loss else [],
        artifact_routine=bind(routine, model),
        seed=seed,
    )


def test_nothing_is_computed_when_nothing_is_due() -> None:
    """4.2: the published package generates for all splits at every epoch."""
    routine = Drawn(every=5)
    validation = rounds(routine, with_loss=False)
    for epoch in range(1, 12):
        validation.run(epoch, final=False)
    validation.run(11, final=True)
    assert routine.calls == [(5, False), (10, False), (11, True)]


def test_a_result_does_not_depend_on_which_other_routines_there_are() -> None:
    alone = rounds(Drawn(every=1), with_loss=False).run(3, final=False)
    beside = rounds(Drawn(every=1), with_loss=True).run(3, final=False)
    assert alone.scores["drawn"] == beside.scores["drawn"]


def test_the_numbers_depend_on_seed_and_epoch() -> None:
    drawn = {
        (seed, epoch): rounds(Drawn(every=1), with_loss=False, seed=seed)
        .run(epoch, final=False)
        .scores["drawn"]
        for seed in (0, 1)
        for epoch in (1, 2)
    }
    assert len(set(drawn.values())) == 4


class Untyped:
    """A loader routine that answers what it is told to, as code without types may."""

    def __init__(
        self,
        *,
        names: object = ((ResultKind.SCORE, "x"),),
        due: object = True,
        gives: object = None,
    ) -> None:
        answers = SimpleNamespace(names=names, due=due, gives=gives)
        self.names: Sequence[ResultName] = answers.names
        self.due: bool = answers.due
        self.gives: ArtifactResults = answers.gives

    @property
    def result_names(self) -> Sequence[ResultName]:
        return self.names

    def is_due(self, epoch: int, /, *, final: bool) -> bool:
        return self.due

    def run(
        self, forward: Callable[[Points], Fit], device: torch.device, epoch: int, /
    ) -> ArtifactResults:
        return self.gives


class UntypedArtifacts(Untyped):
    def validate(self, model: Regression, epoch: int, /, *, final: bool) -> ArtifactResults:
        return self.gives


def validation(
    *loader_routines: Untyped, artifact: Untyped | None = None
) -> Validation[Points, Fit]:
    model = seeded_regression()
    return Validation[Points, Fit](
        model,
        forward_for=lambda _: as_forward(model),
        device=torch.device("cpu"),
        loader_routines=loader_routines,
        artifact_routine=bind(artifact, model) if isinstance(artifact, UntypedArtifacts) else None,
        seed=0,
    )


@pytest.mark.parametrize(("due", "got"), [("no", "'no'"), (None, "None"), (1, "1")])
def test_due_is_yes_or_no(due: object, got: str) -> None:
    expected = f".is_due: got {got}, expected True or False; return one of them"
    with pytest.raises(ValidationError) as caught:
        validation(Untyped(due=due)).run(1, final=False)
    assert str(caught.value) == f"Untyped{expected}"
    with pytest.raises(ValidationError) as caught:
        validation(artifact=UntypedArtifacts(due=due)).run(1, final=False)
    assert str(caught.value).endswith(expected)


def test_what_a_routine_returns_are_results() -> None:
    expected = (
        ": got a dict, expected ArtifactResults; return ArtifactResults(scores={...}), or "
        "ArtifactResults() when there is nothing"
    )
    with pytest.raises(ValidationError) as caught:
        validation(Untyped(gives={"x": 0.5})).run(2, final=False)
    assert str(caught.value) == f"epoch 2: Untyped.run{expected}"
    with pytest.raises(ValidationError) as caught:
        validation(artifact=UntypedArtifacts(gives={"x": 0.5})).run(2, final=False)
    assert str(caught.value).startswith("epoch 2: ")
    assert str(caught.value).endswith(f".validate{expected}")


def test_each_routine_lists_its_own_results() -> None:
    """A name that another routine lists is not this one's to use."""
    other = Untyped(names=[(ResultKind.SCORE, "y")], gives=ArtifactResults(scores={"x": 1.0}))
    with pytest.raises(ValidationError) as caught:
        validation(Untyped(due=False), other).run(1, final=False)
    assert str(caught.value) == (
        'epoch 1: Untyped.run: score "x" came from a routine that does not list it; add it '
        "to the result_names there"
    )


def test_a_name_that_is_none_is_refused_before_the_first_epoch() -> None:
    advice = 'return a list such as [(ResultKind.SCORE, "loss")]'
    with pytest.raises(ConfigurationError) as caught:
        validation(Untyped(names=None), Untyped(names=[(ResultKind.SCORE, None)]))
    assert str(caught.value).splitlines() == [
        f"Untyped.result_names: got None, expected a sequence of (ResultKind, str); {advice}",
        (
            "Untyped.result_names: got the entry (<ResultKind.SCORE: 'score'>, None), expected "
            f"(ResultKind, non-empty str); {advice}"
        ),
    ]
    with pytest.raises(ConfigurationError, match="result_names: got 3, expected a sequence of"):
        validation(artifact=UntypedArtifacts(names=3))
