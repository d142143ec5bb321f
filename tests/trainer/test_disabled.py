"""Parts that raise while the run goes on: it ends, or goes on without them."""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext

import pytest
from torch import nn

from artifact_torch import (
    BestScoreTracker,
    DataLoaderRoutine,
    EpochBoundStopper,
    LossCallback,
    OptimizerStep,
    PatienceStopper,
    TrainLoss,
    bind,
    minutes,
    steps,
)
from artifact_torch.contracts import (
    AnyStep,
    ArtifactResults,
    Every,
    Moment,
    ResultKind,
    ResultName,
    RunState,
)
from artifact_torch.internal.time_limit import reported_after
from artifact_torch.trainer.result import TrainingResult
from tests.toys import Fit, Points, same_weights, seeded_regression
from tests.trainer.composed import ADAM, Counts, loader, loose, refused, trained, untyped


class OwnError(Exception):
    """Of a part of one's own."""


class Raises:
    """Every kind of part in one; raises in one of its methods the second time."""

    def __init__(self, method: str) -> None:
        self.method = method
        self.n_calls: dict[str, int] = {}

    def call(self, method: str) -> None:
        self.n_calls[method] = self.n_calls.get(method, 0) + 1
        if method == self.method and self.n_calls[method] == 2:
            raise OwnError(f"in {method}")


class OfBatches(Raises):
    def on_batch(self, step: int, batch: object, output: object) -> None:
        self.call("on_batch")


class OfMoments(Raises):
    every: Every = steps(2)
    result_names: Sequence[ResultName] = ((ResultKind.SCORE, "mine"),)

    def on_moment(self, step: AnyStep, moment: Moment) -> Mapping[str, float]:
        self.call("on_moment")
        return {"mine": float(moment.step)}


class OfPasses(Raises):
    name = "mine"

    def start(self) -> None:
        self.call("start")

    def update(self, batch: object, output: object) -> None:
        self.call("update")

    def finish(self) -> float:
        self.call("finish")
        return 1.0


class Hook(Raises):
    def on_start(self, step: AnyStep, state: RunState) -> None:
        self.call("on_start")

    def on_epoch_end(self, state: RunState) -> None:
        self.call("on_epoch_end")

    def on_end(self, state: RunState) -> None:
        self.call("on_end")


class Routine(Raises):
    @property
    def result_names(self) -> Sequence[ResultName]:
        return [(ResultKind.SCORE, "mine"), (ResultKind.SCORE, "mine too")]

    def due(self, moment: Moment) -> Sequence[ResultName]:
        self.call("due")
        return self.result_names

    def validate(self, model: nn.Module, names: object, moment: Moment) -> ArtifactResults:
        self.call("validate")
        return ArtifactResults(scores={"mine": 1.0, "mine too": 2.0})


class Watches(Raises):
    every: Every = 1

    def watching(self) -> AbstractContextManager[object]:
        self.call("watching")
        return nullcontext()

    def on_batch(self, step: int, batch: object, output: object) -> None: ...


def run(
    part: Raises | None = None, counts: Counts | None = None, **options: object
) -> TrainingResult:
    """Three epochs of four batches, with `part` in its place."""
    model = seeded_regression()
    callbacks: list[object] = [TrainLoss(), *([counts] if counts else [])]
    passes: list[object] = [LossCallback("val_loss")]
    routines: list[object] = []
    if isinstance(part, Routine):
        routines.append(untyped(bind, part, model))
    elif isinstance(part, OfPasses):
        passes.insert(0, part)
    elif part and not isinstance(part, Hook):
        callbacks.insert(0, part)
    given: dict[str, object] = {
        "train_loader": loader(),
        "stop": [EpochBoundStopper(max_n_epochs=3)],
        "callbacks": callbacks,
        "routines": [*routines, untyped(DataLoaderRoutine[Points, Fit], loader(), scores=passes)],
        "hooks": [part] if isinstance(part, Hook) else [],
        "sanity": False,
    }
    return trained(loose(OptimizerStep(model, optimizer=ADAM), **(given | options))).result


CASES: list[tuple[Callable[[str], Raises], str, str]] = [
    (OfBatches, "on_batch", "step 2"),
    (OfMoments, "on_moment", "epoch 1"),
    (Watches, "watching", "epoch 2"),
    (Hook, "on_epoch_end", "epoch 2, step 8"),
    (Routine, "due", "epoch 2"),
    (Routine, "validate", "epoch 2"),
    (OfPasses, "start", "epoch 2"),
    (OfPasses, "update", "epoch 1"),
    (OfPasses, "finish", "epoch 2"),
]


@pytest.mark.parametrize(("make", "method", "where"), CASES)
def test_it_ends_the_run_or_is_left_out_and_all_else_goes_on(
    make: Callable[[str], Raises], method: str, where: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(OwnError, match=f"in {method}"):
        run(make(method))
    part, counts = make(method), Counts()
    caplog.clear()
    result = run(part, counts, on_failure="disable")
    assert part.n_calls[method] == 2
    assert counts.n_batches == 12
    assert result.epoch_scores[["val_loss", "train_loss"]].notna().all(axis=None)
    told = [each for each in caplog.messages if "is left out from here on" in each]
    assert len(told) == 1
    assert f"OwnError: in {method}" in told[0]
    name = "DataLoaderRoutine" if isinstance(part, OfPasses) else type(part).__name__
    reasons = [why for who, why in result.failures.items() if who.startswith(name)]
    called = "run" if isinstance(part, OfPasses) else method
    assert reasons == [f"{where}: {called} raised OwnError: in {method}"]
    assert same_weights(result.last_weights, run().last_weights)


def test_of_an_update_that_failed_before_it_the_run_ends_as_ever() -> None:
    """The policy is for parts that look, not for the step."""

    def loss(_points: object) -> object:
        raise OwnError("in forward")

    model = seeded_regression()
    model.register_forward_pre_hook(lambda _module, given: loss(given))
    trainer = loose(OptimizerStep(model, optimizer=ADAM), on_failure="disable")
    with pytest.raises(OwnError, match="in forward"):
        trainer.train()


def test_before_the_first_step_it_ends_the_run() -> None:
    part = OfPasses("start")
    part.n_calls["start"] = 1
    with pytest.raises(OwnError, match="in start"):
        run(part, on_failure="disable", sanity=True)


def test_who_looks_at_its_score_is_told_of(caplog: pytest.LogCaptureFixture) -> None:
    stop = [EpochBoundStopper(max_n_epochs=3), PatienceStopper("mine", patience=1)]
    best = BestScoreTracker("mine")
    result = run(OfMoments("on_moment"), on_failure="disable", stop=stop, best=best)
    assert result.n_epochs_elapsed == 3
    assert result.best_epoch == 0
    told = [each for each in caplog.messages if "is left out from here on" in each]
    assert told[0].endswith(
        '; PatienceStopper looks at "mine", which nobody produces any more: it decides nothing by '
        'that, and other stoppers end the run; BestScoreTracker looks at "mine", which nobody '
        "produces any more: it decides nothing by that, and other stoppers end the run"
    )


def test_a_part_that_takes_too_long_is_told_of_while_it_runs(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The part waits for the warning: it could not come after."""

    class Slow(OfPasses):
        def finish(self) -> float:
            until = time.monotonic() + 20
            while not caplog.messages and time.monotonic() < until:
                time.sleep(0.001)
            return 1.0

    with caplog.at_level(logging.WARNING):
        result = run(Slow(""), time_limit=minutes(1e-4), stop=[EpochBoundStopper(max_n_epochs=1)])
    assert caplog.messages[0] == (
        "DataLoaderRoutine at epoch 1 still runs after 0.0001 minutes, its time_limit; training "
        "waits for it"
    )
    assert caplog.messages[1].startswith("DataLoaderRoutine at epoch 1 is over after ")
    assert result.scores["mine"].tolist() == [1.0]


def test_within_its_limit_nothing_is_told_and_no_thread_stays(
    caplog: pytest.LogCaptureFixture,
) -> None:
    before = threading.active_count()
    for limit in (None, minutes(60)):
        with reported_after(limit, "it", "epoch 1"):
            pass
    assert caplog.messages == []
    until = time.monotonic() + 20
    while threading.active_count() > before and time.monotonic() < until:
        time.sleep(0.001)
    assert threading.active_count() == before


def test_what_cannot_be_meant() -> None:
    said = refused(lambda: loose(on_failure="ignore", time_limit=5))
    assert said == (
        'Trainer: on_failure must be "raise" or "disable", got \'ignore\'\n'
        "Trainer: time_limit must be minutes(n), or None for no limit, got 5"
    )
