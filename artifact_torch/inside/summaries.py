"""What is kept of the tensors that are seen: numbers, one for all places or one for each."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar, final

import torch
from torch import Tensor
from torch.nn.utils import get_total_norm

from artifact_torch.contracts import ResultKind, Summary
from artifact_torch.errors import ConfigurationError, ValidationError
from artifact_torch.internal.arguments import shown
from artifact_torch.internal.merging import as_merged, merging_problems

R = TypeVar("R")


@final
class Mean:
    """The mean of all values that were seen."""

    kind = ResultKind.SCORE

    def __init__(self) -> None:
        self._n, self._sum = 0, Total()

    def add(self, _place: str, seen: Tensor, /) -> None:
        self._n += seen.numel()
        self._sum.add(seen.sum(dtype=wide_of(seen)))

    def seen(self) -> tuple[int, float]:
        """How many values, and their sum. Syncs."""
        return self._n, self._sum.value()

    def merge(self, seen: Sequence[tuple[int, float]], /) -> None:
        self._n = sum(n for n, _ in seen)
        self._sum = Total(sum(total for _, total in seen))

    def result(self) -> float:
        """NaN where nothing was seen. Syncs."""
        return self._sum.value() / self._n if self._n else math.nan


@final
class StandardDeviation:
    """The standard deviation of all values that were seen, with their number as the divisor.

    By Chan's formula for joining variances, so that a mean far from zero costs no digits.
    """

    kind = ResultKind.SCORE

    def __init__(self) -> None:
        self._n, self._mean, self._squares = 0, Total(), Total()

    def add(self, _place: str, seen: Tensor, /) -> None:
        n = seen.numel()
        if not n:
            return
        variance, mean = torch.var_mean(at_least_single(seen), correction=0)
        apart = self._mean.minus(mean.to(wide_of(mean)))
        self._squares.add(variance.to(wide_of(variance)) * n)
        self._squares.add(apart.square() * (self._n * n / (self._n + n)))
        self._mean.add(apart * (-n / (self._n + n)))
        self._n += n

    def seen(self) -> tuple[int, float, float]:
        """How many values, their mean, and the sum of their squares around it. Syncs."""
        return self._n, self._mean.value(), self._squares.value()

    def merge(self, seen: Sequence[tuple[int, float, float]], /) -> None:
        self._n = sum(n for n, _, _ in seen)
        mean = sum(n * mean for n, mean, _ in seen) / max(self._n, 1)
        apart = (squares + n * (of_one - mean) ** 2 for n, of_one, squares in seen)
        self._mean, self._squares = Total(mean), Total(sum(apart))

    def result(self) -> float:
        """NaN where nothing was seen. Syncs."""
        return math.sqrt(self._squares.value() / self._n) if self._n else math.nan


@final
class Norm:
    """The Euclidean norm of all values that were seen, as of one long vector."""

    kind = ResultKind.SCORE

    def __init__(self) -> None:
        self._squares = Total()

    def add(self, _place: str, seen: Tensor, /) -> None:
        norm = get_total_norm([at_least_single(seen)])
        self._squares.add(norm.to(wide_of(norm)).square())

    def seen(self) -> float:
        """The sum of the squares. Syncs."""
        return self._squares.value()

    def merge(self, seen: Sequence[float], /) -> None:
        self._squares = Total(sum(seen))

    def result(self) -> float:
        """Syncs."""
        return math.sqrt(self._squares.value())


@final
class ZeroShare:
    """The share of all values that were exactly zero, from 0 to 1."""

    kind = ResultKind.SCORE

    def __init__(self) -> None:
        self._n, self._zeros = 0, Total()

    def add(self, _place: str, seen: Tensor, /) -> None:
        self._n += seen.numel()
        self._zeros.add(seen.numel() - seen.count_nonzero())

    def seen(self) -> tuple[int, float]:
        """How many values, and how many zeros. Syncs."""
        return self._n, self._zeros.value()

    def merge(self, seen: Sequence[tuple[int, float]], /) -> None:
        self._n = sum(n for n, _ in seen)
        self._zeros = Total(sum(zeros for _, zeros in seen))

    def result(self) -> float:
        """NaN where nothing was seen. Syncs."""
        return self._zeros.value() / self._n if self._n else math.nan


@final
class DeadUnits:
    """The share of units that were zero in every row that was seen, from 0 to 1.

    Units are the last dimension, of images (`[batch, channels, height, width]`) and volumes the
    second; `dim` says otherwise. Look at it behind the activation function: `at=nn.ReLU`.
    """

    kind = ResultKind.SCORE

    def __init__(self, *, dim: int | None = None) -> None:
        self._dim = dim
        self._lived: dict[str, Tensor] = {}

    def add(self, place: str, seen: Tensor, /) -> None:
        """Raises `ValidationError` for another number of units than before."""
        dim = self._dim if self._dim is not None else 1 if seen.dim() in {4, 5} else -1
        units_first = seen.movedim(dim, 0) if seen.dim() else seen.unsqueeze(0)
        lives = (units_first.unsqueeze(-1).flatten(1) != 0).any(dim=1)
        self._live(place, lives)

    def _live(self, place: str, lives: Tensor) -> None:
        before = self._lived.get(place, lives)
        if before.shape != lives.shape:
            raise ValidationError(
                f"DeadUnits: {place} had {before.numel()} units, now {lives.numel()}; say in which "
                "dimension they are: lambda: DeadUnits(dim=1)"
            )
        self._lived[place] = before | lives

    def seen(self) -> Mapping[str, Tensor]:
        """Which units were not zero, by place. Copies to the CPU."""
        return {place: lived.cpu() for place, lived in self._lived.items()}

    def merge(self, seen: Sequence[Mapping[str, Tensor]], /) -> None:
        """Raises `ValidationError` for another number of units than on another process."""
        self._lived = {}
        for place, lived in (each for by_place in seen for each in by_place.items()):
            self._live(place, lived)

    def result(self) -> float:
        """NaN where nothing was seen. Syncs."""
        n_units = sum(lived.numel() for lived in self._lived.values())
        n_lived = sum(int(lived.sum()) for lived in self._lived.values())
        return 1 - n_lived / n_units if n_units else math.nan


def mean_of(function: Callable[[Tensor], Tensor]) -> Callable[[], Summary[float]]:
    """The mean over rows of what `function` makes of each tensor: a single value, `[]`.

    `mean_of(lambda seen: seen.abs().max())`. A tensor counts by its first dimension. Of several
    processes each has tensors of its own rows, and the mean is over all of these.
    """
    return lambda: _Averaged(function)


@final
class _Averaged:
    kind = ResultKind.SCORE

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        self._function = function
        self._n, self._sum = 0, Total()

    def add(self, _place: str, seen: Tensor, /) -> None:
        value = _single(self._function(seen))
        n = seen.shape[0] if seen.dim() else 1
        self._n += n
        self._sum.add(value.to(wide_of(value)) * n)

    def seen(self) -> tuple[int, float]:
        """How many rows, and the sum over them. Syncs."""
        return self._n, self._sum.value()

    def merge(self, seen: Sequence[tuple[int, float]], /) -> None:
        self._n = sum(n for n, _ in seen)
        self._sum = Total(sum(total for _, total in seen))

    def result(self) -> float:
        return self._sum.value() / self._n if self._n else math.nan


def _single(value: object) -> Tensor:
    if isinstance(value, Tensor) and value.dim() == 0:
        return value
    got = f"shape {list(value.shape)}" if isinstance(value, Tensor) else shown(value)
    raise ValidationError(
        f"mean_of: the function gave {got}, expected a tensor of shape []; reduce it, for example "
        "with .mean()"
    )


_COLLECTIONS = {
    ResultKind.SCORE: ResultKind.SCORE_COLLECTION,
    ResultKind.ARRAY: ResultKind.ARRAY_COLLECTION,
    ResultKind.PLOT: ResultKind.PLOT_COLLECTION,
}


def each(summary: Callable[[], Summary[R]]) -> Callable[[], Summary[Mapping[str, R]]]:
    """One summary for each place instead of one for all, keyed by qualified names."""
    return lambda: _Each(summary)


@final
class _Each(Generic[R]):
    def __init__(self, summary: Callable[[], Summary[R]]) -> None:
        self._make = summary
        of_one = summary().kind
        if of_one not in _COLLECTIONS:
            raise ConfigurationError(
                f"each: got a summary that gives a {of_one.value}, expected one that gives a "
                "score, an array or a plot; it is one for each place already"
            )
        self.kind = _COLLECTIONS[of_one]
        self._by_place: dict[str, Summary[R]] = {}

    def add(self, place: str, seen: Tensor, /) -> None:
        if place not in self._by_place:
            self._by_place[place] = self._make()
        self._by_place[place].add(place, seen)

    @property
    def cannot_be_shared(self) -> Sequence[str]:
        """Where one of them cannot be told what its like have seen on other processes."""
        return merging_problems(self._make())

    def seen(self) -> Mapping[str, object]:
        """What each has seen, by place."""
        found = {place: as_merged(summary) for place, summary in self._by_place.items()}
        return {place: each.seen() for place, each in found.items() if each is not None}

    def merge(self, seen: Sequence[Mapping[str, object]], /) -> None:
        self._by_place = {}
        for place in dict.fromkeys(place for by_place in seen for place in by_place):
            self._by_place[place] = made = self._make()
            if (merged := as_merged(made)) is not None:
                merged.merge([by_place[place] for by_place in seen if place in by_place])

    def result(self) -> Mapping[str, R]:
        return {place: summary.result() for place, summary in self._by_place.items()}


@final
class Total:
    """A running sum of single values, on the device of the first; read once."""

    def __init__(self, begins: float | None = None) -> None:
        self._total = None if begins is None else torch.tensor(begins, dtype=torch.float64)

    def add(self, value: Tensor) -> None:
        # a model on several devices: what comes from another is copied without a sync
        self._total = value if self._total is None else self._total + value.to(self._total.device)

    def minus(self, value: Tensor) -> Tensor:
        return -value if self._total is None else self._total - value.to(self._total.device)

    def value(self) -> float:
        """Syncs."""
        return 0.0 if self._total is None else float(self._total)


def wide_of(seen: Tensor) -> torch.dtype:
    """Float64, where the device has it."""
    return torch.float32 if seen.device.type == "mps" else torch.float64


def at_least_single(seen: Tensor) -> Tensor:
    """A copy of half precision, which would lose digits; else the tensor itself."""
    return seen.to(torch.promote_types(seen.dtype, torch.float32))
