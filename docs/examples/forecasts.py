"""A domain of one's own: models that forecast series, and what is computed of their forecasts."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import partial
from typing import Protocol, TypedDict

import numpy as np
import torch
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import Tensor, nn

import artifact_torch as at
from artifact_torch.contracts import ArtifactPlan, Every, Failure, Moment, Result, ResultKind
from artifact_torch.contracts import ResultName
from artifact_torch.domain_kit import Domain, DomainPlan, PlannedSplits, split_problems

# 1. What a model of the domain has, beside the methods of every model.


class Forecaster(Protocol):
    def forecast(self, history: Tensor, n_steps: int, /) -> Tensor:
        """From `[series, past]` on any device the next `[series, n_steps]`."""
        ...


# 2. What its artifacts are computed of: real data, and what the model made of it.


@dataclass(frozen=True, eq=False)
class Forecast:
    history: NDArray[np.float64]  # [series, past]
    future: NDArray[np.float64]  # [series, n_steps]
    forecast: NDArray[np.float64]  # [series, n_steps]


# 3. The artifacts, each a function, by kind and name.


def error(of: Forecast) -> float:
    return float(np.abs(of.forecast - of.future).mean())


def skill(of: Forecast) -> float:
    """1 is perfect, 0 as good as to say the last value once more."""
    return 1 - error(of) / float(np.abs(of.history[:, -1:] - of.future).mean())


def error_by_step(of: Forecast) -> NDArray[np.float64]:
    return np.abs(of.forecast - of.future).mean(axis=0)


def first_series(of: Forecast) -> Figure:
    figure = Figure()
    axes = figure.subplots()
    past = np.arange(1 - len(of.history[0]), 1)
    steps = np.arange(1, 1 + len(of.future[0]))
    axes.plot(past, of.history[0], label="history")
    axes.plot(steps, of.future[0], label="future")
    axes.plot(steps, of.forecast[0], label="forecast")
    axes.legend()
    return figure


ARTIFACTS: Mapping[ResultKind, Mapping[str, Callable[[Forecast], object]]] = {
    ResultKind.SCORE: {"ERROR": error, "SKILL": skill},
    ResultKind.ARRAY: {"ERROR_BY_STEP": error_by_step},
    ResultKind.PLOT: {"FIRST_SERIES": first_series},
}
FORECASTS = Domain.of_functions(ARTIFACTS)

# 4. The real data of a split, and the routine: what is asked of a model, and when.


@dataclass(frozen=True, eq=False)
class Series:
    values: Tensor  # [series, steps]
    _: KW_ONLY
    every: Every | None  # as everywhere: 5 means epochs, None the end of the run alone


class ForecastRoutine:
    def __init__(
        self, *, plan: ArtifactPlan[Forecast], n_steps: int, train: Series | None = None,
        validation: Series | None = None,
    ) -> None:
        def problems_of(split: Series) -> list[str]:
            is_long = split.values.shape[1] > n_steps
            return [] if is_long else [f"values must be longer than {n_steps} steps"]

        splits = {"train": train, "validation": validation}
        example = "Series(values, every=5)"
        if problems := split_problems(splits, Series, example, problems_of):
            raise at.ConfigurationError("\n".join(f"ForecastRoutine: {one}" for one in problems))
        self._n_steps = n_steps
        self._splits = PlannedSplits(plan, splits)

    @property
    def result_names(self) -> Sequence[ResultName]:
        return self._splits.result_names

    @property
    def cadences(self) -> Sequence[Every]:
        return self._splits.cadences

    def due(self, moment: Moment) -> Sequence[ResultName]:
        return self._splits.due(moment)

    def validate(
        self, model: Forecaster, names: Collection[ResultName], moment: Moment
    ) -> Sequence[Result | Failure]:
        def forecast_of(split: Series) -> Forecast:
            history, future = split.values.split_with_sizes(
                [split.values.shape[1] - self._n_steps, self._n_steps], dim=1
            )
            made = model.forecast(history, self._n_steps)
            return Forecast(*(each.double().cpu().numpy() for each in (history, future, made)))

        return self._splits.execute(names, moment, forecast_of)


# A model, and a run.


class Windows(TypedDict):
    seen: Tensor  # [batch, 8]
    following: Tensor  # [batch]


class Fit(TypedDict):
    loss: Tensor  # []


class LinearForecaster(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weights = nn.Linear(8, 1)

    def forward(self, windows: Windows) -> Fit:
        following = self.weights(windows["seen"]).squeeze(1)
        return Fit(loss=nn.functional.mse_loss(following, windows["following"]))

    def forecast(self, history: Tensor, n_steps: int) -> Tensor:
        values = history.to(self.weights.weight.device)
        for _ in range(n_steps):
            values = torch.cat([values, self.weights(values[:, -8:])], dim=1)
        return values[:, -n_steps:]


at.seed_everything(0)
waves = (torch.rand(40, 1) * 6 + torch.arange(40) * 0.5).sin() + 0.02 * torch.randn(40, 40)
training, held_out = waves[:30], waves[30:]
windows = training.unfold(1, 9, 1).flatten(0, 1)
batches = at.TensorTable(Windows(seen=windows[:, :8], following=windows[:, 8]))
model = LinearForecaster()
plan = DomainPlan(FORECASTS, scores=["ERROR", "SKILL"], arrays=["ERROR_BY_STEP"], plots=["FIRST_SERIES"])
routine = ForecastRoutine(plan=plan, n_steps=10, validation=Series(held_out, every=5))
result = at.Trainer(
    at.OptimizerStep(model, optimizer=partial(torch.optim.Adam, lr=0.02)),
    train_loader=at.DataLoader(batches, batch_size=64, shuffle=True),
    stop=[at.EpochBoundStopper(max_n_epochs=20)],
    routines=[at.bind(routine, model)],
).train()
print(f"skill above 0.8: {result.epoch_scores['SKILL_VAL'].iloc[-1] > 0.8}")
