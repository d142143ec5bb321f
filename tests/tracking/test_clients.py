"""The clients that are shipped: each result at its step, however the run was interrupted.

MLflow's store is a real one. TensorBoard and W&B are stood in for by what they publish: their calls,
and that W&B drops a step that lies behind.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from matplotlib.figure import Figure
from mlflow.tracking import MlflowClient as Store
from numpy.typing import NDArray

from artifact_torch import (
    ConfigurationError,
    CsvClient,
    MissingExtraError,
    MLflowClient,
    TensorBoardClient,
    WandbClient,
)
from artifact_torch.contracts import Failure, Moment, Result, ResultKind, ResultsClient

SCORE, ARRAY, PLOT, SCORES, ARRAYS, PLOTS = ResultKind


def score(name: str, value: float) -> Result:
    return Result(SCORE, name, value)


def at(step: int, *, ends_run: bool = False) -> Moment:
    """Epochs of ten steps, two seconds a step."""
    ends_epoch = step % 10 == 0
    return Moment(
        epoch=step // 10, step=step, seconds=2.0 * step, ends_epoch=ends_epoch, ends_run=ends_run
    )


def all_kinds(step: int) -> list[Result | Failure]:
    figure, array = Figure(figsize=(1.0, 1.0)), np.array([step, 1.0, np.nan])
    return [
        score("loss", 1 / step),
        Failure(SCORE, "broken", "ValueError: one"),
        Result(SCORES, "JS", {"income %": step / 10, "age": 0.5}),
        Result(PLOT, "P", figure),
        Result(PLOTS, "PC", {"age": figure}),
        Result(ARRAY, "A", array),
        Result(ARRAYS, "AC", {"age": array, "nothing": np.array([np.nan])}),
    ]


# csv


def test_a_row_a_moment_and_a_column_that_comes_later(tmp_path: Path) -> None:
    path = tmp_path / "new" / "scores.csv"
    client = CsvClient(path)
    client.log_settings({"lr": 0.1})
    client.log_results([score("loss", 0.5)], at(5))
    client.log_results([score("loss", 0.1 + 0.2), *all_kinds(10)[1:]], at(10))
    client.log_results([Result(ARRAY, "A", np.array([1.0]))], at(12))  # no score, no row
    client.log_results([score("accuracy", float("nan")), score("step", 7.0)], at(15))
    client.log_results([score("loss", 0.25)], at(20))
    client.flush()
    assert path.read_text().splitlines() == [
        "epoch,step,seconds,loss,JS/income %,JS/age,accuracy,score/step",
        "0,5,10.0,0.5,,,,",
        "1,10,20.0,0.30000000000000004,1.0,0.5,,",
        "1,15,30.0,,,,nan,7.0",
        "2,20,40.0,0.25,,,,",
    ]
    assert [each.name for each in path.parent.iterdir()] == ["scores.csv"]


def test_what_the_last_moment_left_out_joins_its_row(tmp_path: Path) -> None:
    client = CsvClient(tmp_path / "scores.csv")
    client.log_results([score("loss", 0.5)], at(10))
    client.log_results([score("auroc", 0.75)], at(10, ends_run=True))
    text = (tmp_path / "scores.csv").read_text()
    assert text == "epoch,step,seconds,loss,auroc\n1,10,20.0,0.5,0.75\n"


def test_a_killed_run_loses_its_torn_row_and_is_continued(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    client = CsvClient(path)
    for step in (5, 10, 15, 20):
        client.log_results([score("loss", 1 / step), score("old", 1.0)], at(step))
    whole = path.read_text().splitlines(keepends=True)
    path.write_text("".join(whole[:-1]) + whole[-1][:-2])
    resumed = CsvClient(path)  # from a checkpoint of step 10
    resumed.log_results([score("loss", 0.5)], at(15))
    resumed.log_results([score("loss", 0.25)], at(20))
    assert path.read_text().splitlines() == [
        *("".join(whole[:3])).splitlines(),
        "1,15,30.0,0.5,",
        "2,20,40.0,0.25,",
    ]


def test_a_restored_run_takes_back_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    client = CsvClient(path)
    for step in (5, 10, 15, 5, 10):
        client.log_results([score("loss", float(step))], at(step))
    assert path.read_text().splitlines()[1:] == ["0,5,10.0,5.0", "1,10,20.0,10.0"]
    CsvClient(path).log_results([score("accuracy", 1.0)], at(5))  # a new run
    assert path.read_text() == "epoch,step,seconds,accuracy\n0,5,10.0,1.0\n"


def test_another_file_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("age,income\n1,2\n")
    with pytest.raises(ConfigurationError, match=r"data.csv holds something else than scores"):
        CsvClient(path)
    assert path.read_text() == "age,income\n1,2\n"


def test_a_row_that_could_not_be_written_spoils_no_other(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    client = CsvClient(folder / "scores.csv")
    client.log_results([score("loss", 0.5)], at(5))
    folder.rename(tmp_path / "away")
    with pytest.raises(FileNotFoundError):
        client.log_results([score("loss", 0.25)], at(10))
    (tmp_path / "away").rename(folder)
    client.log_results([score("loss", 0.125)], at(15))
    text = (folder / "scores.csv").read_text()
    assert text == "epoch,step,seconds,loss\n0,5,10.0,0.5\n1,15,30.0,0.125\n"


# mlflow


def test_mlflow_by_step_in_a_real_store(tmp_path: Path) -> None:
    uri = f"file:{tmp_path / 'mlruns'}"
    client = MLflowClient(experiment="toys", run_name="first", tracking_uri=uri)
    client.log_settings({"optimizer.lr": 0.1, "widths": [1, 2], "none": None})
    for step in (5, 10):
        client.log_results(all_kinds(step), at(step))
    store = Store(tracking_uri=uri)

    def steps(name: str) -> list[tuple[int, float]]:
        return [(each.step, each.value) for each in store.get_metric_history(client.run_id, name)]

    assert store.get_run(client.run_id).to_dictionary()["info"]["status"] == "RUNNING"
    client.flush()
    run = store.get_run(client.run_id).to_dictionary()
    assert (run["info"]["status"], run["info"]["run_name"]) == ("FINISHED", "first")
    assert run["data"]["params"] == {"optimizer.lr": "0.1", "widths": "[1, 2]", "none": "None"}
    assert sorted(run["data"]["metrics"]) == ["JS/age", "JS/income__", "epoch", "loss"]
    assert steps("loss") == [(5, 0.2), (10, 0.1)]
    assert steps("epoch") == [(5, 0.0), (10, 1.0)]
    assert steps("JS/income__") == [(5, 0.5), (10, 1.0)]
    plots = next(tmp_path.glob(f"mlruns/*/{client.run_id}/artifacts/plots"))
    assert sorted(str(path.relative_to(plots)) for path in plots.rglob("*.png")) == [
        "P/step_00000005.png",
        "P/step_00000010.png",
        "PC/age/step_00000005.png",
        "PC/age/step_00000010.png",
    ]


def test_mlflow_goes_on_and_has_no_limit_of_a_batch(tmp_path: Path) -> None:
    uri = f"file:{tmp_path / 'mlruns'}"
    store = Store(tracking_uri=uri)
    client = MLflowClient(experiment="toys", tracking_uri=uri)
    client.log_settings({f"p{number}": number for number in range(101)})
    client.flush()
    client.log_results([score(f"s{number}", 0.5) for number in range(1000)], at(10))
    run = store.get_run(client.run_id).to_dictionary()
    assert run["info"]["status"] == "RUNNING"
    assert (len(run["data"]["params"]), len(run["data"]["metrics"])) == (101, 1001)
    other = MLflowClient(experiment="toys", tracking_uri=uri)
    info = store.get_run(other.run_id).to_dictionary()["info"]
    assert info["experiment_id"] == run["info"]["experiment_id"]


# tensorboard


class Writer:
    """As torch's SummaryWriter."""

    opened: "list[Writer]"

    def __init__(self, log_dir: str, *, purge_step: int) -> None:
        self.log_dir, self.purge_step = log_dir, purge_step
        self.calls: list[tuple[str, str, int]] = []
        self.scores: dict[str, float] = {}
        self.arrays: dict[str, list[float]] = {}
        self.ended: list[str] = []
        self.opened.append(self)

    def add_scalar(self, tag: str, scalar_value: float, global_step: int) -> None:
        self.calls.append(("scalar", tag, global_step))
        self.scores[tag] = scalar_value

    def add_figure(self, tag: str, figure: Figure, global_step: int, close: bool) -> None:
        assert not close  # the figure is the run's
        self.calls.append(("figure", tag, global_step))

    def add_histogram(self, tag: str, values: NDArray[np.float64], global_step: int) -> None:
        self.calls.append(("histogram", tag, global_step))
        self.arrays[tag] = values.tolist()

    def add_text(self, tag: str, text_string: str, global_step: int) -> None:
        self.calls.append((text_string, tag, global_step))

    def flush(self) -> None:
        self.ended.append("flush")

    def close(self) -> None:
        self.ended.append("close")


@pytest.fixture
def writers(monkeypatch: pytest.MonkeyPatch) -> list[Writer]:
    module = ModuleType("torch.utils.tensorboard")
    monkeypatch.setattr(Writer, "opened", [], raising=False)
    monkeypatch.setattr(module, "SummaryWriter", Writer, raising=False)
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", module)
    return Writer.opened


def test_tensorboard_has_all_kinds_at_the_step(tmp_path: Path, writers: list[Writer]) -> None:
    client = TensorBoardClient(tmp_path)
    client.flush()  # nothing was logged: nothing is opened
    assert writers == []
    client.log_settings({"lr": 0.1})
    client.log_results(all_kinds(15), at(15))
    client.flush()
    (writer,) = writers
    assert (writer.log_dir, writer.purge_step) == (str(tmp_path), 0)
    assert writer.calls == [
        ('    {\n        "lr": 0.1\n    }', "settings", 0),
        ("scalar", "epoch", 15),
        ("scalar", "loss", 15),
        ("scalar", "JS/income %", 15),
        ("scalar", "JS/age", 15),
        ("figure", "P", 15),
        ("figure", "PC/age", 15),
        ("histogram", "A", 15),
        ("histogram", "AC/age", 15),
    ]
    assert writer.scores == {"epoch": 1, "loss": 1 / 15, "JS/income %": 1.5, "JS/age": 0.5}
    assert writer.arrays == {"A": [15.0, 1.0], "AC/age": [15.0, 1.0]}
    assert writer.ended == ["flush"]


def test_tensorboard_hides_what_is_trained_again(tmp_path: Path, writers: list[Writer]) -> None:
    client = TensorBoardClient(tmp_path)
    for step in (10, 20, 20, 15, 20):
        client.log_results([score("loss", 0.5)], at(step))
    assert [writer.purge_step for writer in writers] == [10, 15]
    assert [len(writer.calls) for writer in writers] == [6, 4]
    assert [writer.ended for writer in writers] == [["close"], []]


# wandb


class WandbRun:
    """As W&B's: values of the newest step are kept open, a step that lies behind is dropped."""

    def __init__(self) -> None:
        self.config = self
        self.settings: dict[str, object] = {}
        self.history: dict[int, dict[str, object]] = {}
        self._step = 0

    def update(self, settings: Mapping[str, object], *, allow_val_change: bool) -> None:
        assert allow_val_change
        self.settings.update(settings)

    def log(
        self, data: Mapping[str, object], step: int | None = None, commit: bool | None = None
    ) -> None:
        step = self._step if step is None else step
        if step >= self._step:
            if data:
                self.history.setdefault(step, {}).update(data)
            self._step = step + bool(commit)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """What W&B was started with."""
    module, asked = ModuleType("wandb"), dict[str, object]()

    def init(**options: object) -> WandbRun:
        asked.update(options)
        return WandbRun()

    def image(figure: Figure) -> str:
        return f"image of {type(figure).__name__}"

    def histogram(values: Sequence[float]) -> str:
        return f"histogram of {list(map(float, values))}"

    for name, value in {"init": init, "Image": image, "Histogram": histogram}.items():
        monkeypatch.setattr(module, name, value, raising=False)
    monkeypatch.setitem(sys.modules, "wandb", module)
    return asked


def test_wandb_has_all_kinds_in_one_row_a_step(asked: dict[str, object]) -> None:
    client = WandbClient(project="toys", mode="offline")
    assert asked == {"project": "toys", "mode": "offline"}
    client.log_settings({"lr": 0.1})
    client.log_results([*all_kinds(15), score("epoch", 7.0)], at(15))
    client.log_results([score("late", 2.0)], at(15, ends_run=True))
    client.flush()
    client.log_results([score("dropped", 2.0)], at(15))
    client.log_results([score("loss", 0.5)], at(20))
    run = client.run
    assert isinstance(run, WandbRun)
    assert run.settings == {"lr": 0.1}
    assert run.history == {
        15: {
            "epoch": 1,
            "seconds": 30.0,
            "loss": 1 / 15,
            "JS/income %": 1.5,
            "JS/age": 0.5,
            "score/epoch": 7.0,
            "P": "image of Figure",
            "PC/age": "image of Figure",
            "A": "histogram of [15.0, 1.0]",
            "AC/age": "histogram of [15.0, 1.0]",
            "late": 2.0,
        },
        20: {"epoch": 2, "seconds": 40.0, "loss": 0.5},
    }


@pytest.mark.parametrize(
    ("module", "new", "extra"),
    [
        ("torch.utils.tensorboard", lambda: TensorBoardClient("runs"), "tensorboard"),
        ("wandb", WandbClient, "wandb"),
        ("mlflow.entities", lambda: MLflowClient(experiment="toys"), "mlflow"),
    ],
)
def test_a_library_that_is_missing_is_asked_for_by_its_extra(
    module: str, new: type[ResultsClient], extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=rf"pip install 'artifact-torch\[{extra}\]'"):
        new()
