"""Metrics that others wrote, as callbacks."""

from collections.abc import Callable, Sequence
from typing import Final, Generic, SupportsFloat, final

from torch import Tensor
from typing_extensions import TypeVar

from artifact_torch.callbacks.scores.fed import Fed, SeenByMetric
from artifact_torch.callbacks.scores.merging import Metric
from artifact_torch.callbacks.scores.reading import Reading, Reads
from artifact_torch.callbacks.sums import described
from artifact_torch.checking.places import Place
from artifact_torch.contracts.io import Result_co, SeenIn_contra, SeenOut_contra
from artifact_torch.internal.arguments import function_of_one, refuse, shown

Value = TypeVar("Value")


@final
class MetricCallback(Generic[SeenIn_contra, SeenOut_contra]):
    """The number that a metric computes over a pass, as a score: any `torchmetrics.Metric`, or what
    has its `reset`, `update` and `compute`.

    `of` gives what the metric's `update` takes, as a tuple. A metric that is a module is moved to
    where the first tensor of a pass is. A callback owns its metric: two callbacks need two. Raises
    `ValidationError` for what is no number; `MetricResultCallback` makes arrays and collections.

    Of several processes, sums and extremes of a `torchmetrics.Metric` are joined, and so are a metric
    of torcheval, and one of your own that has `seen` and `merge` (`artifact_torch.contracts.Merged`). For
    any other, what `of` gives is kept for the pass, gathered, and given to the first process's metric
    batch by batch, as on one process: in memory all at once.
    """

    def __init__(
        self,
        name: str,
        metric: Metric[object],
        *,
        of: Callable[[SeenIn_contra, SeenOut_contra], tuple[object, ...]],
    ) -> None:
        self.name: Final = name
        self.higher_is_better: Final[object] = getattr(metric, "higher_is_better", None)
        self._fed = Fed(Reading("MetricCallback", name, of), metric)

    @property
    def contract_places(self) -> Sequence[Place]:
        return self._fed.reading.places(Reads[SeenIn_contra, SeenOut_contra, object])

    def start(self) -> None:
        self._fed.start()

    def update(self, batch: SeenIn_contra, output: SeenOut_contra, /) -> None:
        self._fed.update(batch, output)

    def sees_no_row(self) -> None:
        """A batch of which this process has no row."""
        self._fed.sees_no_row()

    def seen(self) -> SeenByMetric:
        """The metric's state, or all that it would have been fed with. Copies to the CPU."""
        return self._fed.seen()

    def merge(self, seen: Sequence[SeenByMetric], /) -> None:
        self._fed.merge(seen)

    def finish(self) -> float:
        """Syncs."""
        value = self._fed.computed()
        if isinstance(value, Tensor) and value.numel() != 1:
            raise self._fed.reading.wrong(
                f"compute gave {described(value)}, expected one number; have the metric average, "
                "or use arrays=[MetricResultCallback(..., gives=lambda value: value.cpu().numpy())]"
            )
        if not isinstance(value, SupportsFloat):
            raise self._fed.reading.wrong(
                f"compute gave {shown(value)}, expected one number; for several use "
                "score_collections=[MetricResultCallback(..., gives=...)]"
            )
        return float(value)


@final
class MetricResultCallback(Generic[SeenIn_contra, SeenOut_contra, Result_co]):
    """What `gives` makes of the value that a metric computes over a pass: a result of any kind.

    Everything else is as in `MetricCallback`.
    """

    def __init__(
        self,
        name: str,
        metric: Metric[Value],
        *,
        of: Callable[[SeenIn_contra, SeenOut_contra], tuple[object, ...]],
        gives: Callable[[Value], Result_co],
    ) -> None:
        refuse(function_of_one("MetricResultCallback: gives", gives, "lambda value: float(value)"))
        self.name: Final = name
        fed = Fed(Reading("MetricResultCallback", name, of), metric)
        self._fed: Final[Fed[object]] = fed
        self._compute: Callable[[], Result_co] = lambda: gives(fed.computed())

    @property
    def contract_places(self) -> Sequence[Place]:
        return self._fed.reading.places(Reads[SeenIn_contra, SeenOut_contra, object])

    def start(self) -> None:
        self._fed.start()

    def update(self, batch: SeenIn_contra, output: SeenOut_contra, /) -> None:
        self._fed.update(batch, output)

    def sees_no_row(self) -> None:
        """A batch of which this process has no row."""
        self._fed.sees_no_row()

    def seen(self) -> SeenByMetric:
        """The metric's state, or all that it would have been fed with. Copies to the CPU."""
        return self._fed.seen()

    def merge(self, seen: Sequence[SeenByMetric], /) -> None:
        self._fed.merge(seen)

    def finish(self) -> Result_co:
        return self._compute()
