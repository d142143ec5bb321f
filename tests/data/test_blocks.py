"""Many columns of one dtype: what a batch of them is, and what may be done to it."""

import copy
import gc
import pickle
from collections.abc import Iterator
from typing import TypedDict
from weakref import ref

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.overrides import TorchFunctionMode

from artifact_torch.data import DataLoader, TensorTable
from artifact_torch.data.blocks import blocks_of

N_ROWS = 7


class Columns(TypedDict):
    """Two kinds, mixed, and what is of neither."""

    a: Tensor
    code: Tensor
    wide: Tensor
    b: Tensor
    other_code: Tensor
    c: Tensor


def columns() -> Columns:
    return Columns(
        a=torch.arange(N_ROWS) / 3,
        code=torch.arange(N_ROWS) * 5,
        wide=torch.arange(2.0 * N_ROWS).reshape(N_ROWS, 2),
        b=torch.arange(3.0 * N_ROWS)[::3],  # with gaps
        other_code=torch.arange(N_ROWS) - 4,
        c=-torch.arange(N_ROWS) / 7,
    )


@pytest.fixture(scope="module", autouse=True)
def two_are_many() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("artifact_torch.data.blocks._FEWEST", 2)
        yield


def tensors(batch: Columns) -> dict[str, Tensor]:
    return {
        "a": batch["a"],
        "code": batch["code"],
        "wide": batch["wide"],
        "b": batch["b"],
        "other_code": batch["other_code"],
        "c": batch["c"],
    }


def assert_same(batch: Columns, expected: dict[str, Tensor]) -> None:
    assert list(batch) == list(expected)
    for name, tensor in tensors(batch).items():
        assert torch.equal(tensor, expected[name])
        assert tensor.dtype == expected[name].dtype
        assert tensor.is_contiguous()


@settings(deadline=None)
@given(indices=st.lists(st.integers(0, N_ROWS - 1), max_size=9))
def test_a_batch_is_the_rows_that_were_asked_for(indices: list[int]) -> None:
    given_columns, rows = columns(), torch.tensor(indices).long()
    expected = {name: each[rows] for name, each in tensors(given_columns).items()}
    assert_same(TensorTable(given_columns).take(rows), expected)


@settings(deadline=None)
@given(start=st.integers(0, N_ROWS), n_rows=st.integers(0, N_ROWS + 2))
def test_consecutive_rows_are_the_same_rows(start: int, n_rows: int) -> None:
    table = TensorTable(columns())
    rows = torch.arange(start, min(start + n_rows, N_ROWS))
    assert_same(table.between(start, start + n_rows), tensors(table.take(rows)))


class Kinds(TypedDict):
    plain: Tensor
    by_column: Tensor
    learnt: Tensor
    sparse: Tensor


def test_consecutive_rows_of_any_kind_of_tensor_are_a_copy_of_them() -> None:
    learnt = torch.ones(N_ROWS, 2, requires_grad=True)
    by_column = torch.arange(2.0 * N_ROWS).reshape(2, N_ROWS).t()
    sparse = torch.eye(N_ROWS).to_sparse()
    table = TensorTable(
        Kinds(plain=torch.eye(N_ROWS), by_column=by_column, learnt=learnt, sparse=sparse)
    )
    got, expected = table.between(2, 5), table.take(torch.tensor([2, 3, 4]))
    assert torch.equal(got["plain"], torch.eye(N_ROWS)[2:5])
    assert torch.equal(got["by_column"], by_column[2:5])
    assert torch.equal(got["sparse"].to_dense(), expected["sparse"].to_dense())
    assert got["by_column"].stride() == expected["by_column"].stride() == (2, 1)
    (gradient,) = torch.autograd.grad(got["learnt"].sum(), learnt)
    assert torch.equal(gradient[:, 0], torch.tensor([0.0, 0, 1, 1, 1, 0, 0]))


def test_it_takes_many_columns_of_one_kind_and_one_value_a_row() -> None:
    (floats, codes) = blocks_of(tensors(columns()))
    assert (floats.names, codes.names) == (("a", "b", "c"), ("code", "other_code"))


def test_a_column_that_wants_a_gradient_stays_itself() -> None:
    learnt = torch.zeros(N_ROWS, requires_grad=True)
    assert blocks_of({"a": learnt, "b": torch.zeros(N_ROWS)}) == []
    with torch.inference_mode():  # whose tensors do not count changes
        assert blocks_of({"a": torch.zeros(N_ROWS), "b": torch.zeros(N_ROWS)}) == []


def test_fewer_than_it_pays_for_stay_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr("artifact_torch.data.blocks._FEWEST", 3)
    assert [each.names for each in blocks_of(tensors(columns()))] == [("a", "b", "c")]


def test_a_table_too_large_to_copy_is_not_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    n_bytes = N_ROWS * (3 * 4 + 2 * 8)
    monkeypatch.setattr("artifact_torch.data.blocks._MOST_BYTES", n_bytes)
    assert len(blocks_of(tensors(columns()))) == 2
    monkeypatch.setattr("artifact_torch.data.blocks._MOST_BYTES", n_bytes - 1)
    assert blocks_of(tensors(columns())) == []


def test_what_torch_writes_into_the_given_tensors_later_is_seen() -> None:
    given_columns = columns()
    table = TensorTable(given_columns)
    given_columns["b"][2] = 50.0
    given_columns["code"].mul_(2)
    given_columns["wide"].zero_()
    assert_same(table.take(torch.arange(N_ROWS)), tensors(given_columns))
    given_columns["b"] += 1
    assert_same(table.between(0, N_ROWS), tensors(given_columns))


def test_the_given_tensors_are_not_kept() -> None:
    given_columns = columns()
    table = TensorTable(given_columns)
    expected = given_columns["a"].clone()
    gone = ref(given_columns["a"])
    del given_columns
    gc.collect()
    assert gone() is None
    assert torch.equal(table.between(0, N_ROWS)["a"], expected)


@pytest.mark.filterwarnings("ignore:This DataLoader will create")
@pytest.mark.parametrize(("batch_size", "n_workers"), [(1, 0), (3, 0), (N_ROWS, 0), (N_ROWS, 1)])
@pytest.mark.parametrize("shuffle", [False, True])
def test_nothing_that_is_done_to_a_batch_changes_the_table(
    batch_size: int, n_workers: int, shuffle: bool
) -> None:
    """Not by torch, not past its count of changes, not by NumPy, not after the batch was used."""
    given_columns = columns()
    before = {name: each.clone() for name, each in tensors(given_columns).items()}
    table = TensorTable(given_columns)
    loader = DataLoader(table, batch_size=batch_size, shuffle=shuffle, n_workers=n_workers)
    kept: list[Columns] = []
    for batch in loader.batches(1):
        kept.append(batch)
        for tensor in tensors(batch).values():
            tensor.add_(1)
            tensor.data.mul_(3)
            tensor.numpy()[...] = 9
            n_values = tensor.untyped_storage().nbytes() // tensor.element_size()
            tensor.as_strided((n_values,), (1,), 0).fill_(8)
    for batch in kept:
        for tensor in tensors(batch).values():
            tensor.zero_()
    assert_same(table.between(0, N_ROWS), before)
    assert all(torch.equal(each, before[name]) for name, each in tensors(given_columns).items())


def test_a_key_may_be_written_while_another_is_needed_for_the_gradient() -> None:
    """Each key has its own count of changes, though they share their memory."""
    weight = torch.ones((), requires_grad=True)
    batch = TensorTable(columns()).take(torch.arange(N_ROWS))
    expected = batch["a"].sum().item()
    product = batch["a"] * weight
    batch["b"].zero_()
    (gradient,) = torch.autograd.grad(product.sum(), weight)
    assert gradient.item() == pytest.approx(expected)
    product = batch["c"] * weight
    batch["c"].zero_()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        torch.autograd.grad(product.sum(), weight)


def test_a_table_can_be_sent_and_copied() -> None:
    given_columns = columns()
    table = TensorTable(given_columns)
    there: TensorTable[Columns] = pickle.loads(pickle.dumps(table))  # noqa: S301
    for other in (there, copy.deepcopy(table)):
        assert_same(other.take(torch.arange(N_ROWS)), tensors(given_columns))
        assert len(other) == N_ROWS


class Moves(TorchFunctionMode):
    """How often something is moved."""

    def __init__(self) -> None:
        super().__init__()
        self.n_moves = 0

    def __torch_function__(
        self,
        func: object,
        types: object,
        args: tuple[object, ...] = (),
        kwargs: dict[str, object] | None = None,
    ) -> object:
        self.n_moves += getattr(func, "__name__", "") == "to"
        assert callable(func)
        return func(*args, **(kwargs or {}))


def test_the_order_goes_to_the_table_once_a_pass() -> None:
    class Point(TypedDict):
        x: Tensor
        y: Tensor

    meta = torch.device("meta")
    table = TensorTable(
        Point(x=torch.zeros(N_ROWS, device=meta), y=torch.zeros(N_ROWS, device=meta))
    )
    assert table.device == meta
    loader = DataLoader(table, batch_size=2, shuffle=True)
    with Moves() as moves:
        batches = [*loader.batches(1)]
    assert moves.n_moves == 1
    assert [batch["x"].shape[0] for batch in batches] == [2, 2, 2, 1]
    assert all(batch["y"].device == meta for batch in batches)
    mixed = TensorTable(Point(x=torch.zeros(N_ROWS, device=meta), y=torch.arange(N_ROWS)))
    assert mixed.device is None
    assert [
        batch["y"].device.type for batch in DataLoader(mixed, batch_size=4, shuffle=True).batches(1)
    ] == ["cpu"] * 2
