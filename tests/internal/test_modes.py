"""Evaluation mode, and the way back."""

import pytest
import torch
from torch import nn

from artifact_torch.internal.modules import evaluating


class Adapter(nn.Module):
    """Merges into the frozen weight for evaluation, and leaves it for training."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = 1.0

    def train(self, mode: bool = True) -> "Adapter":
        if mode is not self.training:
            self.weight += -0.5 if mode else 0.5
        return super().train(mode)


class Frozen(nn.BatchNorm1d):
    """Stays in evaluation mode, whatever it is told."""

    def train(self, mode: bool = True) -> "Frozen":
        super().train(mode=False)
        return self


def test_each_part_has_its_own_mode_again() -> None:
    inner = nn.Sequential(nn.Dropout(), nn.Dropout()).eval()
    inner[1].train()
    model = nn.Sequential(nn.Linear(1, 1), inner, Frozen(1))
    before = [each.training for each in model.modules()]
    with evaluating(model):
        assert not any(each.training for each in model.modules())
        assert not torch.is_grad_enabled()
    assert [each.training for each in model.modules()] == before
    assert torch.is_grad_enabled()


@pytest.mark.parametrize("is_training", [True, False])
def test_what_train_does_is_done_and_undone(is_training: bool) -> None:
    adapter = Adapter()
    model = nn.Sequential(adapter, nn.Dropout())
    adapter.train(is_training)
    weight = adapter.weight
    with evaluating(model):
        assert adapter.weight == 1.5
    assert (adapter.weight, adapter.training) == (weight, is_training)


def test_modes_come_back_after_an_error() -> None:
    model = nn.Sequential(nn.Dropout())
    with pytest.raises(ValueError, match="wrong"), evaluating(model):
        raise ValueError("wrong")
    assert model[0].training
