"""Steps that are compiled do what the plain ones do, and keep what they promise."""

import math
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pytest
import torch
from torch import nn, optim

from artifact_torch import (
    AlternatingStep,
    Compile,
    ConfigurationError,
    DataLoader,
    DataLoaderRoutine,
    EpochBoundStopper,
    LossCallback,
    LossError,
    OptimizerStep,
    Part,
    TensorTable,
    Trainer,
    TrainLoss,
    WatchActivations,
    averaged,
    ema,
    seed_everything,
)
from artifact_torch.inside import Norm, each
from tests.compiled import COMPILES
from tests.stepping.test_alternating import Gan, Played, a_gan
from tests.toys import Fit, Points, points, same, same_weights, seeded_regression

SGD = partial(optim.SGD, lr=0.1)
FUSED = partial(optim.AdamW, lr=0.01, fused=True)
STEP = Compile(of="step", backend="aot_eager")
TRACED = Compile(of="step", backend="eager")
"""Compiles faster: the forward pass alone is traced."""

pytestmark = COMPILES


Step = Callable[[Compile | None], OptimizerStep[Points, Fit]]


def plain(how: Compile | None) -> OptimizerStep[Points, Fit]:
    return OptimizerStep(seeded_regression(), optimizer=FUSED, compile=how)


def accumulating(how: Compile | None) -> OptimizerStep[Points, Fit]:
    return OptimizerStep(
        seeded_regression(), optimizer=SGD, compile=how, accumulate=3, clip_norm=0.1
    )


def of_half_precision(how: Compile | None) -> OptimizerStep[Points, Fit]:
    return OptimizerStep(seeded_regression(), optimizer=SGD, compile=how, autocast=torch.bfloat16)


def skipping(how: Compile | None) -> OptimizerStep[Points, Fit]:
    return OptimizerStep(seeded_regression(), optimizer=SGD, compile=how, nonfinite="skip")


def trained(make: Step, how: Compile | None) -> tuple[Sequence[float], nn.Module]:
    """Over batches of which the last of an epoch is smaller."""
    seed_everything(0)
    step = make(how)
    result = Trainer(
        step,
        train_loader=DataLoader(TensorTable(points(50)), batch_size=8, shuffle=True, seed=3),
        stop=[EpochBoundStopper(max_n_epochs=3)],
        callbacks=[TrainLoss()],
        routines=[
            DataLoaderRoutine(
                DataLoader(TensorTable(points(20, seed=9)), batch_size=8),
                scores=[LossCallback("held_out")],
            )
        ],
        progress=False,
    ).train()
    scores = [*result.scores["train_loss"], *result.scores["held_out"]]
    return scores, step.model


@pytest.mark.parametrize(
    ("make", "how"),
    [
        (plain, STEP),
        (accumulating, STEP),
        (skipping, STEP),
        (of_half_precision, TRACED),
    ],
)
def test_a_run_is_the_same_bit_for_bit(make: Step, how: Compile) -> None:
    """Dropout, a short last batch, validation: the compiler's graph by torch's own kernels. With
    "aot_eager" backward is another order of operations, which shows in bfloat16 alone.
    """
    scores, model = trained(make, how)
    expected, uncompiled = trained(make, None)
    assert scores == expected
    assert same_weights(model.state_dict(), uncompiled.state_dict())


def test_names_of_weights_stay_and_load_into_a_plain_model() -> None:
    step = plain(TRACED)
    step.update(points(4))
    other = seeded_regression(1)
    other.load_state_dict(step.model.state_dict())
    assert same_weights(other.state_dict(), step.model.state_dict())
    assert [*other.state_dict()] == [*seeded_regression().state_dict()]


def test_a_loss_that_is_not_finite_is_refused_and_nothing_has_moved() -> None:
    step = plain(TRACED)
    step.update(points(4))
    before = {name: value.clone() for name, value in step.model.state_dict().items()}
    bad = points(4)
    bad["x"][0, 0] = math.nan
    with pytest.raises(LossError, match="loss: not finite at step 2"):
        step.update(bad)
    assert same_weights(before, step.model.state_dict())
    step.update(points(4))
    assert step.n_steps == 2


def test_an_update_that_is_not_finite_is_skipped() -> None:
    step = skipping(TRACED)
    step.update(points(4))
    before = {name: value.clone() for name, value in step.model.state_dict().items()}
    bad = points(4)
    bad["x"][0, 0] = math.inf
    step.update(bad)
    assert same_weights(before, step.model.state_dict())
    assert step.n_skipped == 1


def test_a_run_goes_on_from_its_folder_compiled_or_not(tmp_path: Path) -> None:
    def going_on(folder: str, compiles: Sequence[Compile | None]) -> nn.Module:
        step: OptimizerStep[Points, Fit] | None = None
        for n, compile_ in enumerate(compiles, start=1):
            seed_everything(0)
            step = OptimizerStep(seeded_regression(), optimizer=SGD, compile=compile_)
            Trainer(
                averaged(step, ema(0.9)),
                train_loader=DataLoader(
                    TensorTable(points(20)), batch_size=6, shuffle=True, seed=1
                ),
                stop=[EpochBoundStopper(max_n_epochs=2 * n)],
                run_folder=tmp_path / folder,
                checkpoint_every=1,
                progress=False,
            ).train()
        assert step is not None
        return step.model

    expected = going_on("plain", [None, None]).state_dict()
    assert same_weights(going_on("compiled", [TRACED, TRACED]).state_dict(), expected)
    assert same_weights(going_on("from plain", [None, TRACED]).state_dict(), expected)
    assert same_weights(going_on("to plain", [TRACED, None]).state_dict(), expected)


def test_what_is_inside_a_compiled_step_cannot_be_watched() -> None:
    step = plain(TRACED)
    with pytest.raises(ConfigurationError, match="Regression is compiled, and inside it torch cal"):
        WatchActivations("x", each(Norm), step.model, at=nn.Linear)


def played(how: Compile | None) -> tuple[AlternatingStep[Points, Played], Gan, list[Played]]:
    gan = a_gan()
    parts = {
        "critic": Part(gan.critic, optimizer=SGD, clip_norm=0.3),
        "generator": Part(gan.generator, optimizer=FUSED, every=2),
    }
    step = AlternatingStep(gan, play=gan.play, parts=parts, compile=how, device="cpu")
    outputs = [step.update(points(8, seed)) for seed in range(6)]
    outputs.append(step.evaluate(points(8)))
    return step, gan, outputs


def test_a_gan_is_the_same_bit_for_bit() -> None:
    _, gan, outputs = played(STEP)
    _, uncompiled, expected = played(None)
    assert same_weights(gan.state_dict(), uncompiled.state_dict())
    for one, other in zip(outputs, expected, strict=True):
        assert same(one["loss"], other["loss"])
        assert same(one["critic_loss"], other["critic_loss"])
    assert [*gan.state_dict()] == [*a_gan().state_dict()]
