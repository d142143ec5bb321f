"""What is computed beside when a run dies: made again from its checkpoint, recorded once."""

import json
import os
import shutil
import signal
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from artifact_torch import (
    Beside,
    DataLoader,
    EpochBoundStopper,
    OptimizerStep,
    TensorTable,
    Trainer,
    TrainingResult,
    bind,
    steps,
)
from artifact_torch.contracts import AnyStep, Every, Moment, ResultName
from artifact_torch.validation.configuration import Where
from tests.toys import Fit, Points, points, same_weights, seeded_regression
from tests.validation.doubles import slow_workers
from tests.validation.parts import ARRAY, PLOT, SCORE, Looks

ADAM = partial(torch.optim.Adam, lr=0.01)


class Copies:
    """Copies the run folder at one step: what is left of a run that dies there."""

    every: Every = steps(1)
    result_names: Sequence[ResultName] = ()

    def __init__(self, folder: Path, to: Path, *, at: int) -> None:
        self._folder, self._to, self._at = folder, to, at

    def on_moment(self, step: AnyStep, moment: Moment) -> dict[str, float]:
        if moment.step == self._at:
            with suppress(
                shutil.Error
            ):  # a folder that was renamed: a checkpoint is written meanwhile
                shutil.copytree(
                    self._folder,
                    self._to,
                    ignore=shutil.ignore_patterns("lock"),
                    copy_function=_copied_if_there,
                )
        return {}


def _copied_if_there(source: str, to: str) -> None:
    with suppress(FileNotFoundError):
        shutil.copyfile(source, to)


def trainer(folder: Path, validation: Where, *callbacks: Copies) -> Trainer[Points, Fit]:
    model = seeded_regression()
    return Trainer(
        OptimizerStep(model, optimizer=ADAM, device="cpu"),
        train_loader=DataLoader(TensorTable(points(20)), batch_size=5, shuffle=True, seed=0),
        stop=[EpochBoundStopper(max_n_epochs=4)],
        callbacks=callbacks,
        routines=[bind(Looks(names=[SCORE, ARRAY, PLOT]), model)],
        progress=False,
        run_folder=folder,
        validation=validation,
    )


def assert_same(one: TrainingResult, other: TrainingResult) -> None:
    pd.testing.assert_frame_equal(one.scores, other.scores, check_exact=True, check_like=True)
    np.testing.assert_array_equal(one.arrays["drawn"], other.arrays["drawn"])
    assert same_weights(one.last_weights, other.last_weights)
    assert one.failures == other.failures == {}


def recorded(folder: Path) -> Counter[tuple[str, int]]:
    lines = [json.loads(line) for line in (folder / "record.jsonl").read_text().splitlines()]
    begins = [n for n, line in enumerate(lines) if line.get("event") == "begin"]
    after = lines[begins[-1]]["step"] if len(begins) > 1 else -1
    counting = [
        line
        for n, line in enumerate(lines)
        if "kind" in line and (n > begins[-1] or line["step"] <= after)
    ]
    return Counter((line["name"], line["step"]) for line in counting)


@pytest.mark.parametrize("at", [8, 9, 11, 13])
def test_what_was_under_way_at_a_checkpoint_is_made_again(tmp_path: Path, at: int) -> None:
    whole = trainer(tmp_path / "inline", "inline").train()
    with slow_workers(lambda: 0.3):
        folder, left = tmp_path / "run", tmp_path / "left"
        beside = trainer(folder, Beside(), Copies(folder, left, at=at)).train()
        assert_same(whole, beside)
        assert_same(whole, trainer(left, Beside()).train())
    for each in (folder, left):
        assert recorded(each) == recorded(tmp_path / "inline")


def test_rows_are_recorded_in_order(tmp_path: Path) -> None:
    delays = iter([0.05, 0.0, 0.02, 0.0, 0.0])
    with slow_workers(lambda: next(delays)):
        trainer(tmp_path, Beside(pending=3)).train()
    lines = [json.loads(line) for line in (tmp_path / "record.jsonl").read_text().splitlines()]
    places = [line["step"] for line in lines if "kind" in line]
    assert places == sorted(places)
    assert len(places) == 12
    steps_of_scores = pd.read_csv(tmp_path / "scores.csv")["step"]
    assert list(steps_of_scores) == [4, 8, 12, 16]


def test_a_signal_loses_nothing_that_is_there_in_time(tmp_path: Path) -> None:
    class Stops(Copies):
        def on_moment(self, step: AnyStep, moment: Moment) -> dict[str, float]:
            if moment.step == self._at:
                os.kill(os.getpid(), signal.SIGTERM)
            return {}

    whole = trainer(tmp_path / "inline", "inline").train()
    folder = tmp_path / "run"
    with slow_workers(lambda: 0.1):
        with pytest.raises(SystemExit):
            trainer(folder, Beside(), Stops(folder, folder, at=9)).train()
        assert_same(whole, trainer(folder, Beside()).train())
    assert recorded(folder) == recorded(tmp_path / "inline")
