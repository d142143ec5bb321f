"""A variational autoencoder of a table; what it generates is compared with the table."""

from typing import TypedDict

import pandas as pd
import torch
from artifact_core.table_comparison import TableComparisonScoreType, TabularDataSpec
from torch import Tensor, nn

import artifact_torch as at
from artifact_torch.table_comparison import Split, TableComparisonPlan, TableComparisonRoutine

NUMBERS, CATEGORIES = ["height", "weight"], ["smokes"]


class Table(TypedDict):
    rows: Tensor  # [batch, 3]: height and weight, standardised; smokes, 0 or 1


class Rebuilt(TypedDict):
    loss: Tensor  # [], nats a row but for a constant


class TabularVae(nn.Module):
    def __init__(self, noise: float) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(3, 64), nn.ReLU(), nn.Linear(64, 4))
        self.decoder = nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 3))
        self.noise = noise

    def forward(self, table: Table) -> Rebuilt:
        rows = table["rows"]
        mu, log_var = self.encoder(rows).chunk(2, dim=1)
        decoded = self.decoder(mu + (log_var / 2).exp() * torch.randn_like(mu))
        error = ((decoded - rows)[:, :2] / self.noise).square().sum(dim=1).mean() / 2
        smokes = nn.functional.binary_cross_entropy_with_logits(decoded[:, 2], rows[:, 2])
        kl = (mu.square() + log_var.exp() - 1 - log_var).sum(dim=1).mean() / 2
        return Rebuilt(loss=error + smokes + kl)

    def generate(self, n_rows: int) -> pd.DataFrame:
        rows = self.decoder(torch.randn(n_rows, 2))
        rows[:, :2] += self.noise * torch.randn(n_rows, 2)
        rows[:, 2] = torch.bernoulli(rows[:, 2].sigmoid())
        return pd.DataFrame(rows.numpy(), columns=NUMBERS + CATEGORIES)


at.seed_everything(0)
rows = torch.randn(1000, 3) @ torch.tensor([[1.0, 0.8, 0.5], [0.0, 0.6, 0.5], [0.0, 0.0, 0.5]])
rows[:, 2] = (rows[:, 2] > 0.4).float()
real, model = pd.DataFrame(rows.numpy(), columns=NUMBERS + CATEGORIES), TabularVae(noise=0.3)
spec = TabularDataSpec.from_df(real, cts_features=NUMBERS, cat_features=CATEGORIES)
plan = TableComparisonPlan(scores=[TableComparisonScoreType.MEAN_JS_DISTANCE])
comparison = TableComparisonRoutine(spec=spec, plan=plan, params=1000, train=Split(real, every=10))
result = at.Trainer(
    at.OptimizerStep(model, optimizer=torch.optim.Adam, device="cpu"),
    train_loader=at.DataLoader(at.TensorTable(Table(rows=rows)), batch_size=50, shuffle=True),
    stop=[at.EpochBoundStopper(max_n_epochs=40)],
    routines=[at.bind(comparison, model)],
).train()
print(f"distance below 0.15: {result.epoch_scores['MEAN_JS_DISTANCE_TRAIN'].iloc[-1] < 0.15}")
