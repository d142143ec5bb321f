"""What of a step is to be compiled, said in one word or with torch's options."""

import logging
from collections.abc import Callable

import pytest
import torch
from torch import optim

from artifact_torch import Compile, ConfigurationError, OptimizerStep
from artifact_torch.stepping.compiling.options import captures, resolved
from tests.toys import seeded_regression

CPU, CUDA = torch.device("cpu"), torch.device("cuda")


def untyped(make: Callable[..., object], **named: object) -> object:
    return make(**named)


@pytest.mark.parametrize(
    ("named", "problem"),
    [
        ({"of": "update"}, 'Compile: of must be "model" or "step", got \'update\''),
        ({"backend": ""}, "Compile: backend must be a non-empty str, got ''"),
        ({"fullgraph": 1}, "Compile: fullgraph must be True or False, got 1"),
        ({"dynamic": "auto"}, "Compile: dynamic must be True or False, got 'auto'"),
        ({"mode": 3}, "Compile: mode must be a non-empty str, got 3"),
        ({"options": ["x"]}, "Compile: options must be a dict of torch's, got a list"),
        (
            {"mode": "default", "options": {"max_autotune": True}},
            "Compile: mode and options are one or the other: a mode is some options",
        ),
    ],
)
def test_an_option_that_cannot_be_one_is_named(named: dict[str, object], problem: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        untyped(Compile, **named)
    assert str(refused.value) == problem


@pytest.mark.parametrize("given", [True, False, "max-autotune", {"backend": "eager"}])
def test_a_step_takes_a_word_or_a_compile(given: object) -> None:
    with pytest.raises(ConfigurationError, match='compile must be "model", "step", Compile'):
        untyped(OptimizerStep, model=seeded_regression(), optimizer=optim.SGD, compile=given)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (Compile(backend="of nobody"), "Invalid backend: 'of nobody'"),
        (Compile(mode="of nobody"), "Unrecognized mode=of nobody, should be one of: default"),
        (Compile(options={"of nobody": 1}), "Unexpected optimization option of nobody"),
    ],
)
def test_what_torch_does_not_have_is_refused_when_the_step_is_made(
    options: Compile, said: str
) -> None:
    with pytest.raises(ConfigurationError, match=f"compile: torch refuses its options: {said}"):
        OptimizerStep(seeded_regression(), optimizer=optim.SGD, compile=options)


def test_a_word_is_torchs_own_options_and_nothing_is_captured_on_the_cpu() -> None:
    assert resolved(None, CPU) is None
    assert resolved("model", CUDA) == resolved("model", CPU) == Compile()
    assert resolved("step", CPU) == Compile(of="step")
    assert not captures(Compile(of="step", mode="reduce-overhead"), CPU)


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("step", Compile(of="step", mode="reduce-overhead")),
        (
            Compile(of="step", options={"max_autotune": True}),
            Compile(of="step", options={"triton.cudagraphs": True, "max_autotune": True}),
        ),
        (Compile(of="step", mode="max-autotune"), Compile(of="step", mode="max-autotune")),
        (Compile(of="step", backend="cudagraphs"), Compile(of="step", backend="cudagraphs")),
        (Compile(mode="reduce-overhead"), Compile(mode="reduce-overhead")),
    ],
)
def test_on_cuda_a_step_is_captured_and_whoever_asks_for_it(given: Compile, used: Compile) -> None:
    assert resolved(given, CUDA) == used
    assert captures(used, CUDA)


@pytest.mark.parametrize(
    "given",
    [
        Compile(of="step", mode="default"),
        Compile(of="step", backend="aot_eager"),
        Compile(of="step", options={"triton.cudagraphs": False}),
        Compile(),
    ],
)
def test_another_mode_or_backend_is_used_as_it_is(given: Compile) -> None:
    assert resolved(given, CUDA) == given
    assert not captures(given, CUDA)


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("step", Compile(of="step")),
        (Compile(mode="max-autotune"), Compile(mode="max-autotune-no-cudagraphs")),
        (Compile(backend="cudagraphs"), Compile(backend="aot_eager")),
        (
            Compile(of="step", options={"max_autotune": True}),
            Compile(of="step", options={"triton.cudagraphs": False, "max_autotune": True}),
        ),
    ],
)
def test_a_step_that_cannot_capture_says_why_and_is_compiled(
    given: Compile, used: Compile, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert resolved(given, CUDA, why_not="of its kind; do another thing") == used
    assert caplog.messages == [
        "compile: the step is compiled, but not captured: of its kind; do another thing"
    ]
    assert not captures(used, CUDA)


def test_where_nothing_would_be_captured_nothing_is_said(caplog: pytest.LogCaptureFixture) -> None:
    resolved("model", CUDA, why_not="of its kind")
    resolved("step", CPU, why_not="of its kind")
    assert not caplog.messages
