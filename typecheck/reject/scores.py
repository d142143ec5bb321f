"""Scores that read what their model or batches do not have."""

from collections.abc import Iterator, Mapping
from typing import TypedDict

import numpy as np
from artifact_torch import AUROC, Accuracy, AveragePrecision, ConfusionMatrix, DataLoaderRoutine, EpochBoundStopper, LossCallback, MeanAbsoluteError, MeanSquaredError, MetricCallback, MetricResultCallback, OptimizerStep, OutputMeansCallback, Perplexity, R2Score, Trainer
from artifact_torch.callbacks import Pairs
from numpy.typing import NDArray
from torch import Tensor, nn
from typecheck.common import LossOutput, adam


class Images(TypedDict):
    image: Tensor
    target: Tensor


class Digits(TypedDict):
    image: Tensor
    digit: Tensor
    is_real: Tensor


class Scored(TypedDict):
    """By convention: of a classifier that predicts a number as well."""

    loss: Tensor
    logits: Tensor
    prediction: Tensor


class Named(TypedDict):
    loss: Tensor
    class_scores: Tensor


class ByConvention(nn.Module):
    def forward(self, batch: Images) -> Scored:
        raise NotImplementedError


class OfItsOwn(nn.Module):
    def forward(self, batch: Digits) -> Named:
        raise NotImplementedError


class LossOnly(nn.Module):
    def forward(self, batch: Images) -> LossOutput:
        raise NotImplementedError


class ImagesLoader:
    def batches(self, epoch: int) -> Iterator[Images]:
        raise NotImplementedError

    def __len__(self) -> int:
        return 1


class DigitsLoader:
    def batches(self, epoch: int) -> Iterator[Digits]:
        raise NotImplementedError

    def __len__(self) -> int:
        return 1


class F1:
    """As torchmetrics writes one."""

    def reset(self) -> None: ...
    def update(self, preds: Tensor, target: Tensor) -> None: ...
    def compute(self) -> Tensor:
        raise NotImplementedError


def digits(batch: Digits, output: Named) -> Pairs:
    return output["class_scores"], batch["digit"], batch["is_real"]


def both(batch: Digits, output: Named) -> tuple[Tensor, Tensor]:
    return output["class_scores"], batch["digit"]


def n_real(batch: Digits) -> Tensor:
    return batch["is_real"].sum()


def as_array(value: Tensor) -> NDArray[np.float64]:
    raise NotImplementedError


def as_scores(value: Tensor) -> Mapping[str, float]:
    raise NotImplementedError


def images_by_name(batch: Images, output: Scored) -> Pairs:
    return output["logits"], batch["target"]


def one(batch: Digits, output: Named) -> Tensor:
    return output["class_scores"]


def of_batch(batch: Digits) -> Pairs:
    return batch["image"], batch["digit"]


images, loader, stop = ImagesLoader(), DigitsLoader(), EpochBoundStopper(max_n_epochs=1)
step, own = OptimizerStep(ByConvention(), optimizer=adam), OptimizerStep(OfItsOwn(), optimizer=adam)
loss_step = OptimizerStep(LossOnly(), optimizer=adam)

# by a lambda, which has its types from the trainer's step (first: after a failed match pyright infers less)
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[Accuracy("accuracy", of=lambda batch, output: (output["logits"], batch["digit"]))])])  # E[pyright=reportGeneralTypeIssues: "logits" is not a defined key, mypy=: "logits"]
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[LossCallback("loss"), Accuracy("accuracy", of=lambda batch, output: (output["class_scores"], batch["label"]))])])  # E[pyright=reportGeneralTypeIssues: "label" is not a defined key, mypy=: "label"]
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[AUROC("auroc", of=lambda batch, output: (output["logits"], batch["digit"]))])])  # E[pyright=reportGeneralTypeIssues: "logits" is not a defined key, mypy=: "logits"]
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[LossCallback("loss"), AUROC("auroc", of=lambda batch, output: (output["class_scores"], batch["label"]))])])  # E[pyright=reportGeneralTypeIssues: "label" is not a defined key, mypy=: "label"]
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[AveragePrecision("ap", of=lambda batch, output: (output["logits"], batch["digit"]))])])  # E[pyright=reportGeneralTypeIssues: "logits" is not a defined key, mypy=: "logits"]
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[LossCallback("loss"), AveragePrecision("ap", of=lambda batch, output: (output["class_scores"], batch["label"]))])])  # E[pyright=reportGeneralTypeIssues: "label" is not a defined key, mypy=: "label"]
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[Perplexity("perplexity", of=lambda batch, output: (output["logits"], batch["digit"]))])])  # E[pyright=reportGeneralTypeIssues: "logits" is not a defined key, mypy=: "logits"]
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[LossCallback("loss"), Perplexity("perplexity", of=lambda batch, output: (output["class_scores"], batch["label"]))])])  # E[pyright=reportGeneralTypeIssues: "label" is not a defined key, mypy=: "label"]
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, arrays=[ConfusionMatrix("confusion", of=lambda batch, output: (output["logits"], batch["digit"]))])])  # E[pyright=reportGeneralTypeIssues: "logits" is not a defined key, mypy=: "logits"]
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, arrays=[ConfusionMatrix("confusion", of=lambda batch, output: (output["class_scores"], batch["label"]))])])  # E[pyright=reportGeneralTypeIssues: "label" is not a defined key, mypy=: "label"]
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[MeanAbsoluteError("mae", of=lambda batch, output: (output["logits"], batch["digit"]))])])  # E[pyright=reportGeneralTypeIssues: "logits" is not a defined key, mypy=: "logits"]
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[LossCallback("loss"), MeanAbsoluteError("mae", of=lambda batch, output: (output["class_scores"], batch["label"]))])])  # E[pyright=reportGeneralTypeIssues: "label" is not a defined key, mypy=: "label"]
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[MeanSquaredError("mse", of=lambda batch, output: (output["logits"], batch["digit"]))])])  # E[pyright=reportGeneralTypeIssues: "logits" is not a defined key, mypy=: "logits"]
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[LossCallback("loss"), MeanSquaredError("mse", of=lambda batch, output: (output["class_scores"], batch["label"]))])])  # E[pyright=reportGeneralTypeIssues: "label" is not a defined key, mypy=: "label"]
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[R2Score("r2", of=lambda batch, output: (output["logits"], batch["digit"]))])])  # E[pyright=reportGeneralTypeIssues: "logits" is not a defined key, mypy=: "logits"]
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[LossCallback("loss"), R2Score("r2", of=lambda batch, output: (output["class_scores"], batch["label"]))])])  # E[pyright=reportGeneralTypeIssues: "label" is not a defined key, mypy=: "label"]
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[Accuracy("accuracy", of=lambda batch, output: output["class_scores"])])])  # E
DataLoaderRoutine(loader, scores=[Accuracy("accuracy", of=lambda batch, output: (output["class_scores"], batch["digit"]))])  # E

# by the keys of convention
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[Accuracy("accuracy")])])  # E
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[AUROC("auroc")])])  # E
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[AveragePrecision("ap")])])  # E
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[Perplexity("perplexity")])])  # E
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, arrays=[ConfusionMatrix("confusion")])])  # E
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[MeanAbsoluteError("mae")])])  # E
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[MeanSquaredError("mse")])])  # E
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[R2Score("r2")])])  # E
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[LossCallback("loss"), Accuracy("accuracy")])])  # E
Trainer(loss_step, train_loader=images, stop=[stop], routines=[DataLoaderRoutine(images, scores=[LossCallback("loss"), Accuracy("accuracy")])])  # E
Trainer(loss_step, train_loader=images, stop=[stop], routines=[DataLoaderRoutine(images, scores=[R2Score("r2")])])  # E
DataLoaderRoutine(loader, scores=[Accuracy("accuracy")])  # E
DataLoaderRoutine(images, arrays=[Accuracy("accuracy")])  # E
DataLoaderRoutine(images, scores=[ConfusionMatrix("confusion")])  # E
Accuracy("accuracy", top_k="5")  # E
Accuracy()  # E
Perplexity("perplexity", ignore_index=None)  # E

# by a function with types
Trainer(step, train_loader=images, stop=[stop], routines=[DataLoaderRoutine(images, scores=[Accuracy("accuracy", of=digits)])])  # E
Trainer(step, train_loader=images, stop=[stop], routines=[DataLoaderRoutine(images, scores=[AUROC("auroc", of=digits)])])  # E
Trainer(step, train_loader=images, stop=[stop], routines=[DataLoaderRoutine(images, scores=[AveragePrecision("ap", of=digits)])])  # E
Trainer(step, train_loader=images, stop=[stop], routines=[DataLoaderRoutine(images, scores=[Perplexity("perplexity", of=digits)])])  # E
Trainer(step, train_loader=images, stop=[stop], routines=[DataLoaderRoutine(images, arrays=[ConfusionMatrix("confusion", of=digits)])])  # E
Trainer(step, train_loader=images, stop=[stop], routines=[DataLoaderRoutine(images, scores=[MeanAbsoluteError("mae", of=digits)])])  # E
Trainer(step, train_loader=images, stop=[stop], routines=[DataLoaderRoutine(images, scores=[MeanSquaredError("mse", of=digits)])])  # E
Trainer(step, train_loader=images, stop=[stop], routines=[DataLoaderRoutine(images, scores=[R2Score("r2", of=digits)])])  # E
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[LossCallback("loss"), Accuracy("accuracy", of=images_by_name)])])  # E
Accuracy("accuracy", of=one)  # E
Accuracy("accuracy", of=of_batch)  # E
Accuracy("accuracy", of=digits({}, {}))  # E
Accuracy("accuracy", of="logits")  # E

# metrics of others
Trainer(step, train_loader=images, stop=[stop], routines=[DataLoaderRoutine(images, scores=[MetricCallback("f1", F1(), of=both)])])  # E
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[MetricCallback("f1", F1(), of=lambda batch, output: (output["class_scores"], batch["label"]))])])  # E
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[MetricResultCallback("f1", F1(), of=both, gives=as_array)])])  # E
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, arrays=[MetricResultCallback("f1", F1(), of=both, gives=as_scores)])])  # E
MetricCallback("f1", F1, of=both)  # E
MetricCallback("f1", nn.Linear(1, 1), of=both)  # E
MetricCallback("f1", F1(), of=one)  # E
MetricCallback("f1", F1())  # E

# what counts as a row
Trainer(step, train_loader=images, stop=[stop], routines=[DataLoaderRoutine(images, scores=[LossCallback("loss", rows=n_real)])])  # E
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[LossCallback("loss", rows=lambda batch: batch["mask"].sum())])])  # E
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, score_collections=[OutputMeansCallback("terms", keys=["loss"], rows=lambda batch: len(batch["label"]))])])  # E
LossCallback("loss", rows="digit")  # E
LossCallback("loss", rows=lambda: 3)  # E
DataLoaderRoutine(loader, scores=[LossCallback("loss", rows=lambda batch: batch["digit"].shape)])  # E
