"""Accuracy and the confusion matrix against scikit-learn and a loop by hand."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from artifact_torch import Accuracy, ConfigurationError, ConfusionMatrix, ValidationError
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
    table,
)

CLASSES = st.integers(2, 6)


def accuracy(*batches: Pairs, top_k: int = 1) -> float:
    return one_pass(Accuracy("accuracy", of=held, top_k=top_k), batches)


def confusion(*batches: Pairs) -> list[list[float]]:
    made: list[list[float]] = one_pass(ConfusionMatrix("confusion", of=held), batches).tolist()
    return made


def drawn(n_rows: int, n_classes: int, seed: int) -> tuple[Tensor, Tensor]:
    """Logits with ties among them, and targets."""
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randint(-3, 4, (n_rows, n_classes), generator=generator).float()
    return logits, torch.randint(0, n_classes, (n_rows,), generator=generator)


def is_hit(logits: list[float], target: float, top_k: int) -> bool:
    """By sorting; Python's sort is stable, so that of equal logits the first class wins."""
    order = sorted(range(len(logits)), key=lambda number: -logits[number])
    return target in order[:top_k]


@EXAMPLES
@given(n_rows=ROWS, n_classes=CLASSES, sizes=SIZES, seed=SEEDS, data=st.data())
def test_top_k_accuracy_is_that_of_sorting(
    n_rows: int, n_classes: int, sizes: list[int], seed: int, data: st.DataObject
) -> None:
    top_k = data.draw(st.integers(1, n_classes - 1))
    logits, target = drawn(n_rows, n_classes, seed)
    rows = zip(table(logits), numbers(target), strict=True)
    expected = sum(is_hit(row, number, top_k) for row, number in rows) / n_rows
    assert accuracy(*split((logits, target), sizes), top_k=top_k) == expected
    among_others = padded((logits, target), (math.nan, -7), seed)
    assert accuracy(*split(among_others, sizes), top_k=top_k) == expected


@EXAMPLES
@given(n_rows=ROWS, n_classes=CLASSES, sizes=SIZES, seed=SEEDS)
def test_accuracy_and_confusion_are_those_of_sklearn(
    n_rows: int, n_classes: int, sizes: list[int], seed: int
) -> None:
    logits, target = drawn(n_rows, n_classes, seed)
    predicted, labels = logits.argmax(1), range(n_classes)
    expected = np.asarray(sklearn("confusion_matrix")(target, predicted, labels=[*labels]))
    for rows in ((logits, target), padded((logits, target), (math.nan, 99), seed)):
        batches = split(rows, sizes)
        assert accuracy(*batches) == sklearn("accuracy_score")(target, predicted)
        assert confusion(*batches) == expected.tolist()


@EXAMPLES
@given(n_rows=ROWS, n_classes=st.integers(3, 6), seed=SEEDS)
def test_top_k_without_ties_is_that_of_sklearn(n_rows: int, n_classes: int, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    logits = torch.rand(n_rows, n_classes, generator=generator, dtype=torch.float64)
    _, target = drawn(n_rows, n_classes, seed)
    expected = sklearn("top_k_accuracy_score")(target, logits, k=2, labels=[*range(n_classes)])
    assert close(accuracy((logits, target), top_k=2), expected)


@EXAMPLES
@given(n_rows=ROWS, sizes=SIZES, seed=SEEDS, dtype=st.sampled_from(["int64", "float32", "bool"]))
def test_one_logit_is_that_of_class_1(n_rows: int, sizes: list[int], seed: int, dtype: str) -> None:
    logits, target = drawn(n_rows, 2, seed)
    logit = logits[:, 1] - logits[:, 0]
    as_two = accuracy((logits, target))
    of_type = target.to(getattr(torch, dtype))
    assert accuracy(*split((logit, of_type), sizes)) == as_two
    columns = split((logit.unsqueeze(1), of_type.unsqueeze(1)), sizes)
    assert accuracy(*columns) == as_two
    assert confusion(*columns) == confusion((logits, target))


def test_tokens_count_like_rows() -> None:
    logits, target = drawn(12, 4, seed=3)
    by_rows = accuracy((logits, target))
    assert accuracy((logits.reshape(2, 6, 4), target.reshape(2, 6))) == by_rows
    whole_rows = torch.tensor([True, False])  # of the target's first dimension
    padding = accuracy((logits.reshape(2, 6, 4), target.reshape(2, 6), whole_rows))
    assert padding == accuracy((logits[:6], target[:6]))


def test_of_one_class_only() -> None:
    logits = torch.tensor([[2.0, 1.0, 0.0], [0.0, 1.0, 2.0]])
    target = torch.tensor([0, 0])
    assert accuracy((logits, target)) == 0.5
    assert confusion((logits, target)) == [[1, 0, 1], [0, 0, 0], [0, 0, 0]]


def test_a_logit_that_is_nan_makes_the_score_nan() -> None:
    logits, target = torch.tensor([[1.0, math.nan], [1.0, 0.0]]), torch.tensor([0, 0])
    assert math.isnan(accuracy((logits, target)))
    assert all(math.isnan(cell) for row in confusion((logits, target)) for cell in row)
    assert accuracy((logits, target, torch.tensor([False, True]))) == 1.0
    assert confusion((logits, target, torch.tensor([False, True]))) == [[1, 0], [0, 0]]


def test_infinite_logits_are_logits() -> None:
    logits = torch.tensor([[-math.inf, 0.0], [0.0, math.inf], [-math.inf, -math.inf]])
    assert accuracy((logits, torch.tensor([1, 1, 0]))) == 1.0


def test_of_nothing() -> None:
    logits, target = drawn(2, 3, seed=1)
    nothing = torch.tensor([False, False])
    assert math.isnan(accuracy())
    assert math.isnan(accuracy((logits, target, nothing)))
    assert confusion() == []
    assert confusion((logits, target, nothing)) == [[0.0] * 3] * 3


def test_a_pass_forgets_the_one_before() -> None:
    right, wrong = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]])
    target = torch.tensor([0])
    callback, matrix = Accuracy("accuracy", of=held), ConfusionMatrix("confusion", of=held)
    for logits, expected in ((right, 1.0), (wrong, 0.0), (right, 1.0)):
        assert one_pass(callback, [(logits, target)]) == expected
        cells: list[list[float]] = one_pass(matrix, [(logits, target)]).tolist()
        assert cells == [[expected, 1 - expected], [0, 0]]


def test_by_the_keys_of_convention() -> None:
    callback = Accuracy("accuracy")
    callback.start()
    callback.update({"target": torch.tensor([1])}, {"logits": torch.tensor([[0.0, 1.0]])})
    assert callback.finish() == 1.0


def test_nothing_is_read_before_the_end() -> None:
    """The meta device has no values: reading one raises."""
    logits, target = torch.zeros(3, 4, device="meta"), torch.zeros(3, device="meta").long()
    for callback in (Accuracy("a", of=held), ConfusionMatrix("a", of=held)):
        callback.start()
        callback.update({"pairs": (logits, target, target > 0)}, {})


@pytest.mark.parametrize("target", [-1, 3, 7])
def test_a_class_that_does_not_exist_is_refused(target: int) -> None:
    wrong = (torch.zeros(2, 3), torch.tensor([0, target]))
    for score in (accuracy, confusion):
        with pytest.raises(ValidationError) as refused:
            score(wrong)
        assert "1 targets are no class number from 0 to 2" in str(refused.value)


@pytest.mark.parametrize("target", [0.5, 2.0, -1.0, math.nan])
def test_a_target_of_one_logit_is_0_or_1(target: float) -> None:
    with pytest.raises(ValidationError, match="1 targets are no class number from 0 to 1"):
        accuracy((torch.zeros(1), torch.tensor([target])))


@pytest.mark.parametrize(
    ("logits", "target", "said"),
    [
        (torch.zeros(4, 3), torch.zeros(3).long(), "float32 of shape [4, 3]"),
        (torch.zeros(4, 1), torch.zeros(4).long(), "squeeze(-1)"),
        (torch.zeros(2, 5, 4, 4), torch.zeros(2, 4, 4).long(), "movedim(1, -1)"),
        (torch.zeros(4).long(), torch.zeros(4, 3), "got logits int64 of shape [4]"),
        (torch.zeros(4, 3), torch.zeros(4), "integers from 0 to 2"),
        (torch.zeros(()), torch.zeros(2).long(), "got logits float32 of shape []"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(logits: Tensor, target: Tensor, said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        accuracy((logits, target))
    assert str(refused.value).startswith('callback "accuracy": ')
    assert said in str(refused.value)


def test_a_top_k_that_says_nothing_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="Accuracy: top_k must be at least 1, got 0"):
        Accuracy("accuracy", top_k=0)
    with pytest.raises(ValidationError, match="top 3 of 3 classes"):
        accuracy((torch.zeros(1, 3), torch.tensor([0])), top_k=3)


def test_batches_agree_about_the_classes() -> None:
    target = torch.tensor([0])
    with pytest.raises(ValidationError, match="got 3 classes after 2"):
        confusion((torch.zeros(1, 2), target), (torch.zeros(1, 3), target))
