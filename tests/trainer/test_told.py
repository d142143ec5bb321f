"""What the folder of a run has for whoever reads it later, beside results."""

import logging
import warnings
from functools import partial
from pathlib import Path

import pytest
from torch import optim

from artifact_torch import (
    BestScoreTracker,
    DataLoaderRoutine,
    EpochBoundStopper,
    LossCallback,
    OptimizerStep,
    Trainer,
    TrainLoss,
    summarize_model,
)
from artifact_torch.run_folder import read_run
from artifact_torch.trainer.display.screen import Mode
from tests.toys import Batches, Fit, Points, points, seeded_regression

_log = logging.getLogger("artifact_torch.its_own")


class Warns:
    """Once by the logger and once by `warnings` at each end of an epoch."""

    def __init__(self, n_more: int = 0) -> None:
        self.n_more = n_more

    def on_epoch_end(self, state: object) -> None:
        _log.warning("rate is %d", 0)
        warnings.warn("few rows", RuntimeWarning, stacklevel=1)
        for _ in range(self.n_more):
            _log.warning("again")


def trainer_in(folder: Path | None, hook: Warns, progress: Mode = False) -> Trainer[Points, Fit]:
    return Trainer(
        OptimizerStep(seeded_regression(), optimizer=partial(optim.Adam, lr=0.01)),
        train_loader=Batches(points(20), 4),
        stop=[EpochBoundStopper(max_n_epochs=2)],
        best=BestScoreTracker("v", mode="min"),
        callbacks=[TrainLoss()],
        routines=[DataLoaderRoutine(Batches(points(6), 6), scores=[LossCallback("v")])],
        hooks=[hook],
        run_folder=folder,
        progress=progress,
    )


def test_warnings_are_in_the_record_and_in_the_result(tmp_path: Path) -> None:
    with pytest.warns(RuntimeWarning, match="few rows"):
        result = trainer_in(tmp_path, Warns()).train()
    run = read_run(tmp_path)
    told = [(each.text, each.step) for each in run.warnings]
    assert told[::2] == [("rate is 0", 5), ("rate is 0", 10)]
    assert ("RuntimeWarning: few rows", 5) in told
    assert run.n_warnings == len(told)
    assert all(each.seconds > 0 for each in run.warnings)
    assert result.warnings[:2] == ("step 5: rate is 0", "step 5: RuntimeWarning: few rows")


@pytest.mark.filterwarnings("ignore:few rows")
def test_more_than_anybody_reads_are_counted(tmp_path: Path) -> None:
    result = trainer_in(tmp_path, Warns(n_more=300)).train()
    run = read_run(tmp_path)
    assert len(run.warnings) == len(result.warnings) == 200
    assert run.n_warnings == 2 * 301


@pytest.mark.filterwarnings("ignore:few rows")
def test_what_was_checked_is_told_with_its_contract(tmp_path: Path) -> None:
    trainer_in(tmp_path, Warns()).train()
    run = read_run(tmp_path)
    parts = {place: (part.type, part.contract) for place, part in run.parts.items()}
    assert parts["routines"] == ("DataLoaderRoutine", "LoaderRoutine")
    assert parts["scores"] == ("LossCallback", "LoaderCallback")
    assert parts["best"] == ("BestScoreTracker", "ModelTracker")
    assert parts["hooks"] == ("Warns", "OnEpochEnd")
    assert parts["step"][0] == "OptimizerStep"
    assert parts["step"][1].startswith("TrainingStep, ")
    assert (run.judged_by, run.modes) == ("v", {"v": "min"})


@pytest.mark.filterwarnings("ignore:few rows")
def test_the_model_is_told_in_full_where_its_forward_pass_was_counted(tmp_path: Path) -> None:
    model = seeded_regression()
    trainer_in(tmp_path / "quiet", Warns()).train()
    assert read_run(tmp_path / "quiet").summary == str(summarize_model(model))
    trainer_in(tmp_path / "lines", Warns(), progress="lines").train()
    batch = next(iter(Batches(points(20), 4).batches(1)))
    assert read_run(tmp_path / "lines").summary == str(summarize_model(model, batch))


@pytest.mark.filterwarnings("ignore:few rows")
def test_where_the_time_went_is_added_up_over_calls(tmp_path: Path) -> None:
    trainer = trainer_in(tmp_path, Warns())
    first = trainer.train().seconds
    told = read_run(tmp_path).seconds
    both = trainer.train(stop=[EpochBoundStopper(max_n_epochs=4)]).seconds
    told_of_both = read_run(tmp_path).seconds
    again = trainer_in(tmp_path, Warns()).train(stop=[EpochBoundStopper(max_n_epochs=6)]).seconds
    told_of_all = read_run(tmp_path).seconds
    for what in ("training", "validation"):
        assert told[what] == pytest.approx(vars(first)[what], abs=0.001)
        assert told_of_both[what] == pytest.approx(vars(both)[what], abs=0.002)
        assert told_of_all[what] == pytest.approx(vars(both)[what] + vars(again)[what], abs=0.003)
    # what ends a call is in the result alone
    assert 0 < told["rest"] <= first.rest
    assert told["rest"] < told_of_both["rest"] < told_of_all["rest"]
