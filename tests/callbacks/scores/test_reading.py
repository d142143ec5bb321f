"""What a callback that reads pairs says of a function that does not give them."""

from collections.abc import Callable, Sequence
from typing import TypedDict

import pytest
import torch
from torch import Tensor

from artifact_torch import (
    AUROC,
    Accuracy,
    AveragePrecision,
    ConfigurationError,
    ConfusionMatrix,
    ContractError,
    MeanAbsoluteError,
    MeanSquaredError,
    MetricCallback,
    Perplexity,
    R2Score,
    ValidationError,
)
from artifact_torch.callbacks import HasTarget, Pairs
from artifact_torch.checking.places import check_contracts
from artifact_torch.contracts import LoaderCallback
from tests.callbacks.scoring import untyped

READING: Sequence[Callable[..., object]] = (
    AUROC,
    Accuracy,
    AveragePrecision,
    ConfusionMatrix,
    MeanAbsoluteError,
    MeanSquaredError,
    Perplexity,
    R2Score,
)


class Digits(TypedDict):
    digit: Tensor


class Classified(TypedDict):
    loss: Tensor
    logits: Tensor


class Fitted(TypedDict):
    loss: Tensor
    prediction: Tensor


def read(of: Callable[[object, object], object]) -> None:
    callback: Accuracy[object, object] = untyped(Accuracy[object, object], "accuracy", of=of)
    callback.start()
    callback.update(BATCH, OUTPUT)


BATCH = {"digit": torch.tensor([1]), "image": torch.zeros(1)}
OUTPUT = {"logits": torch.zeros(1, 3)}


def test_a_key_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(ValidationError) as refused:
        read(lambda _batch, _output: {"digit": 1}["digt"])
    assert str(refused.value) == (
        "callback \"accuracy\": of reads the key 'digt', which is in neither the batch "
        "(['digit', 'image']) nor the output (['logits']); read one that is there"
    )
    assert isinstance(refused.value.__cause__, KeyError)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (torch.zeros(1), "of must return a tuple, got a Tensor"),
        ({"logits": torch.zeros(1)}, "of must return a tuple, got a dict"),
        ((torch.zeros(1),), "two tensors, prediction and target"),
        ((torch.zeros(1), 1), "got (a Tensor, 1)"),
        ((torch.zeros(1), torch.zeros(1), None), "got (a Tensor, a Tensor, None)"),
        ((torch.zeros(1),) * 4, "and possibly a third"),
        ((torch.zeros(2, 3), torch.zeros(2).long(), torch.ones(2)), "got float32 of shape [2]"),
        ((torch.zeros(2, 3), torch.zeros(2).long(), torch.ones(3).bool()), "got bool of shape [3]"),
        ((torch.zeros(2), torch.zeros(2).long(), torch.ones(2, 1).bool()), "bool of shape [2, 1]"),
    ],
)
def test_what_is_no_pair_is_refused(given: object, said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read(lambda _batch, _output: given)
    assert str(refused.value).startswith('callback "accuracy": ')
    assert said in str(refused.value)


def test_an_error_inside_the_function_stays_itself() -> None:
    with pytest.raises(ZeroDivisionError):
        read(lambda _batch, _output: 1 / 0)


@pytest.mark.parametrize("make", READING)
def test_each_refuses_a_name_and_a_function_that_are_none(make: Callable[..., object]) -> None:
    with pytest.raises(ConfigurationError) as refused:
        make("", of="logits")
    assert f"{make.__name__}: name must be a non-empty str, got ''" in str(refused.value)
    assert f"{make.__name__}: of must be a function of batch and output" in str(refused.value)


DIGITS: object = LoaderCallback[Digits, Classified, object]
FITTED: object = LoaderCallback[HasTarget, Fitted, object]
TARGETS: object = LoaderCallback[HasTarget, Classified, object]


def said_of(callback: object, contract: object) -> str:
    """What the check of contracts says against a callback in such a place."""
    try:
        check_contracts(("scores", callback, contract))
    except ContractError as error:
        return str(error)
    return ""


def digits(batch: Digits, output: Classified) -> Pairs:
    return output["logits"], batch["digit"]


def swapped(batch: Classified, output: Digits) -> Pairs:
    return output["digit"], batch["logits"]


@pytest.mark.parametrize("make", READING)
def test_the_keys_are_compared_before_the_first_batch(make: Callable[..., object]) -> None:
    """Of convention, or those that an annotated function reads."""
    regression = make in {MeanAbsoluteError, MeanSquaredError, R2Score}
    assert said_of(make("score"), FITTED if regression else TARGETS) == ""
    wrong = said_of(make("score"), TARGETS if regression else FITTED)
    assert f'has no key "{"prediction" if regression else "logits"}"' in wrong
    key = "prediction" if regression else "logits"
    assert f'"score" has no of=, so it reads output["{key}"] and batch["target"]; give' in wrong
    assert 'or write of=lambda batch, output: (output["..."], batch["..."])' in wrong
    assert 'Digits has no key "target"' in said_of(make("score"), DIGITS)
    assert said_of(make("score", of=digits), DIGITS) == ""
    wrong = said_of(make("score", of=swapped), DIGITS)
    assert '"score": of= swapped does not satisfy Reads' in wrong
    assert 'Digits has no key "loss"' in wrong


def test_a_metric_of_others_is_compared_as_well() -> None:
    class Never:
        def reset(self) -> None: ...
        def update(self, *args: Tensor) -> None: ...
        def compute(self) -> float:
            return 0.0

    assert said_of(MetricCallback("f1", Never(), of=digits), DIGITS) == ""
    assert "swapped" in said_of(MetricCallback("f1", Never(), of=swapped), DIGITS)


def for_digits(callback: Accuracy[Digits, Classified]) -> Accuracy[Digits, Classified]:
    """Gives a lambda its types, as a trainer does."""
    return callback


def test_a_lambda_is_believed_without_a_word(caplog: pytest.LogCaptureFixture) -> None:
    """It cannot be annotated; a key that is missing is told with the first batch."""
    callback = for_digits(
        Accuracy("score", of=lambda batch, output: (output["logits"], batch["digit"]))
    )
    assert said_of(callback, DIGITS) == said_of(callback, FITTED) == ""
    assert caplog.text == ""
