"""What torch does with hooks where a model is compiled, and what is said about it."""

from collections.abc import Mapping

import pytest
import torch
from torch import Tensor, nn

from artifact_torch import ConfigurationError, ParameterGradients, WatchActivations, WatchGradients
from artifact_torch.contracts import Failure, Result
from artifact_torch.inside import Norm, each
from artifact_torch.internal.narrowing import is_mapping
from tests.compiled import COMPILES
from tests.inside.nets import at, backward, batch_of, data, n_hooks, updated_step

pytestmark = COMPILES


class Layer(nn.Module):
    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.linear = nn.Linear(n_in, n_out)

    def forward(self, x: Tensor) -> Tensor:
        activated: Tensor = self.linear(x).tanh()
        return activated


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = Layer(3, 4)
        self.second = Layer(4, 1)

    def forward(self, x: Tensor) -> Tensor:
        loss: Tensor = self.second(self.first(x)).square().mean()
        return loss


def wrapped(module: nn.Module) -> nn.Module:
    compiled: object = vars(torch)["compile"](module, backend="eager")
    assert isinstance(compiled, nn.Module)
    return compiled


def compile_in_place(module: nn.Module) -> None:
    vars(nn.Module)["compile"](module, backend="eager")


def with_first_compiled(*, wraps: bool) -> Net:
    torch.default_generator.manual_seed(0)
    model = Net()
    if wraps:
        model.add_module("first", wrapped(model.first))
    else:
        compile_in_place(model.first)
    return model


def norms(
    model: nn.Module,
    watched: WatchActivations[Mapping[str, float]] | WatchGradients[Mapping[str, float]],
) -> object:
    """What is seen in three calls that are due, each followed by one that is not."""
    seen: list[object] = []
    for number in (1, 2, 3):
        for is_due in (True, False):
            x = batch_of(number)["x"]
            if is_due:
                with watched.watching():
                    backward(model(x))
                seen += [
                    each.value if isinstance(each, Result) else each.reason
                    for each in data(watched.on_moment(updated_step(), at(number)))
                ]
            else:
                backward(model(x))
            assert n_hooks(model) == 0
    return seen


def plain(names: list[str]) -> tuple[object, object]:
    torch.default_generator.manual_seed(0)
    model = Net()
    return (
        norms(model, WatchActivations("x", each(Norm), model, at=names)),
        norms(model, WatchGradients("x", each(Norm), model, at=names)),
    )


@pytest.mark.parametrize("wraps", [False, True])
def test_the_output_of_a_compiled_part_is_seen(wraps: bool) -> None:
    model = with_first_compiled(wraps=wraps)
    names = ["first", "second", "second.linear"]
    activations = WatchActivations("x", each(Norm), model, at=[model.first, "second*"])
    gradients = WatchGradients("x", each(Norm), model, at=names)
    assert (norms(model, activations), norms(model, gradients)) == plain(names)


@pytest.mark.parametrize("wraps", [False, True])
def test_inside_a_compiled_part_nothing_is_seen_and_that_is_refused(wraps: bool) -> None:
    model = with_first_compiled(wraps=wraps)
    with pytest.raises(
        ConfigurationError,
        match=r"nothing can be seen at first.linear: first is compiled, and inside it .* look at first",
    ):
        WatchActivations("x", Norm, model, at=nn.Linear)
    names = ["first.linear.weight", "first.linear.bias"]
    backward(model(batch_of(1)["x"]))
    watch = ParameterGradients("x", each(Norm), model, at="first")
    (found,) = data(watch.on_moment(updated_step(), at(1)))
    assert isinstance(found, Result)
    assert is_mapping(found.value)
    assert list(found.value) == names


def test_a_model_that_is_compiled_later_is_told_as_a_failure() -> None:
    model = Net()
    watch = WatchActivations("x", Norm, model, at=["second", model])
    compile_in_place(model)
    with watch.watching():
        model(batch_of(1)["x"])
    (found,) = data(watch.on_moment(updated_step(), at(1)))
    assert isinstance(found, Failure)
    assert found.reason.startswith("nothing can be seen at second: Net is compiled")


def test_a_wrapper_around_the_model_is_told_as_a_failure() -> None:
    model = Net()
    watch = WatchActivations("x", Norm, model, at="second")
    compiled = wrapped(model)
    compiled(batch_of(1)["x"])
    with watch.watching():
        compiled(batch_of(1)["x"])
    (found,) = data(watch.on_moment(updated_step(), at(1)))
    assert isinstance(found, Failure)
    assert "saw nothing" in found.reason
    assert "torch.compile(model)" in found.reason
    whole = WatchActivations("x", each(Norm), compiled, at=compiled)
    with whole.watching():
        compiled(batch_of(1)["x"])
    (found,) = data(whole.on_moment(updated_step(), at(1)))
    assert isinstance(found, Result)
