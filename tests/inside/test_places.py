"""Which modules and parameters are meant, and what is said where none is."""

import re
from collections.abc import Callable

import pytest
from torch import Tensor, nn

from artifact_torch import ConfigurationError
from artifact_torch.inside.places import Where, modules_at, parameters_at
from tests.inside.nets import net


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(2, 2)
        self.act = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        activated: Tensor = self.act(self.linear(x))
        return activated


class Deep(nn.Module):
    """Blocks, of which the last one stands under a second name."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList([Block(), Block()])
        self.last = self.blocks[1]
        self.head = nn.Linear(2, 1)

    def forward(self, x: Tensor) -> Tensor:
        predicted: Tensor = self.head(self.last(self.blocks[0](x)))
        return predicted


DEEP = Deep()
LEAVES = ["blocks.0.linear", "blocks.0.act", "blocks.1.linear", "blocks.1.act", "head"]


@pytest.mark.parametrize(
    ("at", "names"),
    [
        (None, LEAVES),
        (DEEP.head, ["head"]),
        ([DEEP.head, DEEP.blocks[0]], ["blocks.0", "head"]),
        (nn.Linear, ["blocks.0.linear", "blocks.1.linear", "head"]),
        ("blocks.*.act", ["blocks.0.act", "blocks.1.act"]),
        ("*linear", ["blocks.0.linear", "blocks.1.linear"]),
        ("head", ["head"]),
        ("blocks.[1]", ["blocks.1"]),
        (
            [Block, "head", nn.ReLU],
            ["blocks.0", "blocks.0.act", "blocks.1", "blocks.1.act", "head"],
        ),
        ("last.*", ["blocks.1.linear", "blocks.1.act"]),  # by its second name
        (DEEP, ["Deep"]),
        (Deep, ["Deep"]),
    ],
)
def test_modules_are_those_that_are_meant_by_their_first_names(
    at: Where | list[Where] | None, names: list[str]
) -> None:
    found = modules_at(DEEP, at, "watch")
    assert list(found) == names
    assert found == {name: DEEP if name == "Deep" else DEEP.get_submodule(name) for name in names}


@pytest.mark.parametrize(
    ("at", "names"),
    [
        (None, ["encoder.0.weight", "encoder.0.bias", "head.weight", "head.bias"]),
        ("*.weight", ["encoder.0.weight", "head.weight"]),
        ("encoder", ["encoder.0.weight", "encoder.0.bias"]),
        (
            [nn.Linear, "head.bias"],
            ["encoder.0.weight", "encoder.0.bias", "head.weight", "head.bias"],
        ),
        ("head.bias", ["head.bias"]),
    ],
)
def test_parameters_are_those_of_modules_or_of_their_own_names(
    at: Where | list[Where] | None, names: list[str]
) -> None:
    model = net()
    found = parameters_at(model, at, "watch")
    assert list(found) == names
    assert all(found[name] is model.get_parameter(name) for name in names)


def test_a_model_without_parts_is_its_own_place() -> None:
    linear = nn.Linear(2, 2)
    assert modules_at(linear, None, "watch") == {"Linear": linear}
    assert [*parameters_at(linear, None, "watch")] == ["weight", "bias"]


def refusal(at: Where | list[Where], model: nn.Module, *, parameters: bool = False) -> str:
    with pytest.raises(ConfigurationError) as raised:
        (parameters_at if parameters else modules_at)(model, at, 'Watch "x"')
    return str(raised.value)


def test_what_matches_nothing_is_told_with_what_is_there_all_in_one_error() -> None:
    assert refusal(["hed", "encodr.*", nn.Conv2d, nn.Linear(8, 1)], net()) == (
        'Watch "x": at: got "hed", which matches no name in Net: encoder, encoder.0, encoder.1, '
        "encoder.2, head; did you mean head?\n"
        'Watch "x": at: got "encodr.*", which matches no name in Net: encoder, encoder.0, '
        "encoder.1, encoder.2, head\n"
        'Watch "x": at: got the class Conv2d, of which Net has no module; there are Net, '
        "Sequential, Linear, ReLU, Dropout\n"
        'Watch "x": at: got a Linear that is no part of this Net; give the object that is in it, '
        "such as model.encoder"
    )


def test_what_is_no_place_at_all_is_told() -> None:
    refused: Callable[..., str] = refusal
    assert "got 3, expected a module, a class of modules, or a name" in refused(3, net())
    assert "at is empty; leave it out to look everywhere" in refusal([], net())
    assert re.search(
        r"got the class ReLU, which has no param", refusal(nn.ReLU, net(), parameters=True)
    )
    assert "did you mean head.bias?" in refusal("head.bais", net(), parameters=True)


def test_many_names_are_not_all_listed() -> None:
    many = nn.Sequential(*(nn.Linear(1, 1) for _ in range(20)))
    assert "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 8 more" in refusal("head", many)
