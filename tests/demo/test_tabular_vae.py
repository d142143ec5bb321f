"""The demo in three calls, with and without a run folder and clients."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import final

import pandas as pd
import pytest
from artifact_core.table_comparison import TabularDataSpec
from artifact_experiment.tracking import FilesystemTrackingClient

from artifact_torch import RunFolder
from artifact_torch.contracts import Ending, Recorded, RunIdentity
from artifact_torch.table_comparison import TableComparisonPlan
from demo.config.config import load_config
from demo.data.heart import CAT_FEATURES, CTS_FEATURES, simulated_heart_disease
from demo.tabular_vae import TabularVAE
from demo.trainer import validation

TABLE = simulated_heart_disease(60)
SPEC = TabularDataSpec.from_df(
    TABLE, cts_features=list(CTS_FEATURES), cat_features=list(CAT_FEATURES)
)
SCORES = ["MEAN_JS_DISTANCE_TRAIN", "CORRELATION_DISTANCE_TRAIN", "train_loss"]


@pytest.fixture(autouse=True)
def _scores_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(validation, "PLAN", TableComparisonPlan(scores=validation.PLAN.scores))
    monkeypatch.setenv("HOME", str(tmp_path))  # the filesystem client writes there
    monkeypatch.chdir(tmp_path)


def vae() -> TabularVAE:
    config = load_config()
    return TabularVAE.build(
        SPEC, replace(config, training=replace(config.training, max_n_epochs=2))
    )


def test_without_a_folder_nothing_is_written(tmp_path: Path) -> None:
    made = vae()
    with pytest.raises(RuntimeError, match="is not trained yet; call fit first"):
        made.generate(5)
    scores = made.fit(TABLE, device="cpu", progress=False)
    assert list(scores.index) == [1, 2]
    assert made.generate(5).shape == (5, 12)
    assert made.result.run_folder is None
    assert list(tmp_path.iterdir()) == []


def test_the_folder_may_be_described(tmp_path: Path) -> None:
    made = vae()
    made.fit(TABLE, device="cpu", progress=False, run_folder=RunFolder("runs/a", keep=1))
    assert made.result.run_folder == str(tmp_path / "runs" / "a")
    assert [each.name for each in (tmp_path / "runs" / "a" / "checkpoints").glob("epoch_*")] == [
        "epoch_00002_step_00000002"
    ]


def test_a_client_of_artifact_experiment_is_told_beside_the_folder(tmp_path: Path) -> None:
    client = FilesystemTrackingClient.build(experiment_id="demo")
    made = vae()
    made.fit(TABLE, client, device="cpu", progress=False, run_folder="run")
    client.stop()
    assert made.result.run_folder == str(tmp_path / "run")
    assert (tmp_path / "run" / "scores.csv").is_file()
    told = [str(each.name) for each in Path(client.run_dir).rglob("*") if each.is_file()]
    assert {name for name in SCORES if any(name in each for each in told)} == {*SCORES}


@final
class Told:
    """A client of the shape that artifact_torch has itself, which cannot be pickled."""

    def __init__(self) -> None:
        self.of: list[tuple[str, int]] = []
        self.endings: list[Ending] = []
        self.not_sent = lambda: None

    def begin(self, _: RunIdentity, /) -> Mapping[str, str]:
        return {}

    def log_settings(self, _: Mapping[str, object], /) -> None: ...

    def log_results(self, results: Sequence[Recorded], /) -> None:
        self.of += [(each.name, each.step) for each in results]

    def log_file(self, _: Path, _name: str, /) -> None: ...

    def end(self, how: Ending, _reason: str, /) -> None:
        self.endings.append(how)


def test_a_results_client_is_told_each_score_once() -> None:
    client = Told()
    made = vae()
    made.fit(TABLE, client, device="cpu", progress=False, run_folder="run")
    scores = pd.read_csv("run/scores.csv")
    assert sorted(name for name, _ in client.of) == sorted(["batch_loss", "loss_terms", *SCORES])
    assert {step for _, step in client.of} == {2} == {*scores["step"]}
    assert client.endings == ["finished"]
