"""The callbacks of the training itself, in a run, against a loop by hand."""

import copy
import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.nn.utils import clip_grad_norm_

from artifact_torch import (
    EpochBoundStopper,
    FolderCheckpointer,
    Frozen,
    GradientNorm,
    LearningRate,
    OptimizerStep,
    ParameterNorm,
    PeakMemory,
    Throughput,
    Trainer,
    TrainingResult,
    TrainLoss,
    steps,
)
from artifact_torch.contracts import (
    BatchCallback,
    EarlyStopper,
    Every,
    Moment,
    RunState,
    StepCallback,
)
from artifact_torch.stopping.stoppers import StepBoundStopper
from tests.toys import (
    Batches,
    Fit,
    Points,
    Regression,
    advance,
    points,
    same_weights,
    seeded_regression,
)

SGD = partial(torch.optim.SGD, lr=0.05, momentum=0.9)
N_ROWS = 22  # 8, 8 and 6 in a batch

Callback = BatchCallback[Points, Fit] | StepCallback


def trainer(
    model: Regression,
    callbacks: Sequence[Callback],
    *,
    folder: Path | None = None,
    stop: EarlyStopper[RunState] | None = None,
    accumulate: int = 1,
) -> Trainer[Points, Fit]:
    return Trainer(
        OptimizerStep(model, optimizer=SGD, device="cpu", accumulate=accumulate),
        train_loader=Batches(points(N_ROWS), 8),
        stop=[EpochBoundStopper(max_n_epochs=3) if stop is None else stop],
        callbacks=callbacks,
        checkpointer=None if folder is None else FolderCheckpointer(folder, every=steps(1), keep=9),
        progress=False,
    )


def trained(made: Trainer[Points, Fit]) -> TrainingResult:
    torch.default_generator.manual_seed(7)
    return made.train()


def by_step(result: TrainingResult, name: str) -> dict[int, float]:
    column = result.scores[name].dropna()
    return dict(zip(column.index.get_level_values("step").tolist(), column.tolist(), strict=True))


def by_hand(model: Regression, look: Callable[[int, int, float], None]) -> None:
    """Three epochs; `look` is told step, rows and loss after each update."""
    torch.default_generator.manual_seed(7)
    model.train()
    optimizer = SGD(model.parameters())
    step = 0
    for epoch in (1, 2, 3):
        for batch in Batches(points(N_ROWS), 8).batches(epoch):
            optimizer.zero_grad()
            loss: Tensor = model(batch)["loss"]
            torch.autograd.backward(loss)
            advance(optimizer)
            step += 1
            look(step, len(batch["x"]), loss.item())


def test_the_training_loss_of_every_four_steps_and_of_every_epoch() -> None:
    result = trained(
        trainer(seeded_regression(), [TrainLoss(every=steps(4)), TrainLoss("of_epoch")])
    )
    seen: list[tuple[int, float]] = []
    by_hand(seeded_regression(), lambda _step, rows, loss: seen.append((rows, loss)))

    def mean(*numbers: int) -> float:
        some = [seen[n - 1] for n in numbers]
        return math.fsum(n * loss for n, loss in some) / sum(n for n, _ in some)

    # 9 is the end of the run, which leaves nothing out
    expected = {4: mean(1, 2, 3, 4), 8: mean(5, 6, 7, 8), 9: mean(9)}
    assert by_step(result, "train_loss") == pytest.approx(expected, rel=1e-12)
    expected = {3: mean(1, 2, 3), 6: mean(4, 5, 6), 9: mean(7, 8, 9)}
    assert by_step(result, "of_epoch") == pytest.approx(expected, rel=1e-12)
    assert result.epoch_scores["of_epoch"].tolist() == [*by_step(result, "of_epoch").values()]
    assert result.failures == {}


def test_norms_of_every_second_step() -> None:
    result = trained(
        trainer(seeded_regression(), [GradientNorm(every=steps(2)), ParameterNorm(every=steps(2))])
    )
    model, gradients, parameters = seeded_regression(), dict[int, float](), dict[int, float]()

    def look(step: int, _rows: int, _loss: float) -> None:
        if step % 2 == 0 or step == 9:
            grads = [p.grad for p in model.parameters() if p.grad is not None]
            gradients[step] = math.sqrt(sum(g.double().square().sum().item() for g in grads))
            squares = (p.detach().double().square().sum().item() for p in model.parameters())
            parameters[step] = math.sqrt(sum(squares))

    by_hand(model, look)
    assert by_step(result, "gradient_norm") == pytest.approx(gradients, rel=1e-6)
    assert by_step(result, "parameter_norm") == pytest.approx(parameters, rel=1e-6)


def test_looking_changes_no_bit_of_the_training() -> None:
    looking: list[Callback] = [
        *(TrainLoss(), GradientNorm(every=steps(2)), ParameterNorm()),
        *(Throughput(every=steps(3)), PeakMemory()),
    ]
    bare = trained(trainer(seeded_regression(), []))
    full = trained(trainer(seeded_regression(), looking))
    assert same_weights(bare.last_weights, full.last_weights)
    assert full.failures == {}
    assert {*full.epoch_scores} == {
        *("train_loss", "gradient_norm", "parameter_norm"),
        *("steps_per_second", "rows_per_second", "peak_memory_mib"),
    }


def test_rows_and_updates_a_second_are_of_the_same_time() -> None:
    """22 rows in 3 updates, or 2 where two batches make one."""
    for accumulate, rows_per_update in ((1, 22 / 3), (2, 22 / 2)):
        model = seeded_regression()
        result = trained(trainer(model, [Throughput()], accumulate=accumulate))
        rates = result.epoch_scores["rows_per_second"] / result.epoch_scores["steps_per_second"]
        assert rates.tolist() == pytest.approx([rows_per_update] * 3)


def test_a_part_that_is_frozen_until_a_step_moves_from_the_next_one_on() -> None:
    model = seeded_regression()
    layer = model.layers[0]
    before = copy.deepcopy(layer.state_dict())
    callbacks = [Frozen(layer, until=steps(4))]
    made = trainer(model, callbacks, stop=StepBoundStopper(max_n_steps=4))
    trained(made)
    assert same_weights(before, layer.state_dict())
    made.train(stop=[StepBoundStopper(max_n_steps=5)])
    assert not same_weights(before, layer.state_dict())


@pytest.mark.parametrize("interrupted_at", [2, 4, 5, 7])
def test_a_run_that_was_killed_continues_with_the_same_bits(
    interrupted_at: int, tmp_path: Path
) -> None:
    """Within an epoch, between two moments of each callback, before and after the thaw."""

    def made() -> Trainer[Points, Fit]:
        model = seeded_regression()
        frozen = Frozen(model.layers[0], until=steps(5))
        looking: list[Callback] = [TrainLoss(every=steps(3)), GradientNorm(every=steps(2)), frozen]
        return trainer(model, looking, folder=tmp_path)

    whole = trained(made())
    resumed = made()
    resumed.restore(step=interrupted_at)
    result = resumed.train()
    assert same_weights(result.last_weights, whole.last_weights)
    for name, expected in (("train_loss", [3, 6, 9]), ("gradient_norm", [2, 4, 6, 8, 9])):
        assert by_step(result, name) == by_step(whole, name)
        assert [*by_step(whole, name)] == expected


class Halving:
    """A step of one's own that clips, and halves its learning rate after each epoch."""

    def __init__(self, model: Regression) -> None:
        self.model = model
        self.device = torch.device("cpu")
        self.n_steps = 0
        self.lr = 0.5
        self.gradient_norm: Tensor | None = None

    @property
    def learning_rates(self) -> dict[str, float]:
        return {"lr": self.lr}

    def update(self, batch: Points) -> Fit:
        self.model.zero_grad()
        output: Fit = self.model(batch)
        torch.autograd.backward(output["loss"])
        self.gradient_norm = clip_grad_norm_(self.model.parameters(), 0.001)
        with torch.no_grad():
            for parameter in self.model.parameters():
                if parameter.grad is not None:
                    parameter.sub_(parameter.grad, alpha=self.lr)
        self.n_steps += 1
        return output

    def evaluate(self, batch: Points) -> Fit:
        output: Fit = self.model(batch)
        return output

    def end_epoch(self) -> None: ...

    def after_scores(self, _scores: Mapping[str, float], moment: Moment) -> None:
        if moment.ends_epoch:
            self.lr /= 2

    def state_dict(self) -> dict[str, object]:
        return {"n_steps": self.n_steps, "lr": self.lr}

    def load_state_dict(self, state_dict: dict[str, object]) -> None:
        raise NotImplementedError


@pytest.mark.parametrize("every", [1, steps(1)])
def test_what_a_step_tells_is_the_curve(every: Every) -> None:
    step = Halving(seeded_regression())
    made = Trainer(
        step,
        train_loader=Batches(points(N_ROWS), 8),
        stop=[EpochBoundStopper(max_n_epochs=3)],
        callbacks=[LearningRate(every=every), GradientNorm()],
        progress=False,
    )
    result = trained(made)
    # read before the schedule of epochs moves: the rate that the epoch was trained with
    expected = [0.5, 0.25, 0.125] if every == 1 else [0.5] * 3 + [0.25] * 3 + [0.125] * 3
    assert [*by_step(result, "learning_rate").values()] == expected
    assert result.epoch_scores["learning_rate"].tolist() == [0.5, 0.25, 0.125]
    assert (result.epoch_scores["gradient_norm"] > 0.001).all()  # after clipping it is 0.001
    assert result.failures == {}
    assert result.score_collections == {}
