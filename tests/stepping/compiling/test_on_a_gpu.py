"""A captured step on a GPU: as the plain one to the last digits, whatever comes between two updates."""

from functools import partial
from typing import Final

import pytest
import torch
from torch import Tensor, nn, optim

from artifact_torch import Compile, OptimizerStep
from artifact_torch.data import to_device
from tests.toys import Fit, Points, points

pytestmark = pytest.mark.gpu

CAPTURED: Final = Compile(of="step", backend="cudagraphs")
FUSED: Final = partial(optim.AdamW, lr=0.01, fused=True)
GPU: Final = torch.device("cuda")


class Normed(nn.Module):
    """With statistics that a forward pass moves."""

    def __init__(self) -> None:
        super().__init__()
        torch.default_generator.manual_seed(0)
        # no bias before a norm: its gradient is rounding alone, which Adam makes as large as any
        self.layers = nn.Sequential(
            nn.Linear(3, 8, bias=False), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 1)
        )

    def forward(self, points: Points) -> Fit:
        out: Tensor = self.layers(points["x"])
        residual = out.squeeze(1) - points["y"]
        return Fit(loss=residual.square().mean(), residual=residual)


def batch(n_rows: int, seed: int) -> Points:
    return to_device(points(n_rows, seed), GPU)


def ours(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.name.startswith("artifact_torch.stepping")]


def updated(how: Compile | None, *, accumulate: int = 1) -> tuple[nn.Module, list[Tensor]]:
    """Three epochs with a short last batch, each followed by validation; all outputs."""
    step = OptimizerStep(
        Normed(), optimizer=FUSED, compile=how, accumulate=accumulate, clip_norm=0.5, device=GPU
    )
    kept: list[Tensor] = []
    for epoch in range(3):
        step.model.train()
        sizes = [8, 8, 8, 8, 8, 4]
        kept += [step.update(batch(n, seed))["residual"] for seed, n in enumerate(sizes)]
        step.end_epoch()
        step.model.eval()
        with torch.no_grad():
            kept += [step.evaluate(batch(8, seed + epoch))["residual"] for seed in range(2)]
    return step.model, kept


@pytest.mark.parametrize("how", [CAPTURED, Compile(of="step")])
def test_a_captured_step_is_the_plain_one_to_the_last_digits(
    how: Compile, caplog: pytest.LogCaptureFixture
) -> None:
    model, outputs = updated(how)
    plain, expected = updated(None)
    assert not ours(caplog)
    torch.testing.assert_close(outputs, expected, rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(model.state_dict(), plain.state_dict(), rtol=1e-3, atol=1e-4)


def test_where_gradients_accumulate_it_is_not_captured_and_right(
    caplog: pytest.LogCaptureFixture,
) -> None:
    model, _ = updated(CAPTURED, accumulate=3)
    plain, _ = updated(None, accumulate=3)
    (said,) = ours(caplog)
    assert said.startswith("compile: the step is compiled, but not captured: with accumulate=")
    torch.testing.assert_close(model.state_dict(), plain.state_dict(), rtol=1e-3, atol=1e-4)


def test_a_batch_that_is_not_finite_takes_back_the_statistics_of_norms() -> None:
    step = OptimizerStep(Normed(), optimizer=FUSED, compile=CAPTURED, nonfinite="skip", device=GPU)
    for seed in range(4):
        step.update(batch(8, seed))
    before = {name: value.clone() for name, value in step.model.state_dict().items()}
    bad = batch(8, 9)
    bad["x"][0, 0] = float("nan")
    step.update(bad)
    torch.testing.assert_close(step.model.state_dict(), before, rtol=0, atol=0)
    assert step.n_skipped == 1
