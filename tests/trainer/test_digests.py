"""Digests of tensors: a bit anywhere, an order, a kind."""

from operator import methodcaller

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from artifact_torch.trainer.digests import Crc, Sums, feed, hashing

SUMS = Sums(torch.device("cpu"))

DTYPES = [
    *(torch.float32, torch.float64, torch.bfloat16, torch.float16, torch.int64, torch.int32),
    *(torch.int16, torch.int8, torch.uint8, torch.bool, torch.complex64),
]


def nest(parts: list[Tensor]) -> Tensor:
    nested: Tensor = methodcaller("nested_tensor", parts, layout=torch.jagged)(torch.nested)
    return nested  # untyped


def hashed(*tensors: Tensor) -> bytes:
    made = hashing()[1]()
    feed(made, tensors)
    return made.digest()


def by_crc(*tensors: Tensor) -> bytes:
    made = Crc()
    feed(made, tensors)
    return made.digest()


def summed(*tensors: Tensor) -> bytes:
    found = SUMS.of(tensors)
    assert (found.shape, found.dtype) == ((2,), torch.int64)
    return found.numpy().tobytes()


WAYS = [hashed, by_crc, summed]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("dtype", DTYPES)
@given(data=st.data())
@settings(max_examples=20)
def test_one_bit_of_one_element_is_seen(
    way: object, dtype: torch.dtype, data: st.DataObject
) -> None:
    assert callable(way)
    n = data.draw(st.integers(1, 300))
    tensors = [torch.zeros(n, dtype=dtype), torch.ones(7, n, dtype=dtype)]
    before = way(*tensors)
    assert before == way(*[each.clone() for each in tensors])
    raw = tensors[data.draw(st.integers(0, 1))].reshape(-1).view(torch.uint8)
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= 1 if dtype is torch.bool else 1 << data.draw(st.integers(0, 7))
    assert way(*tensors) != before


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("n", [5, 70_000, 200_000])
def test_order_is_seen(way: object, n: int) -> None:
    assert callable(way)
    rows = torch.randn(n, 3)
    swapped = rows.clone()
    swapped[[0, n - 1]] = rows[[n - 1, 0]]
    signs = rows.clone()
    signs[[1, n // 2]] *= -1  # the top bits of two elements
    assert len({way(rows), way(swapped), way(signs), way(rows[:-1])}) == 4


@pytest.mark.parametrize("way", WAYS)
def test_how_a_tensor_lies_does_not_matter(way: object) -> None:
    assert callable(way)
    rows = torch.randn(40, 6)
    assert way(rows) == way(rows.t().contiguous().t()) == way(torch.cat([rows, rows])[:40])
    assert way(rows[:, :3]) == way(rows[:, :3].contiguous())
    assert way(rows[3:]) == way(rows[3:].clone())  # at an odd place in memory
    sparse = torch.eye(5).to_sparse()
    assert way(sparse) == way(torch.eye(5).to_sparse())
    assert way(sparse) != way((2 * torch.eye(5)).to_sparse())
    assert way(sparse) != way(torch.eye(5).flip(0).to_sparse())
    nested = nest([torch.ones(2), torch.ones(3)])
    assert way(nested) == way(nest([torch.ones(2), torch.ones(3)]))
    assert way(nested) != way(nest([torch.ones(2), torch.ones(3) * 2]))
    assert way() == way(torch.zeros(0))


def test_the_sum_is_the_one_of_the_formula() -> None:
    """Worked out with whole numbers of any size, over two rows of the table."""
    n = (1 << 16) + 3
    words = torch.randint(-(2**31), 2**31 - 1, (n,), dtype=torch.int32)
    columns, rows = (vars(SUMS)[name].tolist() for name in ("_columns", "_rows"))
    numbers = words.numpy().tolist()
    total = sum(word * columns[at % (1 << 16)] * rows[at >> 16] for at, word in enumerate(numbers))
    assert int.from_bytes(summed(words)[:8], "little") == total % 2**64


def test_large_tensors_are_summed_in_parts() -> None:
    large = torch.arange((1 << 22) + 70_000, dtype=torch.int32)
    before = summed(large)
    for at in (0, (1 << 22) - 1, 1 << 22, len(large) - 1):
        large[at] += 1
        assert summed(large) != before
        large[at] -= 1
    assert summed(large) == before


@given(data=st.data())
def test_what_is_fed_is_what_lies_there_now(data: st.DataObject) -> None:
    """Tensors of many sizes, changed in place, that are gone, lie otherwise, or are sparse."""
    each = st.sampled_from([0, 1, 7, 300]).flatmap(
        lambda n: st.sampled_from(
            [None, torch.randn(n), torch.randn(n, 2).t(), torch.eye(n).to_sparse()]
        )
    )
    tensors = data.draw(st.lists(each, max_size=5))
    made = hashed(*[found for found in tensors if found is not None])
    through = hashing()[1]()
    feed(through, tensors)
    assert through.digest() == made
    for found in tensors:
        if found is not None and found.layout is torch.strided:
            found.add_(1)
    expected = hashing()[1]()
    for found in tensors:
        for part in (
            []
            if found is None
            else [found]
            if found.layout is torch.strided
            else [found.coalesce().indices(), found.coalesce().values()]
        ):
            expected.update(memoryview(part.contiguous().numpy().tobytes()))
    through = hashing()[1]()
    feed(through, tensors)
    assert through.digest() == expected.digest()
