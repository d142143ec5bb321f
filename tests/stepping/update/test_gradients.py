"""How gradients are taken away before the next ones come."""

from typing import final

import torch
from torch import Tensor, nn, optim
from torch.nn import Parameter

from artifact_torch.stepping.update.gradients import clearing


@final
class Counting(optim.SGD):
    """One of a user's own, with a `zero_grad` of its own."""

    n_cleared = 0

    def zero_grad(self, set_to_none: bool = True) -> None:
        self.n_cleared += 1
        super().zero_grad(set_to_none)


def with_gradient(n: int) -> list[Parameter]:
    made = [Parameter(torch.ones(2)) for _ in range(n)]
    for each in made:
        each.grad = torch.ones(2)
    return made


def gradients(parameters: list[Parameter]) -> list[Tensor | None]:
    return [each.grad for each in parameters]


def test_those_of_every_group_go_also_of_one_that_was_added_later() -> None:
    first, second, third = with_gradient(1), with_gradient(1), with_gradient(1)
    optimizer = optim.Adam(first, lr=0.1)
    optimizer.add_param_group({"params": second})
    clear = clearing(optimizer)
    clear()
    assert gradients(first + second) == [None, None]
    optimizer.add_param_group({"params": third})
    clear()
    assert gradients(third) == [None]


def test_one_of_another_class_is_called() -> None:
    parameters = with_gradient(2)
    optimizer = Counting(parameters, lr=0.1)
    clearing(optimizer)()
    assert optimizer.n_cleared == 1
    assert gradients(parameters) == [None, None]


def test_one_that_was_put_into_the_object_is_called() -> None:
    called: list[bool] = []
    optimizer = optim.SGD(nn.Linear(1, 1).parameters(), lr=0.1)
    vars(optimizer)["zero_grad"] = lambda: called.append(True)
    clearing(optimizer)()
    assert called == [True]
