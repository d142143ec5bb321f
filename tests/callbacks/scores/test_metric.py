"""Metrics of others, by a double that behaves as `torchmetrics.Metric` does."""

import inspect
import math
from collections.abc import Mapping
from typing import TypedDict

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from typing_extensions import override

from artifact_torch import (
    ConfigurationError,
    MetricCallback,
    MetricResultCallback,
    ValidationError,
)
from tests.callbacks.scoring import untyped


class Digits(TypedDict):
    digit: Tensor


class Classified(TypedDict):
    loss: Tensor
    logits: Tensor


def digits(batch: Digits, output: Classified) -> tuple[Tensor, Tensor]:
    return output["logits"], batch["digit"]


class Recall(nn.Module):
    """As published: a module whose states are attributes that move with it, which adds up in
    `update`, keeps what it has computed until the next `update` or `reset`, and forgets in `reset`.
    """

    def __init__(self, n_classes: int = 3) -> None:
        super().__init__()
        self.n_classes = n_classes
        self.devices: list[str] = []
        self.computed: Tensor | None = None
        self.reset()

    def reset(self) -> None:
        self.hits, self.all = torch.zeros(self.n_classes), torch.zeros(self.n_classes)
        self.computed = None

    def update(self, preds: Tensor, target: Tensor) -> None:
        self.computed = None
        is_hit = (preds.argmax(1) == target).float()
        self.hits.index_add_(0, target, is_hit)
        self.all.index_add_(0, target, torch.ones_like(is_hit))

    def compute(self) -> Tensor:
        if self.computed is None:
            self.computed = self.hits / self.all
        return self.computed

    @override
    def to(self, *args: object, **kwargs: object) -> "Recall":  # torch's has overloads
        self.devices.append(str(args[0]))
        return self


class MeanRecall:
    """Its mean, and no module."""

    def __init__(self, of: Recall) -> None:
        self.of = of

    def reset(self) -> None:
        self.of.reset()

    def update(self, preds: Tensor, target: Tensor) -> None:
        self.of.update(preds, target)

    def compute(self) -> Tensor:
        return self.of.compute().mean()


BATCHES = (
    (Digits(digit=torch.tensor([0, 1])), Classified(loss=torch.zeros(()), logits=torch.eye(3)[:2])),
    (Digits(digit=torch.tensor([2, 0])), Classified(loss=torch.zeros(()), logits=torch.eye(3)[:2])),
)
RECALL = [0.5, 1.0, 0.0]  # of class 0 the first is right, the second, taken for 1, is not


def as_array(value: Tensor) -> NDArray[np.float64]:
    made: NDArray[np.float64] = value.double().numpy()
    return made


def as_scores(value: Tensor) -> Mapping[str, float]:
    return {str(number): each.item() for number, each in enumerate(value)}


def test_a_pass_is_one_computation() -> None:
    callback = MetricCallback("recall", MeanRecall(Recall()), of=digits)
    for batches, expected in ((BATCHES, 0.5), (BATCHES[:1], math.nan), (BATCHES, 0.5)):
        callback.start()
        for batch, output in batches:
            callback.update(batch, output)
        assert str(callback.finish()) == str(expected)  # classes 2 has no target in the first batch
    assert callback.name == "recall"


def test_a_value_becomes_a_result_of_any_kind() -> None:
    array = MetricResultCallback("recall", Recall(), of=digits, gives=as_array)
    scores = MetricResultCallback("recall", Recall(), of=digits, gives=as_scores)
    for batch, output in BATCHES:
        array.update(batch, output)
        scores.update(batch, output)
    values: list[float] = array.finish().tolist()
    assert values == RECALL
    assert scores.finish() == {"0": 0.5, "1": 1.0, "2": 0.0}


def test_a_module_is_moved_to_its_first_tensor_once_a_pass() -> None:
    metric = Recall()
    callback = MetricResultCallback("recall", metric, of=digits, gives=as_array)
    for n_passes in (1, 2):
        callback.start()
        for batch, output in BATCHES:
            callback.update(batch, output)
        assert metric.devices == ["cpu"] * n_passes


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (torch.zeros(3), "compute gave float32 of shape [3], expected one number"),
        ({"a": 1.0}, "compute gave a dict, expected one number"),
        (None, "compute gave None, expected one number"),
    ],
)
def test_a_score_is_one_number(value: object, said: str) -> None:
    class Gives:
        def reset(self) -> None: ...
        def update(self, *args: Tensor) -> None: ...
        def compute(self) -> object:
            return value

    callback = MetricCallback("f1", Gives(), of=digits)
    callback.update(*BATCHES[0])
    with pytest.raises(ValidationError) as refused:
        callback.finish()
    assert f'callback "f1": {said}' in str(refused.value)


@pytest.mark.parametrize("metric", [None, Recall, nn.Linear(1, 1), digits])
def test_what_is_no_metric_is_refused(metric: object) -> None:
    with pytest.raises(ConfigurationError) as refused:
        untyped(MetricCallback[object, object], "f1", metric, of=digits)
    assert "metric must be an object with" in str(refused.value)
    assert ("call the class" in str(refused.value)) is inspect.isclass(metric)


def test_of_gives_what_update_takes() -> None:
    def one(_batch: Digits, _output: Classified) -> object:
        return 1

    callback = untyped(MetricCallback[Digits, Classified], "f1", Recall(), of=one)
    with pytest.raises(ValidationError, match="of must return a tuple, got 1"):
        callback.update(*BATCHES[0])
