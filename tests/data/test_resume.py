"""What is left of an epoch, for a run that was interrupted within it."""

import random
from collections.abc import Callable, Iterator
from typing import TypedDict

import numpy as np
import pytest
import torch
import torch.utils.data as torch_data
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from artifact_torch.contracts import BatchSource, ResumableSource
from artifact_torch.data import (
    CheckedSource,
    DataLoader,
    TensorTable,
    TorchLoader,
    batches_from,
    limited,
    mapped,
    repeated,
)

pytestmark = pytest.mark.filterwarnings("ignore:This DataLoader will create")

N_ROWS = 11


class Batch(TypedDict):
    x: Tensor


class Rows(torch_data.Dataset[Batch]):
    """Counts what is read, and draws from all three global generators."""

    def __init__(self) -> None:
        self.read: list[int] = []

    def __getitem__(self, index: int) -> Batch:
        self.read.append(index)
        noise = [random.random(), float(np.random.random()), torch.rand(()).item()]  # noqa: NPY002
        return Batch(x=torch.tensor([float(index), *noise], dtype=torch.float64))

    def __len__(self) -> int:
        return N_ROWS


class Stream:
    """In its own order, with noise as well."""

    def __iter__(self) -> Iterator[Batch]:
        rows = Rows()
        return (rows[index] for index in range(N_ROWS))

    def __len__(self) -> int:
        return N_ROWS


class ByHand:
    def batches(self, epoch: int) -> Iterator[Batch]:
        return (Batch(x=torch.rand(2) + epoch) for _ in range(4))

    def __len__(self) -> int:
        return 4


def noisy(batch: Batch) -> Batch:
    return Batch(x=batch["x"] + torch.rand(()))


def torchs() -> torch_data.DataLoader[Batch]:
    return torch_data.DataLoader(Rows(), batch_size=3, shuffle=True)


SOURCES: dict[str, Callable[[], BatchSource[Batch]]] = {
    "table": lambda: DataLoader(
        TensorTable(Batch(x=torch.arange(N_ROWS))), batch_size=3, shuffle=True
    ),
    "rows": lambda: DataLoader(Rows(), batch_size=3, shuffle=True, drop_last=True),
    "stream": lambda: DataLoader(Stream(), batch_size=3),
    "torch": lambda: TorchLoader(torchs(), seed=2),
    "by hand": ByHand,
    "mapped": lambda: mapped(DataLoader(Rows(), batch_size=3), noisy),
    "mapped torch": lambda: mapped(torchs(), noisy),
    "limited": lambda: limited(DataLoader(Rows(), batch_size=3, shuffle=True), 3),
    "limited torch": lambda: limited(torchs(), 2),
    "repeated": lambda: repeated(DataLoader(Rows(), batch_size=3, shuffle=True), 2),
}


def seed_all(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002
    torch.default_generator.manual_seed(seed)


def restored_after(batches: Iterator[Batch], n_done: int) -> Callable[[], None]:
    """Goes through that many batches; what it gives puts the generators back to where they are."""
    for _ in range(n_done):
        next(batches)
    python, numpy, cpu = random.getstate(), np.random.get_state(), torch.get_rng_state()  # noqa: NPY002

    def restore() -> None:
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002
        torch.set_rng_state(cpu)

    return restore


def as_lists(batches: Iterator[Batch]) -> list[list[float]]:
    return [[float(value) for value in batch["x"].flatten()] for batch in batches]


@pytest.mark.parametrize("kind", SOURCES)
@given(data=st.data(), epoch=st.integers(1, 50))
def test_the_rest_is_bit_for_bit_what_it_would_have_been(
    kind: str, data: st.DataObject, epoch: int
) -> None:
    source = SOURCES[kind]()
    n_done = data.draw(st.integers(0, len(source)))
    seed_all(epoch)
    whole = source.batches(epoch)
    restore = restored_after(whole, n_done)
    expected = as_lists(whole)
    again = SOURCES[kind]()
    seed_all(99)
    restore()
    assert as_lists(batches_from(again, epoch, n_done, name="part")) == expected
    assert len(expected) == len(source) - n_done
    restore()
    assert as_lists(CheckedSource(again, "part").batches(epoch, n_done)) == expected


@pytest.mark.parametrize("n_workers", [1, 2])
def test_workers_draw_what_they_would_have_drawn(n_workers: int) -> None:
    def loader(n: int) -> DataLoader[Batch]:
        return DataLoader(Rows(), batch_size=3, shuffle=True, seed=5, n_workers=n)

    whole = as_lists(loader(1).batches(4))
    assert as_lists(loader(n_workers).batches(4)) == whole
    assert as_lists(loader(n_workers).batches_from(4, 2)) == whole[2:]
    assert as_lists(loader(n_workers).batches(5)) != whole


def test_ours_reads_no_row_that_is_done() -> None:
    rows = Rows()
    loader = DataLoader(rows, batch_size=3)
    list(batches_from(loader, 1, 2, name="part"))
    assert rows.read == [6, 7, 8, 9, 10]
    rows.read.clear()
    list(batches_from(limited(mapped(loader, noisy), 3), 1, 2, name="part"))
    assert rows.read == [6, 7, 8]


def test_whoever_can_resume_is_asked() -> None:
    class Resumes(ByHand):
        def batches_from(self, epoch: int, n_done: int) -> Iterator[Batch]:
            return iter([Batch(x=torch.tensor([epoch, n_done]))])

    assert isinstance(Resumes(), ResumableSource)
    assert as_lists(batches_from(Resumes(), 7, 3, name="part")) == [[7, 3]]
    assert len(as_lists(batches_from(Resumes(), 7, 0, name="part"))) == 4


def test_what_was_done_counts_as_given(caplog: pytest.LogCaptureFixture) -> None:
    for n_done in (1, 3, 4):
        assert len([*CheckedSource(ByHand(), "part").batches(1, n_done)]) == 4 - n_done
    assert caplog.records == []

    class Longer(ByHand):
        def __len__(self) -> int:
            return 6

    assert len([*CheckedSource(Longer(), "part").batches(2, 1)]) == 3
    (record,) = caplog.records
    assert record.getMessage().startswith("part: gave 4 batches in epoch 2, its len() is 6")
