"""The compiled pass: what it gives stays valid, and what torch leaves out of it is told."""

import logging
from dataclasses import dataclass
from functools import partial
from typing import TypedDict

import pytest
import torch
from torch import Tensor, nn, optim
from torch.autograd import backward

from artifact_torch import Compile, OptimizerStep
from artifact_torch.stepping.compiling.forward import CompiledForward
from tests.compiled import COMPILES
from tests.toys import Fit, Points, points

SGD = partial(optim.SGD, lr=0.1)

pytestmark = COMPILES


@dataclass(frozen=True)
class Halves:
    low: Tensor
    high: Tensor
    name: str


class Output(TypedDict):
    loss: Tensor
    parts: tuple[Tensor, Halves]
    note: str


class Replayed:
    """As a CUDA graph does it: every call writes its output into the same memory."""

    def __init__(self, weight: Tensor) -> None:
        self.weight = weight
        self.memory = torch.zeros(3)
        self.loss = torch.zeros(())

    def __call__(self, batch: Points) -> Output:
        with torch.no_grad():
            self.memory.copy_(batch["x"][0])
            self.loss.copy_(batch["x"].sum())
        loss = self.weight * self.loss
        return Output(
            loss=loss, parts=(self.memory, Halves(self.memory[:1], self.memory[1:], "x")), note="n"
        )


def numbered(n: int) -> Points:
    """One row of three times `n`."""
    return Points(x=torch.full((1, 3), float(n)), y=torch.zeros(1))


def test_an_output_that_was_captured_stays_what_it_was() -> None:
    weight = torch.tensor(2.0, requires_grad=True)
    forward = CompiledForward(Replayed(weight), is_captured=True)
    kept = [forward(numbered(n)) for n in range(6)]
    for n, each in enumerate(kept):
        whole, halves = each["parts"]
        assert torch.equal(whole, torch.full((3,), float(n)))
        assert torch.equal(halves.high, torch.full((2,), float(n)))
        assert torch.equal(halves.low, torch.full((1,), float(n)))
    assert {(type(each["parts"][1]), each["parts"][1].name, each["note"]) for each in kept} == {
        (Halves, "x", "n")
    }
    backward(kept[-1]["loss"])
    assert weight.grad is not None
    assert weight.grad.item() == 15.0


def test_what_is_not_captured_is_not_copied() -> None:
    replayed = Replayed(torch.tensor(2.0))
    forward = CompiledForward(replayed, is_captured=False)
    kept = [forward(numbered(n)) for n in range(6)]
    assert all(each["parts"][0] is replayed.memory for each in kept)


class Silent(nn.Module):
    """One layer, which compiles as one."""

    def __init__(self) -> None:
        super().__init__()
        torch.default_generator.manual_seed(0)
        self.layer = nn.Linear(3, 1)

    def forward(self, points: Points) -> Fit:
        hidden: Tensor = self.layer(points["x"])
        self.look(hidden)
        out = hidden.squeeze(1) - points["y"]
        return Fit(loss=out.square().mean(), residual=out)

    def look(self, hidden: Tensor) -> None:
        return


class Talking(Silent):
    """With something in its pass that no compiler can take along."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[float] = []

    def look(self, hidden: Tensor) -> None:
        self.seen.append(hidden.mean().item())


def warned(caplog: pytest.LogCaptureFixture) -> list[str]:
    ours = "artifact_torch.stepping"
    return [each.getMessage() for each in caplog.records if each.name.startswith(ours)]


def test_a_model_that_is_compiled_in_pieces_is_told_once_by_what_breaks_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    step = OptimizerStep(Talking(), optimizer=SGD, compile=Compile(backend="aot_eager"))
    with caplog.at_level(logging.WARNING):
        for _ in range(7):
            step.update(points(4))
            step.evaluate(points(4))
    (said,) = warned(caplog)
    assert said.startswith("compile: the model is compiled in pieces")
    assert "Tensor.item()" in said
    assert "Compile(fullgraph=True) raises at the line" in said


def test_nothing_is_told_of_a_model_that_is_compiled_as_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    step = OptimizerStep(
        Silent(), optimizer=SGD, compile=Compile(of="step", backend="aot_eager", fullgraph=True)
    )
    with caplog.at_level(logging.WARNING):
        for _ in range(7):
            step.update(points(4))
            step.evaluate(points(4))
    assert not warned(caplog)


def test_what_torch_does_not_capture_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """Asked to capture on the CPU, torch declines, says so in its log, and computes it anyway."""
    step = OptimizerStep(Silent(), optimizer=SGD, compile=Compile(backend="cudagraphs"))
    with caplog.at_level(logging.WARNING):
        for _ in range(7):
            step.update(points(4))
    (said,) = warned(caplog)
    assert said.startswith("compile: compiled, but not captured: 1 of its graphs, for the reasons")
    reasons = [m for m in caplog.messages if m.startswith("skipping cudagraphs due to")]
    assert any("cpu device" in each for each in reasons)


def test_a_model_that_cannot_be_compiled_has_the_remedy() -> None:
    def without_compiler(graph: object, inputs: object) -> object:
        raise ValueError("no C++ compiler")

    step = OptimizerStep(Silent(), optimizer=SGD, compile=Compile(backend=without_compiler))
    with pytest.raises(RuntimeError, match="no C\\+\\+ compiler") as raised:
        step.update(points(4))
    (note,) = [each for each in raised.value.__notes__ if each.startswith("compile:")]
    assert "compile=None computes it as it is written" in note


def test_an_error_of_the_models_own_has_no_such_note() -> None:
    class Wrong(Silent):
        def forward(self, points: Points) -> Fit:
            raise ValueError("of its own")

    step = OptimizerStep(Wrong(), optimizer=SGD, compile=Compile(backend="eager"))
    with pytest.raises(ValueError, match="of its own") as raised:
        step.update(points(4))
    assert not any("compile:" in each for each in getattr(raised.value, "__notes__", []))
