"""Batches read ahead by a thread: the same ones, errors where they belong, and nothing left."""

import gc
import logging
import random
import threading
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from typing import TypedDict

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from artifact_torch import EpochBoundStopper, OptimizerStep, Trainer
from artifact_torch.contracts import BatchSource
from artifact_torch.data import DataLoader, TensorTable, batches_from, mapped, prefetched
from artifact_torch.data.read_ahead import read_ahead
from artifact_torch.errors import ConfigurationError, DataError

N_ROWS = 11


class Batch(TypedDict):
    x: Tensor


class Rows:
    """Says which thread read which row; `broken` cannot be read."""

    def __init__(self, broken: int | None = None) -> None:
        self.broken = broken
        self.read: list[int] = []
        self.threads: set[int] = set()

    def __getitem__(self, index: int) -> Batch:
        if index == self.broken:
            raise OSError("disk gone")
        self.read.append(index)
        self.threads.add(threading.get_ident())
        return Batch(x=torch.tensor(float(index)))

    def __len__(self) -> int:
        return N_ROWS


def values(batches: Iterator[Batch]) -> list[list[float]]:
    return [[float(value) for value in batch["x"]] for batch in batches]


def readers() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == "read ahead"]


@settings(deadline=None, max_examples=30)
@given(n_ahead=st.integers(1, 6), epoch=st.integers(1, 9), n_done=st.integers(0, 5))
def test_the_batches_are_the_same_from_wherever_a_pass_begins(
    n_ahead: int, epoch: int, n_done: int
) -> None:
    loader = DataLoader(Rows(), batch_size=2, shuffle=True, seed=3)
    source = prefetched(loader, n_ahead)
    assert len(source) == len(loader)
    assert values(source.batches(epoch)) == values(loader.batches(epoch))
    ahead = prefetched(loader, n_ahead)
    rest = batches_from(ahead, epoch, n_done, name="ahead")
    assert values(rest) == values(loader.batches(epoch))[n_done:]
    assert readers() == []


def test_a_thread_reads_as_many_ahead_as_it_may_and_ends() -> None:
    rows = Rows()
    batches = prefetched(DataLoader(rows, batch_size=1), 3).batches(1)
    next(batches)
    for thread in readers():
        thread.join(timeout=60)
    assert readers() == []
    assert rows.read == [0, 1, 2, 3]  # one is used, three lie ready
    assert threading.get_ident() in rows.threads  # the first tells whether it draws
    assert len(rows.threads) > 1
    assert values(batches) == [[float(row)] for row in range(1, N_ROWS)]


def test_the_next_batch_is_read_while_one_is_used() -> None:
    used, read = threading.Event(), threading.Event()

    def given_in_turn() -> Iterator[int]:
        yield 1
        assert used.wait(timeout=60)
        read.set()
        yield 2

    batches = read_ahead(given_in_turn(), 1)
    assert next(batches) == 1
    used.set()
    assert read.wait(timeout=60)  # although nobody asked for it
    assert [*batches] == [2]


def test_a_loop_that_is_left_leaves_no_thread() -> None:
    batches = prefetched(DataLoader(Rows(), batch_size=1), 2).batches(1)
    next(batches)
    del batches
    gc.collect()
    assert readers() == []


def test_an_error_in_the_loop_leaves_no_thread_though_it_is_kept() -> None:
    rows = Rows()

    def loop() -> None:
        batches = prefetched(DataLoader(rows, batch_size=1), 2).batches(1)  # kept by the error
        for batch in batches:
            raise RuntimeError(f"{batch['x']}")

    with pytest.raises(RuntimeError) as kept:
        loop()
    for thread in readers():
        thread.join(timeout=60)
    assert readers() == []
    assert len(rows.read) == 3
    assert "tensor" in str(kept.value)


@pytest.mark.parametrize("n_ahead", [1, 4])
def test_an_error_comes_at_its_batch_with_its_traceback(n_ahead: int) -> None:
    batches = prefetched(DataLoader(Rows(broken=5), batch_size=2), n_ahead).batches(1)
    assert [float(next(batches)["x"].sum()) for _ in range(2)] == [1.0, 5.0]
    with pytest.raises(
        DataError, match=r"item 5 of Rows cannot be read: OSError: disk gone"
    ) as told:
        next(batches)
    lines = "".join(traceback.format_exception(told.value))
    assert 'raise OSError("disk gone")' in lines
    assert readers() == []


def test_what_is_no_error_of_python_comes_too() -> None:
    def given_once() -> Iterator[int]:
        yield 1
        raise SystemExit(3)

    batches = read_ahead(given_once(), 2)
    assert next(batches) == 1
    with pytest.raises(SystemExit, match="3"):
        next(batches)
    assert [*batches] == []


def test_without_a_thread_it_reads_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    loader = DataLoader(Rows(broken=9), batch_size=2)
    monkeypatch.setattr(threading.Thread, "start", refused)
    batches = prefetched(loader, 2).batches(1)
    assert [float(next(batches)["x"].sum()) for _ in range(4)] == [1.0, 5.0, 9.0, 13.0]
    with pytest.raises(DataError, match="disk gone"):
        next(batches)


def torch_draw(batch: Batch) -> Batch:
    return Batch(x=batch["x"] + torch.rand(()))


def python_draw(batch: Batch) -> Batch:
    return Batch(x=batch["x"] + random.random())


def numpy_draw(batch: Batch) -> Batch:
    return Batch(x=batch["x"] + float(np.random.standard_normal()))  # noqa: NPY002


@pytest.mark.parametrize("draw", [torch_draw, python_draw, numpy_draw])
def test_what_draws_is_read_in_turn_and_told_once(
    draw: Callable[[Batch], Batch], caplog: pytest.LogCaptureFixture
) -> None:
    def pass_of(source: BatchSource[Batch], epoch: int) -> list[list[float]]:
        got: list[list[float]] = []
        for batch in source.batches(epoch):
            got += values(iter([batch]))
            got.append([torch.rand(()).item(), random.random(), float(np.random.random())])  # noqa: NPY002
        return got

    def seed() -> None:
        torch.default_generator.manual_seed(1)
        random.seed(1)
        np.random.seed(1)  # noqa: NPY002

    rows = Rows()
    source = mapped(DataLoader(rows, batch_size=2), draw)
    seed()
    expected = [*pass_of(source, 1), *pass_of(source, 2)]
    ahead = prefetched(source, 2)
    seed()
    with caplog.at_level(logging.WARNING):
        assert [*pass_of(ahead, 1), *pass_of(ahead, 2)] == expected
    assert len(rows.threads) == 1
    (record,) = caplog.records
    assert "n_workers" in record.getMessage()


class Loss(TypedDict):
    loss: Tensor


class Net(nn.Module):
    """Draws at each step."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(1, 1)

    def forward(self, batch: Batch) -> Loss:
        predicted: Tensor = self.layer(
            nn.functional.dropout(batch["x"][:, None], 0.5, self.training)
        )
        return Loss(loss=predicted.square().mean())


def trained(loader: BatchSource[Batch]) -> dict[str, Tensor]:
    torch.default_generator.manual_seed(5)
    net = Net()
    Trainer(
        OptimizerStep(net, optimizer=partial(torch.optim.SGD, lr=1e-3)),
        train_loader=loader,
        stop=[EpochBoundStopper(max_n_epochs=3)],
        progress=False,
    ).train()
    return {**net.state_dict(), "next": torch.rand(3)}


def test_training_is_the_same_bit_for_bit() -> None:
    loader = DataLoader(Rows(), batch_size=2, shuffle=True)
    alone, ahead = trained(loader), trained(prefetched(loader, 2))
    assert all(torch.equal(alone[name], ahead[name]) for name in alone)
    assert readers() == []


def test_torch_is_in_the_thread_what_it_is_outside() -> None:
    def seen() -> Iterator[tuple[bool, bool, str]]:
        for _ in range(3):
            inference = torch.is_inference_mode_enabled()
            yield torch.is_grad_enabled(), inference, torch.zeros(1).device.type

    with torch.no_grad(), torch.device("meta"):
        assert {*read_ahead(seen(), 1)} == {(False, False, "meta")}
    with torch.inference_mode():
        assert {*read_ahead(seen(), 1)} == {(False, True, "cpu")}
    assert {*read_ahead(seen(), 1)} == {(True, False, "cpu")}


def test_a_table_and_its_order_are_the_same() -> None:
    loader = DataLoader(TensorTable(Batch(x=torch.arange(50.0))), batch_size=7, shuffle=True)
    assert values(prefetched(loader, 2).batches(4)) == values(loader.batches(4))


@pytest.mark.parametrize("n_batches", [0, -1])
def test_less_than_one_is_refused(n_batches: int) -> None:
    with pytest.raises(ConfigurationError) as caught:
        prefetched(DataLoader(Rows(), batch_size=2), n_batches)
    assert str(caught.value) == f"prefetched: n_batches must be at least 1, got {n_batches}"
