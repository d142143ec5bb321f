"""Dropout by bytes."""

import pytest
import torch

from demo.libs.dropout import dropped
from tests.demo.tensors import floats


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.9])
@pytest.mark.parametrize("shape", [(40_001,), (3, 100, 133)])
def test_so_many_are_0_and_the_mean_stays(share: float, shape: tuple[int, ...]) -> None:
    torch.default_generator.manual_seed(0)
    made = dropped(torch.ones(shape), share)
    assert made.shape == shape
    assert (made == 0.0).double().mean().item() == pytest.approx(share, abs=0.01)
    assert set(floats(made).ravel().tolist()) == {0.0, float(made.max())}
    assert made.mean().item() == pytest.approx(1.0, abs=0.06)


def test_gradients_reach_what_is_kept_alone() -> None:
    torch.default_generator.manual_seed(0)
    hidden = torch.randn(50, 7, requires_grad=True)
    made = dropped(hidden, 0.5)
    (gradient,) = torch.autograd.grad(made.sum(), hidden)
    torch.testing.assert_close(gradient, torch.where(made == 0.0, 0.0, 2.0))


def test_nothing_is_dropped_or_drawn_of_a_share_of_0() -> None:
    torch.default_generator.manual_seed(0)
    expected = torch.rand(3)
    torch.default_generator.manual_seed(0)
    hidden = torch.ones(5)
    assert dropped(hidden, 0.0) is hidden
    assert torch.equal(torch.rand(3), expected)


def test_each_draw_is_another_and_a_seed_repeats_it() -> None:
    def drawn() -> tuple[torch.Tensor, torch.Tensor]:
        torch.default_generator.manual_seed(3)
        return dropped(torch.ones(100), 0.5), dropped(torch.ones(100), 0.5)

    first, second = drawn()
    assert not torch.equal(first, second)
    assert torch.equal(first, drawn()[0])
