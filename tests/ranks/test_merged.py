"""What callbacks see on two processes comes to what they see on one: metrics that others wrote, and
watches.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import final

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from typing_extensions import override

from artifact_torch import (
    ConfigurationError,
    DataLoader,
    DataLoaderRoutine,
    MetricResultCallback,
    StepBoundStopper,
    TensorTable,
    Trainer,
    steps,
)
from artifact_torch.contracts import ResultKind, Share
from artifact_torch.inside import (
    DeadUnits,
    Histogram,
    Mean,
    StandardDeviation,
    WatchActivations,
    each,
)
from artifact_torch.internal.ranks import ranks
from tests.ranks.kit import all_reduce, in_ranks
from tests.ranks.toy_steps import Line, step_of
from tests.toys import Fit, Points, points


def dim_zero_sum(parts: Tensor) -> Tensor:
    """A reduction of torchmetrics, which is known by its name."""
    return parts.sum(0)


def dim_zero_max(parts: Tensor) -> Tensor:
    return parts.amax(0)


class Summed(nn.Module):
    """As a metric of torchmetrics is: states that are attributes, a reduction for each, and a `compute`
    that gathers from all processes, unless it is told that there are none.
    """

    def __init__(self) -> None:
        super().__init__()
        self._reductions: dict[str, Callable[[Tensor], Tensor] | None] = {
            "total": dim_zero_sum,
            "n": dim_zero_sum,
            "most": dim_zero_max,
        }
        self.distributed_available_fn: Callable[[], bool] = lambda: not ranks().is_alone
        self.reset()

    def reset(self) -> None:
        self.total, self.n = torch.zeros((), dtype=torch.float64), torch.tensor(0)
        self.most = torch.tensor(-torch.inf)
        self._update_count = self.n_own = 0

    def update(self, residual: Tensor) -> None:
        self._update_count += 1
        self.n_own += len(residual)
        self.total = self.total + residual.double().square().sum()
        self.n = self.n + len(residual)
        self.most = torch.maximum(self.most, residual.max())

    def compute(self) -> list[float]:
        assert self._update_count
        if self.distributed_available_fn():
            all_reduce(self.total)  # it would wait for ever: the others do not compute
        return [float(self.total / self.n), float(self.most), float(self.n)]


class Averaged(Summed):
    """A mean of the means of batches, with a state that no process can join to another's."""

    def __init__(self) -> None:
        super().__init__()
        self._reductions = {"total": dim_zero_sum, "n": dim_zero_sum, "most": None}

    @override
    def update(self, residual: Tensor) -> None:
        super().update(residual.mean(0, keepdim=True))


class InOrder:
    """Depends on the order of rows; the text is no row."""

    def reset(self) -> None:
        self.given: list[float] = []

    def update(self, residual: Tensor, name: str) -> None:
        assert name == "kept"
        self.given += [float(each) for each in residual]

    def compute(self) -> list[float]:
        return self.given


class OfTorcheval:
    """As a metric of torcheval is."""

    device = torch.device("cpu")

    def reset(self) -> None:
        self.total = torch.zeros((), dtype=torch.float64)

    def update(self, residual: Tensor) -> None:
        self.total = self.total + residual.double().sum()

    def compute(self) -> list[float]:
        return [float(self.total)]

    def state_dict(self) -> dict[str, Tensor]:
        return {"total": self.total}

    def load_state_dict(self, state_dict: dict[str, Tensor]) -> None:
        self.total = state_dict["total"].clone()

    def to(self, device: torch.device) -> "OfTorcheval":
        return self

    def merge_state(self, metrics: list["OfTorcheval"]) -> None:
        self.total = self.total + sum(each.total for each in metrics)


class Largest:
    """A summary of a user's, which cannot be told of other processes."""

    kind = ResultKind.SCORE

    def __init__(self) -> None:
        self.most = -float("inf")

    def add(self, _place: str, seen: Tensor) -> None:
        self.most = max(self.most, float(seen.max()))

    def result(self) -> float:
        return self.most


def residual(_batch: Points, output: Fit) -> tuple[Tensor]:
    return (output["residual"],)


def named(_batch: Points, output: Fit) -> tuple[Tensor, str]:
    return output["residual"], "kept"


def as_array(value: list[float]) -> NDArray[np.float64]:
    return np.array(value)


@final
@dataclass(frozen=True)
class Found:
    arrays: Mapping[str, NDArray[np.float64]]
    n_own: int
    """Rows that the metric itself was fed with before its states were joined."""
    training: Mapping[str, list[float]]
    refused: str


def found(batch_size: int = 5) -> Found:
    model, metric = Line(), Summed()
    held_out = DataLoader(TensorTable(points(11, seed=2)), batch_size=batch_size)  # one is left
    routine = DataLoaderRoutine[Points, Fit](
        held_out,
        scores=[WatchActivations("deviation", StandardDeviation, model)],
        arrays=[
            MetricResultCallback("summed", metric, of=residual, gives=as_array),
            MetricResultCallback("averaged", Averaged(), of=residual, gives=as_array),
            MetricResultCallback("in_order", InOrder(), of=named, gives=as_array),
            MetricResultCallback("torcheval", OfTorcheval(), of=residual, gives=as_array),
            WatchActivations("spread", lambda: Histogram([-1.0, 0.0, 1.0]), model),
        ],
        score_collections=[WatchActivations("by_place", each(Mean), model, at=nn.Linear)],
    )
    trainer = Trainer(
        step_of(model),
        train_loader=DataLoader(TensorTable(points(22)), batch_size=7),
        stop=[StepBoundStopper(max_n_steps=5)],
        callbacks=[
            WatchActivations("mean", Mean, model, every=steps(2)),
            WatchActivations("dead", DeadUnits, model, at=nn.Tanh, every=steps(2)),
            WatchActivations("largest", Largest, model, every=steps(2)),
        ],
        progress=False,
    )
    arrays = {name: values(each) for name, each in trainer.evaluate(routine).items()}
    scores = trainer.train().scores
    own = DataLoaderRoutine[Points, Fit](
        held_out, scores=[WatchActivations("largest", Largest, model)]
    )
    return Found(
        arrays=arrays,
        n_own=metric.n_own,
        training={str(name): scores[name].dropna().tolist() for name in scores},
        refused=refused(own),
    )


def values(value: object) -> NDArray[np.float64]:
    if isinstance(value, dict):
        return np.array([*value.values()], dtype=np.float64)
    return np.asarray(value, dtype=np.float64)


def refused(routine: DataLoaderRoutine[Points, Fit]) -> str:
    try:
        Trainer(
            step_of(Line()),
            train_loader=DataLoader(TensorTable(points(8)), batch_size=4),
            stop=[StepBoundStopper(max_n_steps=1)],
            routines=[routine],
        )
    except ConfigurationError as error:
        return str(error)
    return ""


@final
class InTurn:
    """Batches of five rows and one of one, each of which one process has as a whole: the second begins."""

    def __init__(self) -> None:
        self._loader = DataLoader(TensorTable(points(16, seed=2)), batch_size=5)

    def batches(self, epoch: int, /) -> Iterator[Points]:
        return self._loader.batches(epoch)

    def shares_from(
        self, epoch: int, n_done: int, rank: int, size: int, /
    ) -> Iterator[Share[Points]]:
        for number, batch in enumerate(self._loader.batches_from(epoch, n_done), n_done + 1):
            n_rows = len(batch["x"])
            n_own = n_rows if number % size == rank else 0
            yield Share(batch=batch, n_rows=n_own, n_of_all=n_rows, of=number)

    def __len__(self) -> int:
        return len(self._loader)


def in_turn() -> tuple[Mapping[str, NDArray[np.float64]], int]:
    in_order = MetricResultCallback("in_order", InOrder(), of=named, gives=as_array)
    averaged = MetricResultCallback("averaged", Averaged(), of=residual, gives=as_array)
    trainer = Trainer(
        step_of(Line()),
        train_loader=DataLoader(TensorTable(points(22)), batch_size=7),
        stop=[StepBoundStopper(max_n_steps=1)],
        progress=False,
    )
    results = trainer.evaluate(
        DataLoaderRoutine[Points, Fit](InTurn(), arrays=[in_order, averaged])
    )
    left = in_order.seen().given
    return {name: values(each) for name, each in results.items()}, len(left)


def test_what_is_kept_is_put_together_batch_by_batch_where_a_process_has_none_of_some() -> None:
    (one, _), twos = in_turn(), in_ranks(2, in_turn)
    assert len(one["in_order"]) == 16
    for several, n_left in twos:
        for name, expected in one.items():
            np.testing.assert_allclose(several[name], expected, rtol=1e-6, err_msg=name)
        assert n_left == 0  # of a pass that is over


def of_sizes() -> list[Found]:
    """Batches of one row leave nothing for the first of two."""
    return [found(5), found(1)]


def test_two_processes_see_what_one_sees() -> None:
    ones, twos = of_sizes(), in_ranks(2, of_sizes)
    for number, one in enumerate(ones):
        assert len(one.arrays["in_order"]) == 11
        assert one.arrays["by_place"].shape == (2,)
        assert not one.refused
        for several in (of_rank[number] for of_rank in twos):
            assert several.arrays.keys() == one.arrays.keys()
            for name, expected in one.arrays.items():
                np.testing.assert_allclose(
                    several.arrays[name], expected, rtol=1e-6, atol=1e-6, err_msg=name
                )
            for name in ("mean", "dead"):
                assert len(one.training[name]) > 1
                np.testing.assert_allclose(
                    several.training[name], one.training[name], rtol=0, atol=1e-6, err_msg=name
                )
            assert 'WatchActivations "largest": Largest sees the rows of its own' in several.refused
    assert sum(of_rank[0].n_own for of_rank in twos) == 11  # each its own rows
    (first, second), (of_one, _) = twos, ones
    assert first[0].training["largest"] == second[0].training["largest"]  # those of the first
    for most, own in zip(of_one.training["largest"], first[0].training["largest"], strict=True):
        assert own <= most + 1e-6


@pytest.mark.parametrize("kind", [Summed, OfTorcheval])
def test_a_metric_after_a_pass_of_all_begins_anew(kind: type[Summed | OfTorcheval]) -> None:
    callback = MetricResultCallback("m", kind(), of=residual, gives=as_array)
    for _ in range(2):
        callback.start()
        rows = Fit(loss=torch.zeros(()), residual=torch.arange(3.0))
        callback.update(points(3), rows)
        callback.merge([callback.seen(), callback.seen()])
        assert callback.finish().tolist() == ([5 / 3, 2.0, 6.0] if kind is Summed else [6.0])
