"""Areas under curves: of a whole pass, by scikit-learn, and what it refuses."""

import math
import sys
from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from artifact_torch import AUROC, AveragePrecision, MissingExtraError, ValidationError
from artifact_torch.callbacks import Pairs
from tests.callbacks.scoring import (
    EXAMPLES,
    ROWS,
    SEEDS,
    SIZES,
    close,
    held,
    numbers,
    one_pass,
    padded,
    sklearn,
    split,
)


def auroc(*batches: Pairs) -> float:
    return one_pass(AUROC("auroc", of=held), batches)


def average_precision(*batches: Pairs) -> float:
    return one_pass(AveragePrecision("ap", of=held), batches)


def drawn(n_rows: int, seed: int) -> tuple[Tensor, Tensor]:
    """Logits of class 1 with ties among them."""
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randint(-4, 5, (n_rows,), generator=generator) / 2
    return logits, torch.randint(0, 2, (n_rows,), generator=generator)


def by_pairs(logits: Tensor, target: Tensor) -> float:
    """The chance that a row of class 1 is above one of class 0; a tie is half of it."""
    ones, zeros = numbers(logits[target == 1]), numbers(logits[target == 0])
    if not ones or not zeros:
        return math.nan
    wins = sum((one > zero) + (one == zero) / 2 for one in ones for zero in zeros)
    return float(wins / len(ones) / len(zeros))


def by_steps(logits: Tensor, target: Tensor) -> float:
    """The sum over thresholds of the gain in recall times the precision there."""
    n_ones, area, recall = int(target.sum()), 0.0, 0.0
    if not n_ones or n_ones == len(target):
        return math.nan
    for threshold in sorted({*numbers(logits)}, reverse=True):
        above = target[logits >= threshold]
        n_hits = int(above.sum())
        area += (n_hits / n_ones - recall) * n_hits / len(above)
        recall = n_hits / n_ones
    return area


@EXAMPLES
@given(n_rows=ROWS, sizes=SIZES, seed=SEEDS)
def test_two_classes_are_those_counted_by_hand(n_rows: int, sizes: list[int], seed: int) -> None:
    logits, target = drawn(n_rows, seed)
    for rows in ((logits, target), padded((logits, target), (math.nan, 5), seed)):
        batches = split(rows, sizes)
        assert close(auroc(*batches), by_pairs(logits, target))
        assert close(average_precision(*batches), by_steps(logits, target))
    columns = torch.stack([logits - 1, 2 * logits - 1], dim=1)  # they differ by the logit
    assert close(auroc((columns, target)), by_pairs(logits, target))


@EXAMPLES
@given(n_rows=ROWS, n_classes=st.integers(3, 5), sizes=SIZES, seed=SEEDS)
def test_more_classes_are_sklearns_one_against_the_rest(
    n_rows: int, n_classes: int, sizes: list[int], seed: int
) -> None:
    generator = torch.Generator().manual_seed(seed)
    n_rows += n_classes
    logits = torch.randn(n_rows, n_classes, generator=generator)
    every_class = torch.arange(n_rows) % n_classes
    target = every_class[torch.randperm(n_rows, generator=generator)]
    likely = logits.double().softmax(1)
    labels = [*range(n_classes)]
    expected = sklearn("roc_auc_score")(target, likely, multi_class="ovr", labels=labels)
    one_hot = torch.nn.functional.one_hot(target, n_classes)
    precision = sklearn("average_precision_score")(one_hot, likely, average="macro")
    for rows in ((logits, target), padded((logits, target), (math.nan, -1), seed)):
        assert close(auroc(*split(rows, sizes)), expected)
        assert close(average_precision(*split(rows, sizes)), precision)


@pytest.mark.parametrize("score", [auroc, average_precision])
def test_without_both_classes_there_is_no_curve(score: Callable[..., float]) -> None:
    logits = torch.tensor([0.5, 0.25])
    for target in ([1, 1], [0, 0]):
        assert math.isnan(score((logits, torch.tensor(target))))
    of_three = torch.randn(4, 3)
    assert math.isnan(score((of_three, torch.tensor([0, 1, 1, 0]))))
    assert math.isnan(score())
    assert math.isnan(score((logits, torch.tensor([0, 1]), torch.tensor([False, False]))))


@pytest.mark.parametrize("score", [auroc, average_precision])
def test_nan_and_infinite_logits(score: Callable[..., float]) -> None:
    target = torch.tensor([0, 1, 1])
    assert math.isnan(score((torch.tensor([0.0, math.nan, 1.0]), target)))
    assert score((torch.tensor([-math.inf, 0.0, math.inf]), target)) == 1.0
    assert score((torch.tensor([0.0, 1e30, 1.0], dtype=torch.bfloat16), target)) == 1.0


def test_a_pass_forgets_the_one_before() -> None:
    callback, target = AUROC("auroc", of=held), torch.tensor([0, 1])
    for first in (0.0, 2.0, 0.0):
        expected = 1.0 if first < 1 else 0.0
        assert one_pass(callback, [(torch.tensor([first, 1.0]), target)]) == expected


@pytest.mark.parametrize("score", [auroc, average_precision])
def test_wrong_classes_are_refused(score: Callable[..., float]) -> None:
    with pytest.raises(ValidationError, match="1 targets are no class number from 0 to 1"):
        score((torch.zeros(2), torch.tensor([0, 2])))
    with pytest.raises(ValidationError, match="got 3 classes after 4"):
        score((torch.zeros(1, 4), torch.tensor([0])), (torch.zeros(1, 3), torch.tensor([0])))


def test_without_sklearn_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.metrics", None)
    makers: list[Callable[..., object]] = [AUROC, AveragePrecision]
    for make in makers:
        with pytest.raises(MissingExtraError) as missing:
            make("area")
        assert "artifact-torch[scores]" in str(missing.value)
        assert make.__name__ in str(missing.value)


def test_memory_that_is_used_again_is_not_kept() -> None:
    """As by a captured graph, or a loader with buffers of its own."""
    logits, target = torch.zeros(2), torch.zeros(2).long()
    callback = AUROC("auroc", of=held)
    callback.start()
    for number in (0, 1):
        logits.fill_(float(number))
        target.fill_(number)
        callback.update({"pairs": (logits, target)}, {})
    assert callback.finish() == 1.0
    columns = torch.zeros(2, 2)
    callback.start()
    for number in (0, 1):
        columns.copy_(torch.tensor([[0.0, number]] * 2))
        target.fill_(number)
        callback.update({"pairs": (columns, target)}, {})
    assert callback.finish() == 1.0


def test_nothing_is_read_before_the_end() -> None:
    """The meta device has no values: reading one raises."""
    logits, target = torch.zeros(3, 4, device="meta"), torch.zeros(3, device="meta").long()
    callback = AUROC("auroc", of=held)
    callback.start()
    callback.update({"pairs": (logits, target, target > 0)}, {})
