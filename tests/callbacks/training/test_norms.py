"""Norms against a sum of squares by hand."""

import math

import pytest
import torch
from torch import Tensor, nn

from artifact_torch import GradientNorm, ParameterNorm
from artifact_torch.contracts import AnyStep, Failure, Result, ResultKind
from artifact_torch.errors import ConfigurationError
from tests.callbacks.steps import Still, Telling, at
from tests.toys import seeded_regression


def value(callback: GradientNorm | ParameterNorm, step: AnyStep) -> float:
    match callback.on_moment(step, at()):
        case [Result(ResultKind.SCORE, name, float(norm))]:
            assert callback.result_names == ((ResultKind.SCORE, name),)
            return norm
        case other:
            raise AssertionError(other)


def by_hand(tensors: list[Tensor]) -> float:
    """In double precision, value by value."""
    return math.sqrt(sum(float(x) ** 2 for each in tensors for x in each.detach().flatten()))


class Given(nn.Module):
    """Parameters that are named by the test."""

    def __init__(self, *values: Tensor) -> None:
        super().__init__()
        self.values = nn.ParameterList(values)


def with_gradients(*gradients: Tensor) -> Given:
    model = Given(*(torch.zeros_like(each) for each in gradients))
    for parameter, gradient in zip(model.parameters(), gradients, strict=True):
        parameter.grad = gradient
    return model


def test_three_and_four_and_twelve_are_thirteen() -> None:
    step = Still(with_gradients(torch.tensor([3.0, 4.0]), torch.tensor([[12.0]])))
    assert value(GradientNorm(), step) == 13.0
    step = Still(Given(torch.tensor([3.0, 4.0]), torch.tensor([[12.0]])))
    assert value(ParameterNorm(), step) == 13.0


def test_of_a_whole_model() -> None:
    model = seeded_regression()
    loss: Tensor = model.layers(torch.ones(4, 3)).square().sum()
    torch.autograd.backward(loss)
    parameters = list(model.parameters())
    gradients = [p.grad for p in parameters if p.grad is not None]
    assert value(ParameterNorm(), Still(model)) == pytest.approx(by_hand([*parameters]), rel=1e-6)
    assert value(GradientNorm(), Still(model)) == pytest.approx(by_hand(gradients), rel=1e-6)


def test_a_step_that_clips_tells_the_norm_before() -> None:
    model = with_gradients(torch.tensor([1.0]))
    assert value(GradientNorm(), Telling(model, {}, torch.tensor(7.0))) == 7.0
    assert value(GradientNorm(), Telling(model, {}, None)) == 1.0


def test_sixteen_bits_neither_overflow_nor_round() -> None:
    large = torch.full((4,), 60_000.0, dtype=torch.float16)  # the norm is above 65504
    assert value(GradientNorm(), Still(with_gradients(large))) == 120_000.0
    ones = torch.ones(1001, dtype=torch.bfloat16)
    norm = value(ParameterNorm(), Still(Given(ones, torch.ones(1))))
    assert norm == pytest.approx(math.sqrt(1002), rel=1e-6)


def test_types_mix() -> None:
    model = Given(torch.tensor([3.0], dtype=torch.float64), torch.tensor([4.0 + 0.0j]))
    assert value(ParameterNorm(), Still(model)) == 5.0


def test_a_row_of_a_sparse_gradient_that_occurs_twice_counts_as_the_sum() -> None:
    table = nn.Embedding(3, 1, sparse=True)
    looked_up: Tensor = table(torch.tensor([0, 0, 2])).flatten()
    torch.autograd.backward((looked_up * torch.tensor([1.0, 2.0, 4.0])).sum())
    assert table.weight.grad is not None
    assert table.weight.grad.is_sparse
    assert value(GradientNorm(), Still(table)) == 5.0


def test_only_what_is_trained_counts() -> None:
    model = Given(torch.tensor([3.0]), torch.tensor([-math.inf]))
    model.values[1].requires_grad_(requires_grad=False)
    assert value(ParameterNorm(), Still(model)) == 3.0


def test_no_gradient_is_a_failure_but_not_before_the_first_update() -> None:
    step = Still(Given(torch.zeros(1)))
    match GradientNorm().on_moment(step, at()):
        case [Failure(ResultKind.SCORE, "gradient_norm", reason)]:
            assert "no parameter has a gradient after the update" in reason
        case other:
            raise AssertionError(other)
    assert GradientNorm().on_moment(step, at(step=0, is_rehearsal=True)) == []


def test_nothing_that_is_trained_is_a_failure() -> None:
    model = Given(torch.zeros(1)).requires_grad_(requires_grad=False)
    match ParameterNorm().on_moment(Still(model), at()):
        case [Failure(ResultKind.SCORE, "parameter_norm", reason)]:
            assert reason == "every parameter of the model is frozen"
        case other:
            raise AssertionError(other)


def test_looking_changes_nothing() -> None:
    model = with_gradients(torch.tensor([3.0, 4.0]))
    value(GradientNorm(), Still(model))
    value(ParameterNorm(), Still(model))
    (parameter,) = model.parameters()
    assert parameter.grad is not None
    assert torch.equal(parameter.grad, torch.tensor([3.0, 4.0]))
    assert torch.equal(parameter, torch.zeros(2))


@pytest.mark.parametrize("made", [GradientNorm, ParameterNorm])
def test_a_cadence_is_at_least_one(made: type[GradientNorm | ParameterNorm]) -> None:
    with pytest.raises(ConfigurationError, match=f"{made.__name__}: every must be at least 1"):
        made(every=0)
