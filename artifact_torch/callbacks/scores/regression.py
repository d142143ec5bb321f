"""How far predicted numbers are from true ones."""

from collections.abc import Callable, Sequence
from typing import Final, Generic, final, overload

import torch
from torch import Tensor

from artifact_torch.callbacks.scores.reading import (
    HasPrediction,
    HasTarget,
    Pairs,
    Read,
    Reading,
    Reads,
    prediction_and_target,
)
from artifact_torch.callbacks.sums import Sums, described, ratio, wide
from artifact_torch.checking.places import Place
from artifact_torch.contracts.io import SeenIn_contra, SeenOut_contra


@final
class MeanAbsoluteError(Generic[SeenIn_contra, SeenOut_contra]):
    """The mean distance of prediction and target, over all their elements.

    Reads `prediction` of the output and `target` of the batch, or what `of` gives: two tensors of
    one shape. A third says which elements count. NaN where one of them is, or where nothing counts.
    Raises `ValidationError` for two shapes.
    """

    higher_is_better: Final = False

    @overload
    def __init__(self: "MeanAbsoluteError[HasTarget, HasPrediction]", name: str) -> None: ...
    @overload
    def __init__(
        self, name: str, *, of: Callable[[SeenIn_contra, SeenOut_contra], Pairs]
    ) -> None: ...
    def __init__(self, name: str, *, of: Callable[..., Pairs] = prediction_and_target) -> None:
        self.name: Final = name
        self._reading = Reading("MeanAbsoluteError", name, of)
        self.start()

    @property
    def contract_places(self) -> Sequence[Place]:
        return self._reading.places(Reads[SeenIn_contra, SeenOut_contra, object])

    def start(self) -> None:
        self._sums = Sums()

    def update(self, batch: SeenIn_contra, output: SeenOut_contra, /) -> None:
        read = _numbers(self._reading, batch, output)
        distance = (read.prediction - read.target).abs()
        self._sums.add(distance.where(read.where, 0), read.where)

    def seen(self) -> Tensor | None:
        """Their sum and how many. Syncs."""
        return self._sums.seen()

    def merge(self, seen: Sequence[Tensor | None], /) -> None:
        self._sums.merge(seen)

    def finish(self) -> float:
        """Syncs."""
        return ratio(*self._sums.read(2))


@final
class MeanSquaredError(Generic[SeenIn_contra, SeenOut_contra]):
    """The mean squared distance of prediction and target, over all their elements.

    Reads and raises the same as `MeanAbsoluteError`.
    """

    higher_is_better: Final = False

    @overload
    def __init__(self: "MeanSquaredError[HasTarget, HasPrediction]", name: str) -> None: ...
    @overload
    def __init__(
        self, name: str, *, of: Callable[[SeenIn_contra, SeenOut_contra], Pairs]
    ) -> None: ...
    def __init__(self, name: str, *, of: Callable[..., Pairs] = prediction_and_target) -> None:
        self.name: Final = name
        self._reading = Reading("MeanSquaredError", name, of)
        self.start()

    @property
    def contract_places(self) -> Sequence[Place]:
        return self._reading.places(Reads[SeenIn_contra, SeenOut_contra, object])

    def start(self) -> None:
        self._sums = Sums()

    def update(self, batch: SeenIn_contra, output: SeenOut_contra, /) -> None:
        read = _numbers(self._reading, batch, output)
        squared = (read.prediction - read.target).square()
        self._sums.add(squared.where(read.where, 0), read.where)

    def seen(self) -> Tensor | None:
        """Their sum and how many. Syncs."""
        return self._sums.seen()

    def merge(self, seen: Sequence[Tensor | None], /) -> None:
        self._sums.merge(seen)

    def finish(self) -> float:
        """Syncs."""
        return ratio(*self._sums.read(2))


@final
class R2Score(Generic[SeenIn_contra, SeenOut_contra]):
    """The share of the target's variance that the prediction explains: 1 - residual / total.

    Reads and raises the same as `MeanAbsoluteError`. Of `[rows, ...]` it is the mean over the
    outputs of a row. As in scikit-learn, a constant target gives 1 if it is predicted exactly, else
    0; fewer than two values give NaN.
    """

    higher_is_better: Final = True

    @overload
    def __init__(self: "R2Score[HasTarget, HasPrediction]", name: str) -> None: ...
    @overload
    def __init__(
        self, name: str, *, of: Callable[[SeenIn_contra, SeenOut_contra], Pairs]
    ) -> None: ...
    def __init__(self, name: str, *, of: Callable[..., Pairs] = prediction_and_target) -> None:
        self.name: Final = name
        self._reading = Reading("R2Score", name, of)
        self.start()

    @property
    def contract_places(self) -> Sequence[Place]:
        return self._reading.places(Reads[SeenIn_contra, SeenOut_contra, object])

    def start(self) -> None:
        self._pivot: Tensor | None = None
        self._sums: Tensor | None = None

    def update(self, batch: SeenIn_contra, output: SeenOut_contra, /) -> None:
        read = _numbers(self._reading, batch, output)
        shape = (read.target.shape[0], -1) if read.target.dim() > 1 else (-1, 1)
        target, where = read.target.reshape(shape), read.where.reshape(shape)
        if self._pivot is None:
            self._pivot = target.new_zeros(1, target.shape[1])
            self._has_pivot = where.new_zeros(1, target.shape[1])
        if self._pivot.shape[1] != target.shape[1]:
            raise self._reading.wrong(
                f"got {target.shape[1]} outputs a row after {self._pivot.shape[1]}; give as many "
                "in every batch"
            )
        # the first value that counts: it lies among the others, so that the variance does not
        # drown in the square of a large mean, and is exactly 0 for a constant
        first = target.gather(0, where.to(torch.uint8).argmax(dim=0, keepdim=True))
        self._pivot = self._pivot.where(self._has_pivot, first)
        self._has_pivot = self._has_pivot | where.any(dim=0, keepdim=True)
        residual = (read.prediction.reshape(shape) - target).square().where(where, 0)
        moved = (target - self._pivot).where(where, 0)
        new = torch.stack([x.sum(0) for x in (wide(where), residual, moved, moved.square())])
        self._sums = new if self._sums is None else self._sums + new

    def seen(self) -> tuple[Tensor, Tensor] | None:
        """The sums, `[4, outputs]`, and the values that they are distances from. Syncs."""
        if self._sums is None or self._pivot is None:
            return None
        return self._sums.cpu(), self._pivot.cpu()

    def merge(self, seen: Sequence[tuple[Tensor, Tensor] | None], /) -> None:
        """By the shift of each pivot to one of them: (x + d) and (x + d)**2, summed over n."""
        parts = [each for each in seen if each is not None]
        if len(given := {pivot.shape[1] for _, pivot in parts}) > 1:
            raise self._reading.wrong(
                f"got {sorted(given)} outputs a row on different processes; give as many everywhere"
            )
        if not parts:
            return
        sums, pivots = (torch.stack([*each]) for each in zip(*parts, strict=True))
        n, residual, moved, squares = sums.unbind(1)  # each [processes, outputs]
        # a process may have none that counts, and then no value of its own
        first = (n > 0).to(torch.uint8).argmax(0, keepdim=True)
        self._pivot = pivots[:, 0].gather(0, first)
        shift = (pivots[:, 0] - self._pivot).where(n > 0, 0)
        squares = squares + 2 * shift * moved + n * shift.square()
        self._sums = torch.stack([n, residual, moved + n * shift, squares]).sum(1)

    def finish(self) -> float:
        """Syncs."""
        if self._sums is None:
            return float("nan")
        n, residual, moved, squares = self._sums.cpu().double()
        total = squares - moved.square() / n
        explained = 1 - residual / total
        explained = explained.where(total != 0, (residual == 0).double())
        return float(explained.where(n > 1, float("nan")).mean())


def _numbers(reading: Reading, batch: object, output: object) -> Read:
    """In float64. Raises `ValidationError`."""
    read = reading.pairs(batch, output)
    one, other = read.prediction, read.target
    if one.shape != other.shape or not one.dim() or one.is_complex() or other.is_complex():
        raise reading.wrong(
            f"got prediction {described(one)} and target {described(other)}, expected real numbers "
            "of one shape [rows, ...]; squeeze(-1) takes away a dimension of 1"
        )
    return Read(prediction=wide(one), target=wide(other), where=read.where)
