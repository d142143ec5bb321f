"""A look inside the model while a trainer trains it, and over the passes of a loader."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from artifact_torch import (
    DataLoader,
    DataLoaderRoutine,
    EpochBoundStopper,
    LossCallback,
    ParameterGradients,
    TensorTable,
    Trainer,
    WatchActivations,
    WatchGradients,
    steps,
)
from artifact_torch.contracts import BatchCallback, StepCallback
from artifact_torch.inside import DeadUnits, Density, Histogram, Mean, Norm, each, mean_of
from tests.inside.nets import Net, copied, n_hooks, net, sgd_step
from tests.toys import Fit, Points, points, same_weights

TABLE = points(24)


def loader() -> DataLoader[Points]:
    return DataLoader(TensorTable(TABLE), batch_size=6, shuffle=True, seed=1)


def trainer(
    model: Net,
    callbacks: Sequence[StepCallback | BatchCallback[Points, Fit]] = (),
    routines: Sequence[DataLoaderRoutine[Points, Fit]] = (),
    n_epochs: int = 10,
) -> Trainer[Points, Fit]:
    torch.default_generator.manual_seed(5)
    return Trainer(
        sgd_step(model),
        train_loader=loader(),
        stop=[EpochBoundStopper(max_n_epochs=n_epochs)],
        callbacks=callbacks,
        routines=routines,
        progress=False,
    )


def counting(calls: list[int], model: Net, every: int) -> WatchActivations[float]:
    def counted(seen: Tensor) -> Tensor:
        calls.append(len(seen))
        return seen.mean()

    return WatchActivations("mean", mean_of(counted), model, at=model.head, every=every)


def test_hooks_see_the_batches_of_the_due_epochs_alone_and_are_gone_after() -> None:
    model, calls = net(), list[int]()
    result = trainer(model, [counting(calls, model, 5)]).train()
    assert calls == [6] * 8  # 4 batches in the epochs 5 and 10
    assert n_hooks(model) == 0
    assert list(result.epoch_scores["mean"].dropna().index) == [5, 10]
    assert result.failures == {}


def test_a_watched_epoch_is_of_its_updates_and_of_nothing_between(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Neither the model's summary nor a validation in the middle counts: both run its forward."""
    model, calls = net(), list[int]()
    validation = DataLoaderRoutine(loader(), scores=[LossCallback("v")], every=steps(2))
    result = Trainer(
        sgd_step(model),
        train_loader=loader(),
        stop=[EpochBoundStopper(max_n_epochs=1)],
        callbacks=[counting(calls, model, 1)],
        routines=[validation],
        progress="lines",
    ).train()
    assert "FLOPs" in capsys.readouterr().err
    assert [*result.scores["v"].dropna().index] == [(0, 2), (1, 4)]
    assert calls == [6] * 4


class Once:
    """Raises at one update, once."""

    def __init__(self, step: int, error: type[BaseException]) -> None:
        self.step, self.error, self.raised = step, error, False

    def on_batch(self, step: int, _batch: object, _output: object, /) -> None:
        if step == self.step and not self.raised:
            self.raised = True
            raise self.error


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_an_epoch_that_is_cut_off_leaves_no_hook_and_counts_no_batch_twice(
    error: type[BaseException],
) -> None:
    model, calls, means = net(), list[int](), list[Tensor]()

    def mean(seen: Tensor) -> Tensor:
        calls.append(len(seen))
        means.append(seen.double().mean())
        return means[-1]

    watch = WatchActivations("mean", mean_of(mean), model, at=model.head)
    training = trainer(model, [watch, Once(2, error)], n_epochs=1)
    with pytest.raises(error):
        training.train()
    assert n_hooks(model) == 0
    n_before = len(calls)
    result = training.train()
    assert n_hooks(model) == 0
    after = torch.stack(means[n_before:])
    assert result.epoch_scores.loc[1, "mean"] == pytest.approx(float(after.mean()))


def test_training_has_the_same_bits_whoever_looks_at_it_and_at_its_passes() -> None:
    plain, watched = net(), net()
    without = trainer(plain, routines=[]).train()
    every = steps(5)
    seen = trainer(
        watched,
        [
            WatchActivations("means", each(Mean), watched, every=every),
            WatchActivations("all", Density, watched, every=2),
            WatchGradients("gradients", each(Norm), watched, every=every),
            WatchGradients("spread", lambda: Histogram([-1, 0, 1]), watched, every=5),
            ParameterGradients("parameters", each(Norm), watched, every=every),
        ],
        [routine_of_all_kinds(watched)],
    ).train()
    assert same_weights(without.last_weights, seen.last_weights)
    assert (seen.failures, n_hooks(watched)) == ({}, 0)
    assert [*seen.score_collections["means"]] == ["encoder.0", "encoder.1", "encoder.2", "head"]


def routine_of_all_kinds(model: Net) -> DataLoaderRoutine[Points, Fit]:
    def counts() -> Histogram:
        return Histogram([-1, 0, 1])

    return DataLoaderRoutine(
        loader(),
        scores=[WatchActivations("dead units", DeadUnits, model, at=nn.ReLU)],
        arrays=[WatchActivations("counts", counts, model, at=model.head)],
        plots=[WatchActivations("density", Density, model)],
        score_collections=[WatchActivations("norms", each(Norm), model, at=nn.Linear)],
        array_collections=[WatchActivations("counts", each(counts), model, at=nn.Linear)],
        plot_collections=[WatchActivations("densities", each(Density), model, at="encoder.*")],
        every=5,
    )


def test_a_pass_gives_all_six_kinds_of_what_is_computed_by_hand() -> None:
    model = net()
    result = trainer(model, routines=[routine_of_all_kinds(model)]).train()
    after = copied(model).eval()
    with torch.no_grad():
        hidden = nn.functional.linear(TABLE["x"], *after.encoder[0].parameters())
        predicted = after.head(hidden.relu())
    counts = {
        "encoder.0": np.histogram(hidden.double().numpy(), [-1, 0, 1])[0].tolist(),
        "head": np.histogram(predicted.double().numpy(), [-1, 0, 1])[0].tolist(),
    }
    dead = (hidden <= 0).all(dim=0).double().mean()
    assert result.epoch_scores.loc[10, "dead units"] == pytest.approx(float(dead))
    assert result.arrays["counts"].tolist() == counts["head"]
    assert result.plots["density"].axes[0].get_title() == "4 places"
    assert result.score_collections["norms"].iloc[-1].to_dict() == {
        "encoder.0": pytest.approx(float(hidden.square().sum().sqrt()), rel=1e-5),
        "head": pytest.approx(float(predicted.square().sum().sqrt()), rel=1e-5),
    }
    found = result.array_collections["counts"]
    assert {name: array.tolist() for name, array in found.items()} == counts
    assert [*result.plot_collections["densities"]] == ["encoder.0", "encoder.1", "encoder.2"]
