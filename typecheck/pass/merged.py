"""Callbacks that can be told what their like have seen on other processes."""

from collections.abc import Mapping, Sequence

from artifact_torch import AUROC, Accuracy, AveragePrecision, ConfusionMatrix, LossCallback, MeanAbsoluteError, MeanSquaredError, OutputArrayCallback, OutputMeansCallback, Perplexity, R2Score, TrainLoss
from artifact_torch.callbacks.scores.ranking import SeenRows
from artifact_torch.contracts import LoaderCallback, Merged, ModelOutput
from artifact_torch.inside import Mean, StandardDeviation
from torch import Tensor

_1: Merged[tuple[float, float]] = LossCallback("loss")  # OK
_2: Merged[tuple[float, Mapping[str, float]]] = OutputMeansCallback("terms", keys=["loss"])  # OK
_3: Merged[list[Tensor]] = OutputArrayCallback("rows", key="mu")  # OK
_4: Merged[tuple[Tensor | None, int]] = Accuracy("accuracy")  # OK
_5: Merged[tuple[Tensor | None, int]] = Perplexity("perplexity")  # OK
_6: Merged[tuple[Tensor | None, Tensor | None, int]] = ConfusionMatrix("matrix")  # OK
_7: Merged[Tensor | None] = MeanSquaredError("squared")  # OK
_8: Merged[Tensor | None] = MeanAbsoluteError("absolute")  # OK
_9: Merged[tuple[Tensor, Tensor] | None] = R2Score("r2")  # OK
_10: Merged[SeenRows | None] = AUROC("auroc")  # OK
_11: Merged[SeenRows | None] = AveragePrecision("precision")  # OK
_12: Merged[tuple[float, int]] = TrainLoss()  # OK
_13: Merged[tuple[int, float]] = Mean()  # OK
_14: Merged[tuple[int, float, float]] = StandardDeviation()  # OK


class LargestLoss:
    """One of a user: the largest of all."""

    name = "largest"

    def start(self) -> None:
        self._most = 0.0

    def update(self, batch: object, output: ModelOutput, /) -> None:
        self._most = max(self._most, output["loss"].item())

    def seen(self) -> float:
        return self._most

    def merge(self, seen: Sequence[float], /) -> None:
        self._most = max(seen)

    def finish(self) -> float:
        return self._most


of_loader: LoaderCallback[object, ModelOutput, float] = LargestLoss()  # OK
of_ranks: Merged[float] = LargestLoss()  # OK
