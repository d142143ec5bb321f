"""Scores over a pass: what they read by convention, and what a function reads for them."""

from collections.abc import Iterator, Mapping
from typing import TypedDict

import numpy as np
from artifact_torch import AUROC, Accuracy, AveragePrecision, ConfusionMatrix, DataLoaderRoutine, EpochBoundStopper, LossCallback, MeanAbsoluteError, MeanSquaredError, MetricCallback, MetricResultCallback, OptimizerStep, OutputMeansCallback, Perplexity, R2Score, Trainer
from artifact_torch.callbacks import HasLogits, HasTarget, Pairs
from artifact_torch.contracts import LoaderCallback
from numpy.typing import NDArray
from torch import Tensor, nn
from typecheck.common import adam
from typing_extensions import assert_type


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


images, loader, stop = ImagesLoader(), DigitsLoader(), EpochBoundStopper(max_n_epochs=1)
step, own = OptimizerStep(ByConvention(), optimizer=adam), OptimizerStep(OfItsOwn(), optimizer=adam)

# by the keys of convention
Trainer(step, train_loader=images, stop=[stop], routines=[DataLoaderRoutine(images, scores=[Accuracy("accuracy")])])  # OK
Trainer(step, train_loader=images, stop=[stop], routines=[DataLoaderRoutine(images, scores=[LossCallback("loss"), Accuracy("accuracy"), Accuracy("top_5", top_k=5)])])  # OK
Trainer(step, train_loader=images, stop=[stop], routines=[DataLoaderRoutine(images, scores=[AUROC("auroc"), AveragePrecision("ap"), Perplexity("perplexity", ignore_index=0)])])  # OK
Trainer(step, train_loader=images, stop=[stop], routines=[DataLoaderRoutine(images, scores=[MeanAbsoluteError("mae"), MeanSquaredError("mse"), R2Score("r2"), Accuracy("accuracy")])])  # OK
Trainer(step, train_loader=images, stop=[stop], routines=[DataLoaderRoutine(images, arrays=[ConfusionMatrix("confusion")])])  # OK
DataLoaderRoutine(images, scores=[Accuracy("accuracy")])  # OK
written: DataLoaderRoutine[Images, Scored] = DataLoaderRoutine(images, scores=[LossCallback("loss"), Accuracy("accuracy")])  # OK
by_convention: LoaderCallback[HasTarget, HasLogits, float] = Accuracy("accuracy")  # OK
assert_type(Accuracy("accuracy"), Accuracy[HasTarget, HasLogits])  # OK

# by a function with types
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[Accuracy("accuracy", of=digits)])])  # OK
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[LossCallback("loss"), Accuracy("accuracy", of=digits), AUROC("auroc", of=digits), AveragePrecision("ap", of=both), Perplexity("perplexity", of=both)])])  # OK
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[MeanAbsoluteError("mae", of=digits), MeanSquaredError("mse", of=both), R2Score("r2", of=both)], arrays=[ConfusionMatrix("confusion", of=digits)])])  # OK
assert_type(Accuracy("accuracy", of=digits), Accuracy[Digits, Named])  # OK

# by a lambda, which has its types from the trainer's step
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[Accuracy("accuracy", of=lambda batch, output: (output["class_scores"], batch["digit"]))])])  # OK
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[LossCallback("loss"), R2Score("r2", of=lambda batch, output: (output["class_scores"], batch["digit"], batch["is_real"]))])])  # OK
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[AUROC("auroc", of=lambda batch, output: (output["class_scores"], batch["digit"])), Perplexity("perplexity", of=lambda batch, output: (output["class_scores"], batch["digit"]))])])  # OK
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, arrays=[ConfusionMatrix("confusion", of=lambda batch, output: (output["class_scores"], batch["digit"]))])])  # OK
DataLoaderRoutine[Digits, Named](loader, scores=[Accuracy("accuracy", of=lambda batch, output: (output["class_scores"], batch["digit"]))])  # OK

# metrics of others
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[LossCallback("loss"), MetricCallback("f1", F1(), of=both)])])  # OK
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[MetricCallback("f1", F1(), of=lambda batch, output: (output["class_scores"], batch["digit"]))])])  # OK
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, arrays=[MetricResultCallback("f1", F1(), of=both, gives=as_array)], score_collections=[MetricResultCallback("f1s", F1(), of=both, gives=as_scores)])])  # OK
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, arrays=[MetricResultCallback("f1", F1(), of=lambda batch, output: (output["class_scores"], batch["digit"]), gives=as_array)])])  # OK

# what counts as a row
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[LossCallback("loss", rows=n_real)])])  # OK
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[LossCallback("loss", rows=lambda batch: batch["is_real"].sum()), Accuracy("accuracy", of=digits)])])  # OK
Trainer(own, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, score_collections=[OutputMeansCallback("terms", keys=["loss"], rows=lambda batch: len(batch["digit"]))])])  # OK
DataLoaderRoutine(loader, scores=[LossCallback("loss", rows=lambda batch: len(batch["digit"]))])  # OK
assert_type(LossCallback("loss"), LossCallback[object])  # OK
