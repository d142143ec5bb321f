"""The demo in three calls, with and without a run folder and clients."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import final

import numpy as np
import pandas as pd
import pytest
import torch
from artifact_core.table_comparison import TabularDataSpec
from artifact_experiment.tracking import FilesystemTrackingClient
from torch import Tensor, nn

from artifact_torch import RunFolder
from artifact_torch.contracts import Ending, Recorded, RunIdentity
from artifact_torch.table_comparison import TableComparisonPlan, table_spec
from demo.benchmark.measures import share_of_copies
from demo.config.config import DemoConfig, ModelName, load_config
from demo.data.heart import CAT_FEATURES, CTS_FEATURES, simulated_heart_disease
from demo.model.autoregressive import TabularAutoregressive
from demo.model.synthesizer import TabularVAESynthesizer
from demo.tabular_model import TabularModel
from demo.tabular_vae import TabularVAE
from demo.trainer import validation
from tests.demo.tensors import floats

TABLE = simulated_heart_disease(60)
SPEC = TabularDataSpec.from_df(
    TABLE, cts_features=list(CTS_FEATURES), cat_features=list(CAT_FEATURES)
)
SCORES = ["MEAN_JS_DISTANCE_TRAIN", "CORRELATION_DISTANCE_TRAIN", "train_loss"]
MODELS: tuple[ModelName, ...] = ("vae", "autoregressive", "gan")


@pytest.fixture(autouse=True)
def _scores_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(validation, "PLAN", TableComparisonPlan(scores=validation.PLAN.scores))
    monkeypatch.setenv("HOME", str(tmp_path))  # the filesystem client writes there
    monkeypatch.chdir(tmp_path)


def configured(
    *,
    max_n_steps: int | None = None,
    max_n_epochs: int | None = None,
    patience: int = 10,
    learning_rate: float = 0.001,
    validation_share: float = 0.15,
) -> DemoConfig:
    config = load_config()
    training = replace(
        config.training,
        max_n_steps=max_n_steps,
        max_n_epochs=max_n_epochs,
        patience=patience,
        learning_rate=learning_rate,
        validation_share=validation_share,
    )
    return replace(config, training=training)


def made_of(n_epochs: int = 2) -> TabularModel:
    return TabularModel.build(SPEC, configured(max_n_epochs=n_epochs, validation_share=0.0))


def test_without_a_folder_nothing_is_written(tmp_path: Path) -> None:
    made = made_of()
    with pytest.raises(RuntimeError, match="is not trained yet; call fit first"):
        made.generate(5)
    scores = made.fit(TABLE, device="cpu", progress=False)
    assert list(scores.index) == [1, 2]
    assert made.generate(5).shape == (5, 12)
    assert made.result.run_folder is None
    assert list(tmp_path.iterdir()) == []


def test_the_folder_may_be_described(tmp_path: Path) -> None:
    made = made_of()
    made.fit(TABLE, device="cpu", progress=False, run_folder=RunFolder("runs/a", keep=1))
    assert made.result.run_folder == str(tmp_path / "runs" / "a")
    assert [each.name for each in (tmp_path / "runs" / "a" / "checkpoints").glob("epoch_*")] == [
        "epoch_00002_step_00000002"
    ]


def test_a_client_of_artifact_experiment_is_told_beside_the_folder(tmp_path: Path) -> None:
    client = FilesystemTrackingClient.build(experiment_id="demo")
    made = made_of()
    made.fit(TABLE, tracking_client=client, device="cpu", progress=False, run_folder="run")
    client.stop()
    assert made.result.run_folder == str(tmp_path / "run")
    assert (tmp_path / "run" / "scores.csv").is_file()
    told = [str(each.name) for each in Path(client.run_dir).rglob("*") if each.is_file()]
    assert {name for name in SCORES if any(name in each for each in told)} == {*SCORES}
    files = Path(client.run_dir) / "files"
    (table,) = (files / "tabular_data").rglob("*.csv")
    exported = tmp_path / "run" / "files" / "tabular_data"
    assert [table.read_text()] == [each.read_text() for each in exported.iterdir()]
    (weights,) = (files / "torch_checkpoints").rglob("*.safetensors")
    assert weights.read_bytes() == (tmp_path / "run/best/weights.safetensors").read_bytes()


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
    made = made_of()
    made.fit(TABLE, tracking_client=client, device="cpu", progress=False, run_folder="run")
    scores = pd.read_csv("run/scores.csv")
    assert sorted(name for name, _ in client.of) == sorted(["batch_loss", *SCORES])
    assert {step for _, step in client.of} == {2} == {*scores["step"]}
    assert client.endings == ["finished"]


@pytest.mark.parametrize("model", MODELS)
def test_each_model_ends_early_with_its_best_weights(model: ModelName) -> None:
    table = simulated_heart_disease(100)
    config = configured(max_n_steps=2000, patience=4, learning_rate=0.01)
    made = TabularModel.build(SPEC, config, model=model)
    made.fit(table, device="cpu", progress=False)
    result = made.result
    losses = result.scores["validation_loss"].dropna()
    assert result.n_steps < 2000
    assert "validation_loss: no improvement in 4 scores" in result.stop_reason
    steps = losses.index.get_level_values("step")
    assert result.best_step == steps[int(losses.argmin())] == result.n_steps - 4 * 25
    assert losses.min() < losses.iloc[-1]
    generated = made.generate(500)
    assert share_of_copies(table, generated) < 0.02
    pd.testing.assert_series_equal(generated.dtypes, table.dtypes)


def test_the_best_weights_are_those_that_generate() -> None:
    made = TabularModel.build(SPEC, configured(max_n_steps=300, learning_rate=0.02))
    made.fit(TABLE, device="cpu", progress=False)
    best, last = made.result.best_weights, made.result.last_weights
    assert best is not None
    synthesizer = made.synthesizer
    assert isinstance(synthesizer, nn.Module)
    generating = synthesizer.state_dict()
    assert generating.keys() == best.keys() == last.keys()
    for name, kept in generating.items():
        one = best[name]
        assert isinstance(kept, Tensor)
        assert isinstance(one, Tensor)
        assert torch.equal(kept, one)
    assert made.result.n_steps > (made.result.best_step or 0)


def test_one_row_trains_without_rows_held_out() -> None:
    made = TabularModel.build(SPEC, configured(max_n_steps=2))
    made.fit(TABLE.head(1), device="cpu", progress=False)
    assert "validation_loss" not in made.result.scores
    assert len(made.generate(3)) == 3


def test_a_small_table_has_fewer_bins() -> None:
    made = TabularModel.build(SPEC, configured(max_n_steps=1), model="vae")
    made.fit(TABLE, device="cpu", progress=False)
    synthesizer = made.synthesizer
    assert isinstance(synthesizer, TabularVAESynthesizer)
    assert (
        max(synthesizer.vae.predictor.cardinalities) <= 10
    )  # a bin of many rows ends the one before


@pytest.mark.parametrize(("n_rows", "n_bins"), [(40, 8), (400, 20), (5_000, 64)])
def test_bins_are_as_many_as_the_root_of_the_rows(n_rows: int, n_bins: int) -> None:
    table = pd.DataFrame({"x": np.random.default_rng(0).normal(size=n_rows)})
    spec = table_spec(table, cts_features=["x"], cat_features=[])
    made = TabularModel.build(spec, configured(max_n_steps=1), model="vae")
    made.fit(table, device="cpu", progress=False, compares=False)
    synthesizer = made.synthesizer
    assert isinstance(synthesizer, TabularVAESynthesizer)
    assert synthesizer.vae.predictor.cardinalities == pytest.approx([n_bins], abs=1)


def test_missing_values_have_no_place_on_the_line_of_their_column() -> None:
    """Age has some, and so one more code than bins, the last."""
    table = TABLE.assign(Age=TABLE["Age"].astype(float).mask(TABLE.index % 7 == 0))
    made = TabularModel.build(SPEC, configured(max_n_steps=1))
    made.fit(table, device="cpu", progress=False)
    synthesizer = made.synthesizer
    assert isinstance(synthesizer, TabularAutoregressive)
    places = floats(synthesizer.network.scores)
    bins, missing, _ = np.split(places, int(synthesizer.network.offsets[1]) + np.array([-1, 0]))
    assert (np.diff(bins) > 0).all()
    assert bins[0] < 0 < bins[-1]
    assert missing == [0.0]


def test_the_calls_of_the_specifications_quick_start(tmp_path: Path) -> None:
    client = FilesystemTrackingClient.build(experiment_id="demo")
    model = TabularVAE.build(data_spec=SPEC, config=configured(max_n_steps=4))
    scores = model.fit(df=TABLE, data_spec=SPEC, tracking_client=client)
    client.stop()
    assert isinstance(model.synthesizer, TabularVAESynthesizer)
    assert "train_loss" in scores
    assert len(model.generate(n_records=10)) == 10
    folder = Path(client.run_dir)
    assert folder.is_relative_to(tmp_path)
    assert {each.name for each in folder.iterdir()} >= {
        *("artifacts", "tabular_data", "torch_checkpoints")
    }
    (table,) = (folder / "tabular_data").glob("*.csv")
    assert list(pd.read_csv(table).columns) == list(TABLE.columns)
    assert [each.name for each in (folder / "torch_checkpoints").glob("epoch_*")] == [
        "epoch_00004_step_00000004"
    ]
