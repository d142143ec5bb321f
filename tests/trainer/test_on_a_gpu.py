"""What a GPU does differently: precision, waiting, random numbers, tensors that were saved there."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import pytest
import torch
from torch import nn, optim
from torch.amp.grad_scaler import GradScaler

from artifact_torch import (
    AlternatingStep,
    DataLoader,
    DataLoaderRoutine,
    EpochBoundStopper,
    FolderCheckpointer,
    GradientNorm,
    LearningRate,
    LossCallback,
    OptimizerStep,
    ParameterGradients,
    ParameterNorm,
    Part,
    PeakMemory,
    TensorTable,
    Throughput,
    Trainer,
    TrainLoss,
    WatchActivations,
    WatchGradients,
    averaged,
    ema,
    seed_everything,
    steps,
)
from artifact_torch.contracts import Every, StepCallback, TrainingStep, Turn
from artifact_torch.inside import Mean, Norm, each
from tests.toys import Fit, Points, Regression, points, same_weights, seeded_regression

pytestmark = pytest.mark.gpu

ADAM: Final = partial(optim.Adam, lr=0.01)
FUSED: Final = partial(optim.Adam, lr=0.01, fused=True)
FAR: Final = steps(10**9)
HALF: Final = torch.float16


def loader() -> DataLoader[Points]:
    return DataLoader(TensorTable(points(200)), batch_size=10, shuffle=True, seed=3)


class WithoutWaiting:
    """Batches between which whatever waits for the GPU is an error, once the first were checked."""

    def __init__(self, *, pin_memory: bool) -> None:
        table = TensorTable(points(200))
        self.loader = DataLoader(table, batch_size=10, pin_memory=pin_memory)

    def batches(self, epoch: int) -> Iterator[Points]:
        try:
            for n, batch in enumerate(self.loader.batches(epoch)):
                if n > 3:
                    torch.cuda.set_sync_debug_mode("error")
                yield batch
        finally:
            torch.cuda.set_sync_debug_mode("default")

    def __len__(self) -> int:
        return len(self.loader)


def looking(model: nn.Module, every: Every) -> Sequence[StepCallback]:
    return [
        TrainLoss(every=every),
        GradientNorm(every=every),
        ParameterNorm(every=every),
        LearningRate(every=every),
        Throughput(every=every),
        PeakMemory(every=every),
        WatchActivations("means", each(Mean), model, every=every),
        WatchGradients("norms", each(Norm), model, every=every),
        ParameterGradients("gradients", each(Norm), model, every=every),
    ]


def built(step: TrainingStep[Points, Fit], *, looks: Every | None = None) -> Trainer[Points, Fit]:
    return Trainer(
        step,
        train_loader=loader(),
        stop=[EpochBoundStopper(max_n_epochs=2)],
        callbacks=[] if looks is None else looking(step.model, looks),
        routines=[DataLoaderRoutine(loader(), scores=[LossCallback("loss")])],
        progress=False,
    )


def trained(trainer: Trainer[Points, Fit]) -> None:
    seed_everything(7)
    trainer.train()


@pytest.mark.parametrize("clip_norm", [None, 0.5])
@pytest.mark.parametrize("autocast", [None, torch.bfloat16, HALF])
def test_it_trains_like_a_loop_by_hand(
    autocast: torch.dtype | None, clip_norm: float | None
) -> None:
    ours, model = seeded_regression(), seeded_regression().to("cuda")
    trained(
        built(
            OptimizerStep(
                ours, device="cuda", optimizer=ADAM, autocast=autocast, clip_norm=clip_norm
            )
        )
    )

    optimizer = ADAM(model.parameters())
    scaler = GradScaler("cuda", enabled=autocast is HALF)
    seed_everything(7)
    for epoch in (1, 2):
        for batch in loader().batches(epoch):
            optimizer.zero_grad()
            with torch.autocast("cuda", dtype=autocast, enabled=autocast is not None):
                output: Fit = model(Points(x=batch["x"].cuda(), y=batch["y"].cuda()))
            torch.autograd.backward(scaler.scale(output["loss"]))
            scaler.unscale_(optimizer)
            if clip_norm:
                nn.utils.clip_grad_norm_(model.parameters(), clip_norm)
            scaler.step(optimizer)
            scaler.update()
    assert same_weights(ours.state_dict(), model.state_dict())


Of = Callable[[Regression], TrainingStep[Points, Fit]]
WAYS: Final[dict[str, Of]] = {
    "plain": partial(OptimizerStep[Points, Fit], device="cuda", optimizer=ADAM),
    "clipped": partial(
        OptimizerStep[Points, Fit], device="cuda", optimizer=ADAM, accumulate=2, clip_norm=0.5
    ),
    "bfloat16": partial(
        OptimizerStep[Points, Fit], device="cuda", optimizer=ADAM, autocast=torch.bfloat16
    ),
    "float16": partial(OptimizerStep[Points, Fit], device="cuda", optimizer=FUSED, autocast=HALF),
    "averaged": lambda model: averaged(
        OptimizerStep(model, device="cuda", optimizer=ADAM), ema(0.9)
    ),
}


@pytest.mark.filterwarnings("ignore:Synchronization debug mode is a prototype")
@pytest.mark.parametrize("pin_memory", [False, True])
@pytest.mark.parametrize("way", WAYS)
def test_nothing_waits_between_two_moments(way: str, *, pin_memory: bool) -> None:
    """float16 with a fused optimizer alone: with others torch's scaler asks at each update."""
    model = seeded_regression()
    trainer = Trainer(
        WAYS[way](model),
        train_loader=WithoutWaiting(pin_memory=pin_memory),
        stop=[EpochBoundStopper(max_n_epochs=2)],
        callbacks=looking(model, FAR),
        progress=False,
    )
    trained(trainer)


def test_what_looks_changes_nothing() -> None:
    alone, seen = seeded_regression(), seeded_regression()
    trained(built(OptimizerStep(alone, device="cuda", optimizer=ADAM)))
    trained(built(OptimizerStep(seen, device="cuda", optimizer=ADAM), looks=steps(3)))
    assert same_weights(alone.state_dict(), seen.state_dict())


class Two(nn.Module):
    """Two fits that move in turn."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = seeded_regression(), seeded_regression(1)

    def play(self, batch: Points, turn: Turn) -> Fit:
        turn("second", lambda: self.second.forward(batch)["loss"])
        loss = turn("first", lambda: self.first.forward(batch)["loss"])
        return Fit(loss=loss, residual=loss)


def in_turn(*, autocast: torch.dtype | None = None) -> AlternatingStep[Points, Fit]:
    model = Two()
    parts = {
        "first": Part(model.first, optimizer=ADAM, clip_norm=1.0),
        "second": Part(model.second, optimizer=ADAM, every=2),
    }
    return AlternatingStep(model, play=model.play, parts=parts, autocast=autocast, device="cuda")


@pytest.mark.parametrize(
    "of",
    [
        lambda: OptimizerStep(
            seeded_regression(), device="cuda", optimizer=ADAM, autocast=HALF, clip_norm=0.5
        ),
        lambda: OptimizerStep(seeded_regression(), device="cuda", optimizer=FUSED),
        lambda: averaged(
            OptimizerStep(seeded_regression(), device="cuda", optimizer=ADAM), ema(0.9)
        ),
        in_turn,
        partial(in_turn, autocast=HALF),
    ],
    ids=["float16", "fused", "averaged", "in turn", "in turn, float16"],
)
def test_a_restored_run_ends_like_one_that_was_not_interrupted(
    of: Callable[[], TrainingStep[Points, Fit]], tmp_path: Path
) -> None:
    first, second = of(), of()
    trainer = Trainer(
        first,
        train_loader=loader(),
        stop=[EpochBoundStopper(max_n_epochs=2)],
        checkpointer=FolderCheckpointer(tmp_path, every=steps(13), keep=None),
        progress=False,
    )
    trained(trainer)
    again = built(second)
    seed_everything(99)
    again.restore(tmp_path, step=13)
    again.train()
    assert same_weights(first.model.state_dict(), second.model.state_dict())


def test_a_run_goes_on_on_another_device(tmp_path: Path) -> None:
    for n_epochs, device in enumerate(["cuda", "cpu", "cuda"], start=1):
        model = seeded_regression()
        trainer = Trainer(
            averaged(OptimizerStep(model, optimizer=ADAM, device=device), ema(0.9)),
            train_loader=loader(),
            stop=[EpochBoundStopper(max_n_epochs=n_epochs)],
            checkpointer=FolderCheckpointer(tmp_path),
            progress=False,
        )
        if n_epochs > 1:
            assert trainer.restore().n_epochs_elapsed == n_epochs - 1
        trainer.train()
        assert {each.device.type for each in model.state_dict().values()} == {device}


class Draws:
    """A callback with random numbers of the GPU."""

    def on_batch(self, step: int, batch: Points, output: Fit) -> None:
        torch.rand(33, device=output["loss"].device)


def test_a_callback_that_draws_there_changes_nothing() -> None:
    models = [seeded_regression(), seeded_regression()]
    for model, callbacks in zip(models, [[], [Draws()]], strict=True):
        trained(
            Trainer(
                OptimizerStep(model, device="cuda", optimizer=ADAM),
                train_loader=loader(),
                stop=[EpochBoundStopper(max_n_epochs=2)],
                callbacks=callbacks,
                progress=False,
            )
        )
    assert same_weights(models[0].state_dict(), models[1].state_dict())
