"""A classifier of scikit-learn's breast cancer table, with its curves and confusion matrix.

`python breast_cancer.py FOLDER [EPOCHS]` leaves a run, with its report, in FOLDER.
"""

import sys
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, TypedDict

import torch
from torch import Tensor, nn

import artifact_torch as at
from artifact_torch.binary_classification import (
    BINARY_CLASSIFICATION,
    DomainPlan,
    LabelledSplit,
    binary_classification_routine,
)


class Rows(TypedDict):
    x: Tensor  # [batch, features]
    y: Tensor  # [batch]


class Loss(TypedDict):
    loss: Tensor  # []


class TumourNet(nn.Module):
    def __init__(self, n_features: int) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(n_features, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, rows: Rows) -> Loss:
        logits = self.net(rows["x"]).squeeze(1)
        return Loss(loss=nn.functional.binary_cross_entropy_with_logits(logits, rows["y"]))

    def probability(self, data: Tensor) -> Tensor:
        probabilities: Tensor = self.net(data).squeeze(1).sigmoid()
        return probabilities


def train(folder: Path, n_epochs: int = 40) -> at.TrainingResult:
    at.seed_everything(0)
    data: Any = import_module("sklearn.datasets").load_breast_cancer()  # Any: it has no types
    x, y = (torch.tensor(each, dtype=torch.float32) for each in (data.data, data.target))
    x = (x - x.mean(dim=0)) / x.std(dim=0)
    order = torch.randperm(len(x))
    known, unseen = order[: len(x) * 3 // 4], order[len(x) * 3 // 4 :]
    rows, unseen_rows = (at.TensorTable(Rows(x=x[each], y=y[each])) for each in (known, unseen))
    model = TumourNet(x.shape[1])
    routine = binary_classification_routine(
        plan=DomainPlan(
            BINARY_CLASSIFICATION,
            scores=["ROC_AUC", "F1", "BRIER"],
            plots=["ROC_CURVE", "CONFUSION_MATRIX_PLOT"],
        ),
        class_names=("malignant", "benign"),
        validation=LabelledSplit(x[unseen], y[unseen], every=4),
    )
    return at.Trainer(
        at.OptimizerStep(model, optimizer=partial(torch.optim.AdamW, lr=0.003), device="cpu"),
        train_loader=at.DataLoader(rows, batch_size=32, shuffle=True),
        stop=[at.EpochBoundStopper(max_n_epochs=n_epochs)],
        best=at.BestScoreTracker("val_loss"),
        callbacks=[at.TrainLoss(), at.LearningRate()],
        routines=[
            at.DataLoaderRoutine(
                at.DataLoader(unseen_rows, batch_size=200), scores=[at.LossCallback("val_loss")]
            ),
            at.bind(routine, model),
        ],
        run_folder=folder,
        settings={"lr": 0.003, "hidden": 16},
    ).train()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    train(Path(sys.argv[1]), *map(int, sys.argv[2:]))
