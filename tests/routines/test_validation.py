"""One round of validation: only what is due, each with its own random numbers."""

from collections.abc import Sequence

import torch

from artifact_torch import DataLoaderRoutine, LossCallback, bind
from artifact_torch.contracts import ArtifactResults, ResultKind, ResultName
from artifact_torch.modules import as_forward
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
        forward=as_forward(model),
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
