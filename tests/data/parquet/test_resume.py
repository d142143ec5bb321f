"""A run over a table in files: interrupted within an epoch, and gone on with."""

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypedDict

import pytest
import torch
from torch import Tensor

from artifact_torch import (
    EpochBoundStopper,
    OptimizerStep,
    ParquetColumns,
    ParquetLoader,
    StepBoundStopper,
    Trainer,
    limited,
    steps,
)
from artifact_torch.contracts import BatchSource
from artifact_torch.errors import ContractError
from tests.data.parquet.tables import write
from tests.toys import Fit, Points, seeded_regression

PER_EPOCH = 9


def points(columns: ParquetColumns) -> Points:
    return Points(x=columns.matrix(["a", "b", "c"]), y=columns.column("y"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    table = torch.randn(4, 70, generator=torch.Generator().manual_seed(1)).numpy()
    columns: dict[str, object] = dict(zip(("a", "b", "c", "y"), table, strict=True))
    return write(tmp_path / "table.parquet", columns, row_group_size=7)


def loader(path: Path, seed: int = 3) -> ParquetLoader[Points]:
    return ParquetLoader(path, points, batch_size=8, shuffle=True, seed=seed, buffer_rows=21)


def as_it_is(source: BatchSource[Points]) -> BatchSource[Points]:
    return source


def first_nine(source: BatchSource[Points]) -> BatchSource[Points]:
    return limited(source, PER_EPOCH)


def trainer(
    source: BatchSource[Points], folder: Path, n_steps: int | None = None
) -> Trainer[Points, Fit]:
    stop = [StepBoundStopper(max_n_steps=n_steps)] if n_steps else []
    return Trainer(
        OptimizerStep(seeded_regression(), optimizer=partial(torch.optim.SGD, lr=0.01)),
        train_loader=source,
        stop=[EpochBoundStopper(max_n_epochs=2), *stop],
        run_folder=folder,
        checkpoint_every=steps(4),
    )


def weights(source: BatchSource[Points], folder: Path, n_steps: int | None = None) -> list[Tensor]:
    result = trainer(source, folder, n_steps).train()
    return [each for each in result.last_weights.values() if isinstance(each, Tensor)]


class Other(TypedDict):
    z: Tensor


def test_a_function_that_gives_something_else_is_refused_by_the_trainer(
    path: Path, tmp_path: Path
) -> None:
    def others(columns: ParquetColumns) -> Other:
        return Other(z=columns.column("a"))

    unchecked: Any = ParquetLoader(path, others, batch_size=8)  # Any: no checker would let it pass
    with pytest.raises(ContractError) as caught:
        trainer(unchecked, tmp_path / "run")
    assert "to_batch" in str(caught.value)
    assert "Other" in str(caught.value)


@pytest.mark.parametrize("n_steps", [5, PER_EPOCH, PER_EPOCH + 4])
@pytest.mark.parametrize("wrap", [as_it_is, first_nine])
def test_a_run_that_goes_on_is_the_run_that_was_not_interrupted(
    path: Path,
    tmp_path: Path,
    n_steps: int,
    wrap: Callable[[BatchSource[Points]], BatchSource[Points]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    whole = weights(wrap(loader(path)), tmp_path / "whole")
    weights(wrap(loader(path)), tmp_path / "cut", n_steps)
    with caplog.at_level(logging.WARNING):
        cut = weights(wrap(loader(path)), tmp_path / "cut")
    assert all(torch.equal(one, other) for one, other in zip(whole, cut, strict=True))
    assert "ParquetLoader" not in caplog.text


@pytest.mark.parametrize("wrap", [as_it_is, first_nine])
def test_other_files_or_another_order_are_told(
    path: Path,
    tmp_path: Path,
    wrap: Callable[[BatchSource[Points]], BatchSource[Points]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    weights(wrap(loader(path)), tmp_path / "run", 5)
    columns: dict[str, object] = dict.fromkeys(("a", "b", "c", "y"), torch.zeros(70).numpy())
    write(path, columns, row_group_size=7)
    with caplog.at_level(logging.WARNING):
        trainer(wrap(loader(path, seed=4)), tmp_path / "run").train()
    (told,) = [each.message for each in caplog.records if "ParquetLoader" in each.message]
    assert "files is " in told
    assert "seed is 4, was 3" in told
    assert "n_rows" not in told
