"""Tensors that fill one storage are moved as one."""

from typing import TypedDict

import pytest
import torch
from torch import Tensor

from artifact_torch.data import to_device
from artifact_torch.data.batches.together import moved_together


class Asked:
    """Copies, and counts."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def __call__(self, tensor: Tensor) -> Tensor:
        self.sizes.append(tensor.numel())
        return tensor.clone()


def test_what_fills_a_storage_is_moved_at_once_whatever_its_order_and_shapes() -> None:
    whole = torch.arange(24.0)
    parts = [whole[12:], whole[3:6].view(3, 1), whole[0:3], whole[6:12].view(2, 3)]
    asked = Asked()
    moved = moved_together(parts, asked)
    assert asked.sizes == [24]
    for part in parts:
        there = moved[id(part)]
        assert torch.equal(there, part)
        assert there.shape == part.shape
        assert there.data_ptr() != part.data_ptr()
    moved[id(parts[0])].zero_()
    assert [moved[id(part)]._version for part in parts] == [1, 0, 0, 0]
    assert whole[12] == 12.0


def others() -> dict[str, list[Tensor]]:
    whole = torch.arange(8.0)
    learnt = torch.zeros(8, requires_grad=True)
    return {
        "a gap": [*torch.unsafe_split(whole[2:], 1)],
        "twice": [whole[:2], whole[2:4], whole[4:6], whole[4:6]],
        "overlapping": [whole[0:2], whole[1:3], whole[3:6], whole[6:7], whole[7:8]],
        "too few": [*torch.unsafe_split(whole, 4)],
        "storages of their own": [torch.zeros(2) for _ in range(5)],
        "with a gradient": [*torch.unsafe_split(learnt, 2)],
        "not in one piece": [*whole.view(2, 4).unbind(1)],
        "of two dtypes": [*torch.unsafe_split(whole[:6], 2), whole[6:].view(torch.int32)],
        "empty": [torch.zeros(0) for _ in range(5)],
        "without memory": [torch.zeros(2, device="meta") for _ in range(5)],
    }


@pytest.mark.parametrize("kind", others())
def test_others_are_left_to_themselves(kind: str) -> None:
    asked = Asked()
    assert moved_together(others()[kind], asked) == {}
    assert asked.sizes == []


class Wide(TypedDict):
    a: Tensor
    b: Tensor
    c: Tensor
    d: Tensor
    there: Tensor
    name: str


def test_a_batch_keeps_what_is_there_and_its_order() -> None:
    a, b, c, d = torch.zeros(4, 3).unbind()
    there = torch.zeros(3, device="meta")
    moved = to_device(Wide(a=a, b=b, c=c, d=d, there=there, name="x"), torch.device("meta"))
    assert list(moved) == ["a", "b", "c", "d", "there", "name"]
    assert moved["there"] is there
    assert [each.shape for each in (moved["a"], moved["d"])] == [(3,), (3,)]
    assert all(each.device.type == "meta" for each in (moved["a"], moved["b"], moved["d"]))
    assert a.device.type == "cpu"
