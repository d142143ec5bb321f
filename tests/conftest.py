"""Tests compute on the CPU, also on a machine with an accelerator, but for those marked `gpu`."""

import pytest
import torch


def _none(check_available: bool = False) -> None:
    return None


@pytest.fixture(autouse=True)
def _device(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """`device="auto"` is the CPU; a test marked `gpu` is skipped where there is none."""
    if request.node.get_closest_marker("gpu") is None:
        monkeypatch.setattr(torch.accelerator, "current_accelerator", _none)
    elif not torch.cuda.is_available():
        pytest.skip("needs a GPU")
