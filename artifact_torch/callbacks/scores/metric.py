"""Metrics that others wrote, as callbacks."""

from collections.abc import Callable, Sequence
from typing import Any, Final, Generic, Protocol, SupportsFloat, final

from torch import Tensor, nn
from typing_extensions import TypeVar

from artifact_torch.callbacks.scores.reading import Reading, Reads
from artifact_torch.callbacks.sums import described
from artifact_torch.checking.places import Place
from artifact_torch.contracts.io import Result_co, SeenIn_contra, SeenOut_contra
from artifact_torch.internal.arguments import function_of_one, refuse, shown

Value = TypeVar("Value")
Value_co = TypeVar("Value_co", covariant=True)


class Metric(Protocol[Value_co]):
    """A `torchmetrics.Metric`, or whatever has these three."""

    def reset(self) -> None: ...

    # Any: what a metric takes is its own affair
    def update(self, *args: Any, **kwargs: Any) -> object: ...

    def compute(self) -> Value_co: ...


@final
class MetricCallback(Generic[SeenIn_contra, SeenOut_contra]):
    """The number that a metric computes over a pass, as a score: any `torchmetrics.Metric`, or what
    has its `reset`, `update` and `compute`.

    `of` gives what the metric's `update` takes, as a tuple. A metric that is a module is moved to
    where the first tensor of a pass is. A callback owns its metric: two callbacks need two. Raises
    `ValidationError` for what is no number; `MetricResultCallback` makes arrays and collections.
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
        self._fed = _Fed(Reading("MetricCallback", name, of), metric)

    @property
    def contract_places(self) -> Sequence[Place]:
        return self._fed.reading.places(Reads[SeenIn_contra, SeenOut_contra, object])

    def start(self) -> None:
        self._fed.start()

    def update(self, batch: SeenIn_contra, output: SeenOut_contra, /) -> None:
        self._fed.update(batch, output)

    def finish(self) -> float:
        """Syncs."""
        value = self._fed.metric.compute()
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
        self._fed = _Fed(Reading("MetricResultCallback", name, of), metric)
        self._compute: Callable[[], Result_co] = lambda: gives(metric.compute())

    @property
    def contract_places(self) -> Sequence[Place]:
        return self._fed.reading.places(Reads[SeenIn_contra, SeenOut_contra, object])

    def start(self) -> None:
        self._fed.start()

    def update(self, batch: SeenIn_contra, output: SeenOut_contra, /) -> None:
        self._fed.update(batch, output)

    def finish(self) -> Result_co:
        return self._compute()


@final
class _Fed:
    """A metric and what it is fed with."""

    def __init__(self, reading: Reading, metric: Metric[object]) -> None:
        members = ("reset", "update", "compute")
        missing = [each for each in members if not callable(getattr(metric, each, None))]
        if missing or isinstance(metric, type):
            remedy = (
                "make one: call the class" if isinstance(metric, type) else f"it lacks {missing}"
            )
            refuse([f"metric must be an object with {members}, got {shown(metric)}; {remedy}"])
        self.reading = reading
        self.metric = metric
        self._is_placed = False

    def start(self) -> None:
        self.metric.reset()
        self._is_placed = False

    def update(self, batch: object, output: object) -> None:
        given = self.reading.given(batch, output)
        first = next((each for each in given if isinstance(each, Tensor)), None)
        if not self._is_placed and first is not None and isinstance(self.metric, nn.Module):
            self.metric.to(first.device)
            self._is_placed = True
        self.metric.update(*given)
