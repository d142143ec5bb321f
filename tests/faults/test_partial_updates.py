"""Runs in which some weights, or some updates, do not count."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest
import torch
from torch import optim

from artifact_torch import FolderCheckpointer, OptimizerStep, Trainer
from artifact_torch.contracts import RunHook, RunState
from artifact_torch.internal.narrowing import is_state_dict
from tests.faults.test_numbers import SGD, Line
from tests.faults.trainers import short
from tests.toys import Fit, Points, same_weights, seeded_regression


def test_what_is_frozen_in_part_stays_as_it_was(tmp_path: Path) -> None:
    """And is saved and gone on from like all else."""

    def made() -> Trainer[Points, Fit]:
        model = seeded_regression()
        model.layers[0].requires_grad_(requires_grad=False)
        step = OptimizerStep(model, optimizer=partial(optim.Adam, lr=0.1), device="cpu")
        return short(tmp_path, step=step, hooks=[Once()])

    class Once:
        def on_epoch_end(self, state: RunState) -> None:
            if state.n_epochs_elapsed == 1:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        made().train()
    result, before = made().train(), seeded_regression().state_dict()
    moved = {
        name
        for name, value in result.last_weights.items()
        if not same_weights({"": value}, {"": before[name]})
    }
    assert moved == {"layers.3.weight", "layers.3.bias"}
    assert result.n_steps == 6


def test_under_a_scaler_an_infinite_gradient_ends_no_run_and_the_scale_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Left out, counted and told; the scale, halved, is saved: a run that goes on ends the same.
    With the scale that torch begins with, the first two overflow anyhow.
    """

    def made(
        folder: Path, hooks: Sequence[RunHook] = (), bad: float = 1e30
    ) -> Trainer[Points, Fit]:
        step = OptimizerStep(
            Line(bad=bad, at=3), optimizer=SGD, autocast=torch.float16, device="cpu"
        )
        return short(folder, step=step, hooks=hooks)

    class Leaves:
        def on_epoch_end(self, state: RunState) -> None:
            if state.n_epochs_elapsed == 2:
                raise KeyboardInterrupt

    caplog.set_level("INFO")
    made(tmp_path / "healthy", bad=1.0).train()
    assert "6 steps (2 left out: not finite)" in caplog.text
    whole = made(tmp_path / "whole").train()
    assert "6 steps (3 left out: not finite)" in caplog.text
    assert all(bool(torch.as_tensor(each).isfinite().all()) for each in whole.last_weights.values())
    with pytest.raises(KeyboardInterrupt):
        made(tmp_path / "parts", [Leaves()]).train()
    state = FolderCheckpointer(tmp_path / "parts" / "checkpoints").load()["step"]
    assert is_state_dict(state)
    assert is_state_dict(state["scaler"])
    assert state["scaler"]["scale"] == 65536 / 2**3
    result = made(tmp_path / "parts").train()
    assert same_weights(result.last_weights, whole.last_weights)
    assert result.n_steps == 6
