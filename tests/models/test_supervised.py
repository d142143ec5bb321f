"""A network and a loss function, as they are."""

from collections.abc import Callable
from functools import partial
from typing import assert_type

import pytest
import torch
from torch import Tensor, nn
from torch.optim.sgd import SGD

from artifact_torch import Labelled, OptimizerStep, Predicted, models, supervised
from artifact_torch.errors import ConfigurationError, ContractError
from tests.toys import advance, same_weights

sgd = partial(SGD, lr=0.1)


def net() -> nn.Sequential:
    torch.default_generator.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 2))


def batch() -> Labelled:
    generator = torch.Generator().manual_seed(1)
    inputs = torch.randn(6, 3, generator=generator)
    return Labelled(inputs=inputs, target=torch.tensor([0, 1, 1, 0, 1, 0]))


def absolute(prediction: Tensor, target: Tensor) -> Tensor:
    return (prediction[:, 0] - target).abs().mean()


LOSSES: list[Callable[[Tensor, Tensor], Tensor]] = [
    nn.CrossEntropyLoss(),
    nn.CrossEntropyLoss(weight=torch.tensor([0.25, 0.75])),
    nn.functional.cross_entropy,
    absolute,
]


@pytest.mark.parametrize("loss", LOSSES)
def test_it_trains_as_the_loop_by_hand(loss: Callable[[Tensor, Tensor], Tensor]) -> None:
    step = OptimizerStep(supervised(net(), loss), optimizer=sgd, device="cpu")
    assert_type(step, OptimizerStep[Labelled, Predicted])
    plain, data = net(), batch()
    optimizer = sgd(plain.parameters())
    for _ in range(3):
        prediction: Tensor = plain(data["inputs"])
        optimizer.zero_grad()
        torch.autograd.backward(loss(prediction, data["target"]))
        advance(optimizer)
        assert torch.equal(step.update(data)["prediction"], prediction)
    assert same_weights(step.model.state_dict(), plain.state_dict())
    assert list(step.model.state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"]


def test_class_weights_follow_the_network() -> None:
    loss = nn.CrossEntropyLoss(weight=torch.ones(2, device="meta"))
    model = supervised(net(), loss)
    assert loss.weight is not None
    with pytest.raises(NotImplementedError, match="meta"):  # it was asked to come, and cannot
        model.forward(batch())


@pytest.mark.parametrize(
    ("loss", "error", "expected"),
    [
        (nn.MSELoss, ContractError, "got the class MSELoss; call it: MSELoss()"),
        (3, ContractError, "loss must be a function of prediction and target, got 3"),
        (nn.Linear(2, 1), ConfigurationError, "Linear has parameters of its own"),
    ],
)
def test_what_is_no_loss_is_told(loss: object, error: type[Exception], expected: str) -> None:
    call: Callable[..., object] = vars(models)["supervised"]
    with pytest.raises(error) as caught:
        call(net(), loss)
    assert str(caught.value).startswith("supervised: loss ")
    assert expected in str(caught.value)
