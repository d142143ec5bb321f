"""Shapes against jaxtyping itself, and the messages it does not give."""

from typing import Any, NotRequired

import jaxtyping
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from jaxtyping import Float, Int
from torch import Tensor
from typing_extensions import TypedDict

from artifact_torch.checking import Dimensions, ValueChecker
from artifact_torch.checking.values.dimensions import Shape


class Batch(TypedDict):
    x: Float[Tensor, "batch features"]
    y: Int[Tensor, "batch"]
    z: NotRequired[Float[Tensor, "batch features+1"]]
    many: NotRequired[Float[Tensor, "... features"] | None]
    one: NotRequired[Float[Tensor, ""]]


class Output(TypedDict):
    loss: Float[Tensor, ""]
    mu: Float[Tensor, "batch latent"]


def batch() -> dict[str, Tensor]:
    return {"x": torch.zeros(4, 3), "y": torch.zeros(4, dtype=torch.int64)}


def said(key: str, value: object) -> list[str]:
    return [str(v) for v in ValueChecker(Batch).check({**batch(), key: value}, "batch")]


def test_fitting_shapes() -> None:
    for key, value in (
        ("z", torch.zeros(4, 4)),
        ("many", torch.zeros(7, 7, 3)),
        ("many", None),
        ("one", torch.tensor(1.0)),
        ("x", torch.zeros(4, 3, dtype=torch.float64)),
    ):
        assert said(key, value) == []


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        (
            "y",
            torch.zeros(5, dtype=torch.int64),
            (
                'batch["y"]: has the shape [5], but "batch" is asked for: batch is 5 here and 4 in '
                'batch["x"] [shape]'
            ),
        ),
        (
            "y",
            torch.zeros(4),
            "batch[\"y\"]: is a float32 tensor of shape [4], must be Int[Tensor, 'batch'] [dtype]",
        ),
        (
            "x",
            torch.zeros(4),
            'batch["x"]: has the shape [4], but "batch features" has 2 dimensions, not 1 [shape]',
        ),
        (
            "z",
            torch.zeros(4, 3),
            (
                'batch["z"]: has the shape [4, 3], but "batch features+1" is asked for: 3 instead of '
                "features+1 = 4 [shape]"
            ),
        ),
        (
            "many",
            torch.zeros(7, 7, 4),
            (
                'batch["many"]: has the shape [7, 7, 4], but "... features" is asked for: features is '
                '4 here and 3 in batch["x"] [shape]'
            ),
        ),
        (
            "many",
            torch.tensor(1.0),
            (
                'batch["many"]: has the shape [], but "... features" has 1 or more dimensions, not 0 '
                "[shape]"
            ),
        ),
        (
            "x",
            [1],
            "batch[\"x\"]: is a list, must be Float[Tensor, 'batch features']; torch.as_tensor makes one [value-type]",
        ),
    ],
)
def test_messages(key: str, value: object, expected: str) -> None:
    assert said(key, value) == [expected]


def test_input_and_output_of_a_step_share_names() -> None:
    sizes: Dimensions = {}
    assert ValueChecker(Batch).check(batch(), "batch", sizes) == []
    assert sizes == {"batch": (4, 'batch["x"]'), "features": (3, 'batch["x"]')}
    checker = ValueChecker(Output)
    loss = torch.tensor(0.0)
    assert checker.check({"loss": loss, "mu": torch.zeros(4, 2)}, "output", dict(sizes)) == []
    assert [
        str(v) for v in checker.check({"loss": loss, "mu": torch.zeros(5, 2)}, "output", sizes)
    ] == [
        (
            'output["mu"]: has the shape [5, 2], but "batch latent" is asked for: batch is 5 here and '
            '4 in batch["x"] [shape]'
        )
    ]
    assert set(sizes) == {"batch", "features"}  # nothing is learnt from what does not fit


WORDS = ["a", "b", "2", "3", "_", "_a", "#a", "#2", "a+1", "2*a-1", "name=2"]
SHAPES = st.lists(st.integers(1, 4), max_size=4).map(tuple)


@st.composite
def annotations(draw: st.DrawFn) -> str:
    words = draw(st.lists(st.sampled_from(WORDS), max_size=3))
    variadic = draw(st.sampled_from(["", "...", "*many", "*_"]))
    words.insert(draw(st.integers(0, len(words))), variadic)
    # a name may be used in an expression only after it has been bound: jaxtyping raises
    return " ".join(["a", *(word for word in words if word)])


@given(first=annotations(), second=annotations(), one=SHAPES, other=SHAPES)
def test_the_verdict_is_that_of_jaxtyping(
    first: str, second: str, one: tuple[int, ...], other: tuple[int, ...]
) -> None:
    # Any: to a checker, a shape made at run time is no class
    of_shape: Any = Float
    with vars(jaxtyping)["jaxtyped"]("context"):
        expected = isinstance(torch.zeros(one), of_shape[Tensor, first]) and isinstance(
            torch.zeros(other), of_shape[Tensor, second]
        )
    sizes: Dimensions = {}
    problem = Shape(first).problem(one, "one", sizes) or Shape(second).problem(
        other, "other", sizes
    )
    assert (problem is None) == expected
