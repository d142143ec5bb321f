"""What is said about a loss that is not finite, and about the batch of an error."""

import math
from dataclasses import dataclass

import pytest
import torch
from torch import Tensor

from artifact_torch.stepping.update.loss import described_batch, not_finite

NAN = torch.tensor([1.0, math.nan])
INFINITE = torch.tensor([math.inf])
FINE = torch.ones(2)


@dataclass(frozen=True)
class Graph:
    nodes: Tensor


def test_a_batch_that_is_not_finite_is_blamed_and_not_the_learning_rate() -> None:
    batch = {"x": NAN, "y": torch.tensor([1, 2]), "graphs": [Graph(FINE), Graph(INFINITE)]}
    error = not_finite("at step 3: nan", batch, {"loss": NAN, "mu": NAN})
    assert str(error) == (
        'loss: not finite at step 3: nan, after batch["x"], batch["graphs"][1].nodes with NaN or '
        "infinity; clean the data, or fill in what is missing before it is loaded"
    )


def test_other_keys_of_the_output_are_named_and_the_remedies_stay() -> None:
    text = str(not_finite("in this epoch", {"x": FINE}, {"loss": NAN, "mu": NAN, "z": FINE}))
    assert text.startswith(
        'loss: not finite in this epoch, beside output["mu"] with NaN or infinity; lower the '
        "learning rate, clip the gradient (clip_norm=)"
    )
    alone = str(not_finite("in this epoch", {"x": FINE}, {"loss": NAN}))
    assert alone.startswith("loss: not finite in this epoch; lower the learning rate")
    assert str(not_finite("in this epoch")) == alone


@pytest.mark.parametrize(
    ("batch", "expected"),
    [
        (
            {"x": torch.zeros(32, 3, dtype=torch.float64), "y": torch.tensor([3, 0, 12])},
            "x: float64 [32, 3]; y: int64 [3], 0 to 12",
        ),
        ({"a": [FINE, "text", Graph(FINE)]}, "a[0]: float32 [2]; a[2].nodes: float32 [2]"),
        (FINE, "batch: float32 [2]"),
        ((FINE, torch.ones(0, dtype=torch.int32)), "[0]: float32 [2]; [1]: int32 [0]"),
        ({"mask": torch.ones(1, dtype=torch.bool)}, "mask: bool [1]"),
        ({"far": torch.empty(2, device="meta")}, "far: float32 [2] on meta"),
        ({"s": torch.ones(2, 2).to_sparse()}, "s: float32, sparse_coo"),
        ({}, "dict without tensors"),
        (None, "NoneType without tensors"),
    ],
)
def test_a_batch_is_described_by_dtypes_and_shapes(batch: object, expected: str) -> None:
    assert described_batch(batch) == expected


def test_only_the_first_tensors_are_described() -> None:
    text = described_batch([FINE] * 25)
    assert text.startswith("[0]: float32 [2]; [1]: ")
    assert text.endswith("[19]: float32 [2]; 5 more tensors")


def test_what_has_no_numbers_to_look_at_is_passed_over() -> None:
    batch = {"sparse": torch.ones(2, 2).to_sparse(), "far": torch.empty(2, device="meta")}
    assert "learning rate" in str(not_finite("in this epoch", batch, None))
