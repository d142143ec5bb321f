"""A domain of one's own: models that forecast series, and what is computed of their forecasts."""

from dataclasses import KW_ONLY, dataclass
from functools import partial
from typing import Protocol, TypedDict

import numpy as np
import torch
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import Tensor, nn
from typing_extensions import TypeIs

import artifact_torch as at
from artifact_torch import domain_kit as kit
from artifact_torch.contracts import ArtifactPlan, Every


# 1. The contract: what a model of the domain has beside `forward`.
class Forecaster(Protocol):
    def forecast(self, history: Tensor, n_steps: int, /) -> Tensor:
        """From `[series, past]`, on any device, the next `[series, n_steps]`."""
        ...


# 2. The resources: what is real, and what the model made of it.
@dataclass(frozen=True, eq=False)
class Forecast:
    history: NDArray[np.float64]  # [series, past]
    future: NDArray[np.float64]  # [series, n_steps]
    forecast: NDArray[np.float64]  # [series, n_steps]


# 3. The artifacts: functions of the resources, by kind and name.
def error(of: Forecast) -> float:
    return float(np.abs(of.forecast - of.future).mean())


def skill(of: Forecast) -> float:
    """1 is perfect, 0 is as good as to repeat the last value."""
    return 1 - error(of) / float(np.abs(of.history[:, -1:] - of.future).mean())


def first_series(of: Forecast) -> Figure:
    with kit.drawing("The first series", "step", "value") as (figure, axes):
        for name, values in {"future": of.future, "forecast": of.forecast}.items():
            axes.plot(np.concatenate([of.history[0], values[0]]), label=name)
    return figure


FORECASTS = kit.own_domain(
    Forecast,
    kit.OwnArtifacts(
        scores={"ERROR": error, "SKILL": skill},
        plots={"FIRST_SERIES": first_series},
    ),
)


# 4. The split: real data, and how often a model is compared with it. The routine: how.
@dataclass(frozen=True, eq=False)
class Series:
    values: Tensor  # [series, steps]
    _: KW_ONLY
    every: Every | None  # 5 means epochs, steps(500) steps, None the end of the run alone


def is_series(value: object) -> TypeIs[Series]:
    return isinstance(value, Series)


def forecast_routine(
    *,
    plan: ArtifactPlan[Forecast],
    n_steps: int,
    train: Series | None = None,
    validation: Series | None = None,
) -> kit.DomainRoutine[Forecaster]:
    splits = {"train": train, "validation": validation}
    example = "Series(values, every=5)"
    if problems := kit.split_problems(splits, is_series, example, lambda _: []):
        raise at.ConfigurationError("\n".join(f"forecast_routine: {one}" for one in problems))

    def forecast_of(model: Forecaster, split: Series) -> Forecast:
        history, future = split.values[:, :-n_steps], split.values[:, -n_steps:]
        made = model.forecast(history, n_steps)
        return Forecast(*(each.double().cpu().numpy() for each in (history, future, made)))

    return kit.DomainRoutine(FORECASTS, plan, splits, forecast_of, contract_of=lambda _: Forecaster)


# A model of the domain, and a run.
class Windows(TypedDict):
    seen: Tensor  # [batch, 8]
    next: Tensor  # [batch]


class Fit(TypedDict):
    loss: Tensor  # []


class LinearForecaster(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(8, 1)

    def forward(self, windows: Windows) -> Fit:
        predicted = self.linear(windows["seen"]).squeeze(1)
        return Fit(loss=nn.functional.mse_loss(predicted, windows["next"]))

    def forecast(self, history: Tensor, n_steps: int) -> Tensor:
        values = history.to(self.linear.weight.device)
        for _ in range(n_steps):
            values = torch.cat([values, self.linear(values[:, -8:])], dim=1)
        return values[:, -n_steps:]


at.seed_everything(0)
waves = (6 * torch.rand(40, 1) + 0.5 * torch.arange(40)).sin() + 0.02 * torch.randn(40, 40)
windows = waves[:30].unfold(1, 9, 1).flatten(0, 1)
table = at.TensorTable(Windows(seen=windows[:, :8], next=windows[:, 8]))
model = LinearForecaster()
plan = kit.DomainPlan(FORECASTS, scores=["ERROR", "SKILL"], plots=["FIRST_SERIES"])
routine = forecast_routine(plan=plan, n_steps=10, validation=Series(waves[30:], every=5))
result = at.Trainer(
    at.OptimizerStep(model, optimizer=partial(torch.optim.Adam, lr=0.02)),
    train_loader=at.DataLoader(table, batch_size=64, shuffle=True),
    stop=[at.EpochBoundStopper(max_n_epochs=20)],
    best=at.BestScoreTracker("SKILL_VAL", mode="max"),
    routines=[at.bind(routine, model)],
).train()
print(f"skill above 0.8: {result.epoch_scores['SKILL_VAL'].iloc[-1] > 0.8}")
