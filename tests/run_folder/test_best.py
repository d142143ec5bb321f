"""The best weights, as anybody reads them."""

import json
import threading
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from artifact_torch.errors import RunFolderError
from artifact_torch.run_folder import best, keep_best
from artifact_torch.run_folder.best import BestWriter
from tests.run_folder.moments import loaded

ABOUT = {"epoch": 3, "step": 150, "scores": {"loss": 0.5, "bad": float("nan")}}


class Tied(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(3, 3)
        self.second = nn.Linear(3, 3)
        self.second.weight = self.first.weight
        self.register_buffer("turned", torch.arange(6.0).reshape(2, 3).T)


def read(folder: Path) -> dict[str, Tensor]:
    return loaded(folder / "best" / "weights.safetensors")


def test_weights_are_read_back_by_the_names_of_the_model(tmp_path: Path) -> None:
    model = Tied()
    keep_best(tmp_path, model.state_dict(), ABOUT)
    other = Tied()
    other.load_state_dict(read(tmp_path))  # strict
    for name, value in model.state_dict().items():
        assert torch.equal(other.state_dict()[name], value)
    about = json.loads((tmp_path / "best" / "best.json").read_text())
    assert about.pop("time").endswith("Z")
    assert about == {"epoch": 3, "step": 150, "scores": {"loss": 0.5, "bad": "nan"}}
    safetensors: Any = import_module("safetensors")  # Any: as in `loaded`
    with safetensors.safe_open(tmp_path / "best" / "weights.safetensors", "pt") as file:
        assert file.metadata() == {"format": "pt", "epoch": "3", "step": "150"}


def test_names_are_those_of_the_plain_model(tmp_path: Path) -> None:
    keep_best(tmp_path, {"part._orig_mod.weight": torch.ones(2)}, ABOUT)
    assert read(tmp_path).keys() == {"part.weight"}


def test_what_is_no_dense_tensor_is_named(tmp_path: Path) -> None:
    sparse = torch.eye(2).to_sparse()
    keep_best(tmp_path, {"w": torch.ones(2), "_extra_state": {"a": 1}, "s": sparse}, ABOUT)
    assert read(tmp_path).keys() == {"w"}
    about = json.loads((tmp_path / "best" / "best.json").read_text())
    assert about["left_out"] == ["_extra_state", "s"]


def test_it_replaces_the_last_one_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    keep_best(tmp_path, {"w": torch.ones(2)}, ABOUT)
    (tmp_path / "best" / ".tmpX1").write_text("of a kill")
    keep_best(tmp_path, {"w": torch.zeros(2)}, {**ABOUT, "epoch": 4})
    assert read(tmp_path)["w"].eq(0.0).all()
    names = sorted(path.name for path in (tmp_path / "best").iterdir())
    assert names == ["best.json", "weights.safetensors"]
    other = tmp_path / "other"
    other.touch()
    assert (tmp_path / "best" / "weights.safetensors").stat().st_mode == other.stat().st_mode


def test_a_place_that_cannot_be_written_keeps_the_old(tmp_path: Path) -> None:
    keep_best(tmp_path, {"w": torch.ones(2)}, ABOUT)
    (tmp_path / "best" / ".weights.safetensors.new").mkdir()
    with pytest.raises(OSError, match="."):
        keep_best(tmp_path, {"w": torch.zeros(2)}, ABOUT)
    assert read(tmp_path)["w"].eq(1.0).all()


def test_the_newest_is_written_beside_the_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, written = threading.Event(), list[object]()
    real = keep_best

    def slow(folder: Path, weights: dict[str, object], about: dict[str, object]) -> None:
        go.wait(60)
        written.append(about["epoch"])
        real(folder, weights, about)

    monkeypatch.setattr(best, "keep_best", slow)
    writer = BestWriter(tmp_path, strict=False)
    for epoch in range(1, 6):
        writer.keep({"w": torch.full((2,), float(epoch))}, {"epoch": epoch})
    go.set()
    writer.drain(60)
    assert written[-1] == 5
    assert len(written) <= 2  # the one that the thread had begun with, and the newest
    assert read(tmp_path)["w"].eq(5.0).all()


def test_a_disk_that_is_away_is_told_once_and_it_is_written_later(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "best").write_text("a file where the folder should be")
    writer = BestWriter(tmp_path, strict=False)
    for epoch in (1, 2):
        writer.keep({"w": torch.full((2,), float(epoch))}, {"epoch": epoch})
        writer.drain(60)
    assert len(caplog.records) == 1
    assert "the best weights stay in memory" in caplog.text
    (tmp_path / "best").unlink()
    writer.drain(60)
    assert read(tmp_path)["w"].eq(2.0).all()
    assert "can be written again" in caplog.text
    assert len(caplog.records) == 2


def test_strict_raises_in_the_training_itself(tmp_path: Path) -> None:
    (tmp_path / "best").write_text("a file where the folder should be")
    writer = BestWriter(tmp_path, strict=True)
    with pytest.raises(RunFolderError, match="best"):
        keep_and_wait(writer)


def keep_and_wait(writer: BestWriter) -> None:
    writer.keep({"w": torch.ones(2)}, {"epoch": 1})
    writer.drain(60)
