"""How processes share a model, refused where it is built."""

from collections.abc import Callable

import pytest
import torch
from torch import nn

from artifact_torch import ConfigurationError, OptimizerStep, Parallel
from tests.toys import Regression


def untyped(make: Callable[..., object], *given: object, **named: object) -> object:
    """What a checker would refuse as well."""
    return make(*given, **named)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"by": "zero"}, ['Parallel: by must be "ddp" or "fsdp", got \'zero\'']),
        ({"by": "ddp", "timeout_s": 0}, ["timeout_s must be at least 1, got 0"]),
        (
            {
                "by": "ddp",
                "blocks": [nn.Linear],
                "compute": torch.bfloat16,
                "holds_gradients": False,
            },
            [
                'Parallel: blocks= is for by="fsdp"',
                'Parallel: compute= is for by="fsdp"',
                'Parallel: holds_gradients= is for by="fsdp"',
            ],
        ),
        ({"by": "fsdp", "unused": True}, ['unused= is for by="ddp"']),
        (
            {"by": "fsdp", "compute": torch.int64, "reduce": "bfloat16"},
            ["compute must be a floating point dtype", "reduce must be a floating point dtype"],
        ),
        ({"by": "fsdp", "blocks": ["Linear"]}, ["blocks must be a list of module classes"]),
        ({"by": "fsdp", "blocks": nn.Linear}, ["blocks must be a list of module classes"]),
    ],
)
def test_all_that_is_wrong_is_in_one_error(options: dict[str, object], expected: list[str]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        untyped(Parallel, **options)
    lines = str(caught.value).splitlines()
    assert len(lines) == len(expected)
    for line, part in zip(lines, expected, strict=True):
        assert part in line


def test_a_step_refuses_what_is_no_plan() -> None:
    with pytest.raises(ConfigurationError, match='parallel must be "ddp", "fsdp", Parallel'):
        untyped(OptimizerStep, Regression(), optimizer=torch.optim.SGD, parallel="dp")
    with pytest.raises(ConfigurationError, match='strategy= is parallel="ddp" here'):
        untyped(OptimizerStep, Regression(), optimizer=torch.optim.SGD, strategy="ddp")
