"""What callbacks have seen on several processes, merged: what one has seen of all rows."""

import math
import pickle
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypedDict, TypeVar

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from artifact_torch import (
    AUROC,
    Accuracy,
    AveragePrecision,
    ConfusionMatrix,
    LossCallback,
    MeanAbsoluteError,
    MeanSquaredError,
    OutputArrayCallback,
    OutputMeansCallback,
    Perplexity,
    R2Score,
    TrainLoss,
)
from artifact_torch.contracts import LoaderCallback, Merged, Moment
from artifact_torch.errors import ValidationError
from artifact_torch.internal.merging import as_merged
from tests.callbacks.scoring import (
    EXAMPLES,
    ROWS,
    SEEDS,
    SIZES,
    Held,
    close,
    held,
    numbers,
    one_pass,
    split,
)
from tests.toys import Still, seeded_regression

R = TypeVar("R")
RANKS = st.integers(1, 4)

CLASSES: dict[str, Callable[[], LoaderCallback[Held, object, float]]] = {
    "Accuracy": lambda: Accuracy("a", of=held),
    "AUROC": lambda: AUROC("a", of=held),
    "AveragePrecision": lambda: AveragePrecision("a", of=held),
    "Perplexity": lambda: Perplexity("a", of=held),
}
NUMBERS: dict[str, Callable[[], LoaderCallback[Held, object, float]]] = {
    "MeanAbsoluteError": lambda: MeanAbsoluteError("a", of=held),
    "MeanSquaredError": lambda: MeanSquaredError("a", of=held),
    "R2Score": lambda: R2Score("a", of=held),
}


def parts(batch: Held, size: int) -> list[Held | None]:
    """The rows of each rank, None for one without any."""
    prediction, target, *_ = batch["pairs"]
    n = len(target)
    ends = [n * rank // size for rank in range(size + 1)]
    return [
        Held(pairs=(prediction[start:stop], target[start:stop])) if stop > start else None
        for start, stop in pairwise(ends)
    ]


def merged(
    make: Callable[[], LoaderCallback[Held, object, R]], batches: Sequence[Held], size: int
) -> list[R]:
    """On each of the ranks."""
    callbacks = [make() for _ in range(size)]
    for callback in callbacks:
        callback.start()
    for batch in batches:
        for callback, own in zip(callbacks, parts(batch, size), strict=True):
            if own is not None:
                callback.update(own, {})
    merging = [each for one in callbacks if (each := as_merged(one)) is not None]
    seen: list[object] = pickle.loads(pickle.dumps([each.seen() for each in merging]))  # noqa: S301
    for each in merging:
        each.merge(seen)
    return [callback.finish() for callback in callbacks]


@pytest.mark.parametrize("name", CLASSES)
@EXAMPLES
@given(seed=SEEDS, n_rows=ROWS, sizes=SIZES, n_ranks=RANKS, n_classes=st.integers(2, 4))
def test_scores_of_classes(
    *, name: str, seed: int, n_rows: int, sizes: list[int], n_ranks: int, n_classes: int
) -> None:
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(n_rows, n_classes, generator=generator)
    target = torch.randint(n_classes, (n_rows,), generator=generator)
    batches = [Held(pairs=each) for each in split((logits, target), sizes)]
    expected = one_pass(CLASSES[name](), [each["pairs"] for each in batches])
    for each in merged(CLASSES[name], batches, n_ranks):
        assert close(each, expected)


@pytest.mark.parametrize("name", NUMBERS)
@EXAMPLES
@given(seed=SEEDS, n_rows=ROWS, sizes=SIZES, n_ranks=RANKS, mean=st.sampled_from([0.0, 1e4, -1e6]))
def test_scores_of_numbers(
    *, name: str, seed: int, n_rows: int, sizes: list[int], n_ranks: int, mean: float
) -> None:
    generator = torch.Generator().manual_seed(seed)
    target = torch.randn(n_rows, 2, generator=generator, dtype=torch.float64) + mean
    prediction = target + torch.randn(n_rows, 2, generator=generator, dtype=torch.float64)
    batches = [Held(pairs=each) for each in split((prediction, target), sizes)]
    expected = one_pass(NUMBERS[name](), [each["pairs"] for each in batches])
    for each in merged(NUMBERS[name], batches, n_ranks):
        assert close(each, expected, tolerance=1e-7)


def test_the_variance_of_a_constant_target_is_none() -> None:
    """Whatever each process takes for the middle."""
    target = torch.full((7,), 0.1, dtype=torch.float64)
    batches = [Held(pairs=(target.clone(), target))]
    assert merged(NUMBERS["R2Score"], batches, 3) == [1.0, 1.0, 1.0]


@EXAMPLES
@given(seed=SEEDS, n_rows=ROWS, sizes=SIZES, n_ranks=RANKS)
def test_a_matrix(seed: int, n_rows: int, sizes: list[int], n_ranks: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(n_rows, 3, generator=generator)
    target = torch.randint(3, (n_rows,), generator=generator)
    batches = [Held(pairs=each) for each in split((logits, target), sizes)]
    expected = np.zeros((3, 3))
    for true, guess in zip(numbers(target), numbers(logits.argmax(1)), strict=True):
        expected[int(true), int(guess)] += 1
    for each in merged(lambda: ConfusionMatrix("m", of=held), batches, n_ranks):
        np.testing.assert_array_equal(each, expected)


def test_a_pass_without_a_row_on_any_process() -> None:
    for make in (*CLASSES.values(), *NUMBERS.values()):
        assert all(math.isnan(each) for each in merged(make, [], 2))


def test_processes_that_differ_in_classes_are_refused() -> None:
    def seen(n_classes: int) -> tuple[Merged[object], object]:
        callback = AUROC("ranked", of=held)
        pairs = torch.zeros(2, n_classes), torch.zeros(2, dtype=torch.int64)
        callback.update(Held(pairs=pairs), {})
        found = as_merged(callback)
        assert found is not None
        return found, found.seen()

    (one, of_one), (_, of_other) = seen(2), seen(3)
    with pytest.raises(ValidationError, match=r"got \[2, 3\] classes on different processes"):
        one.merge([of_one, of_other])


class Rows(TypedDict):
    x: Tensor


class Loss(TypedDict):
    loss: Tensor
    each: Tensor


@EXAMPLES
@given(seed=SEEDS, n_rows=ROWS, sizes=SIZES, n_ranks=RANKS)
def test_means_and_rows(seed: int, n_rows: int, sizes: list[int], n_ranks: int) -> None:
    """Weighted by rows; rows in the order of the loader."""
    x = torch.randn(n_rows, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    losses = [LossCallback("loss") for _ in range(n_ranks)]
    terms = [OutputMeansCallback("terms", keys=["each"]) for _ in range(n_ranks)]
    arrays = [OutputArrayCallback("rows", key="each") for _ in range(n_ranks)]
    training = [TrainLoss() for _ in range(n_ranks)]
    n_at_least = True
    for rows, *_ in split((x, x), sizes):
        n_at_least &= len(rows) >= n_ranks
        ends = [len(rows) * rank // n_ranks for rank in range(n_ranks + 1)]
        for rank in range(n_ranks):
            own = rows[ends[rank] : ends[rank + 1]]
            if len(own):
                batch, output = Rows(x=own), Loss(loss=own.mean(), each=own)
                for callback in (losses[rank], terms[rank], arrays[rank]):
                    callback.update(batch, output)
                training[rank].on_batch(1, batch, output)
    for of_ranks in (losses, terms, arrays, training):
        merging = [each for one in of_ranks if (each := as_merged(one)) is not None]
        seen = [each.seen() for each in merging]
        for each in merging:
            each.merge(seen)
    mean = x.mean().item()
    step = Still(seeded_regression())
    for rank in range(n_ranks):
        assert close(losses[rank].finish(), mean)
        assert close(terms[rank].finish()["each"], mean)
        assert close(training[rank].on_moment(step, Moment(epoch=1, step=1))["train_loss"], mean)
        found = arrays[rank].finish()
        if n_at_least:
            np.testing.assert_array_equal(found, x.numpy())
        else:  # where a batch has fewer rows than there are processes
            np.testing.assert_array_equal(np.sort(found), np.sort(x.numpy()))
