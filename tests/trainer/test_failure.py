"""The batch that an update failed on, kept so that it can be read again."""

import json
import math
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from torch import Tensor

from artifact_torch.errors import CheckpointError, LossError
from artifact_torch.trainer.failure import (
    batch_of,
    failure_folder,
    keep_failure,
    read_failure,
    same_batch,
)


def an_error(loss: float | None = math.nan) -> LossError:
    try:
        error = LossError("loss: not finite")
        error.loss = loss
        raise error
    except LossError as raised:
        return raised


def keep(folder: Path, batch: object, error: BaseException | None = None) -> Path | None:
    return keep_failure(folder, error or an_error(), step=137, epoch=3, n_batch=5, batch=batch)


BATCHES: list[object] = [
    {"x": torch.randn(3, 2), "y": torch.tensor([1, 2, 3]), "name": "a", "z": (torch.ones(1), 2)},
    {"x": torch.full((2,), math.nan, dtype=torch.float16), "mask": torch.tensor([True, False])},
    {"x": torch.randn(4, 4).T, "part": torch.arange(10)[::2]},
    {"x": torch.zeros(0, 3)},
]


@pytest.mark.parametrize("batch", BATCHES)
def test_it_comes_back_as_it_was(batch: object, tmp_path: Path) -> None:
    folder = keep(tmp_path, batch)
    assert folder is not None
    assert folder == failure_folder(tmp_path, 137) == tmp_path / "failures/step_00000137"
    found = read_failure(tmp_path, 137)
    assert found is not None
    assert same_batch(batch_of(found), batch)
    told = json.loads((folder / "failure.json").read_text())
    assert (told["step"], told["epoch"], told["n_batch"]) == (137, 3, 5)
    assert told["error"] == "LossError: loss: not finite"
    assert told["loss"] == "nan"
    assert "in an_error" in told["traceback"]


def test_shapes_and_types_can_be_read_by_people(tmp_path: Path) -> None:
    folder = keep(tmp_path, BATCHES[0], an_error(2.5))
    assert folder is not None
    told = json.loads((folder / "failure.json").read_text())
    assert told["tensors"] == {
        '["x"]': "float32 [3, 2]",
        '["y"]': "int64 [3]",
        '["z"][0]': "float32 [1]",
    }
    assert told["loss"] == 2.5


@dataclass
class Graph:
    nodes: Tensor


def test_a_batch_that_is_no_data_is_left_out_with_the_reason(tmp_path: Path) -> None:
    folder = keep(tmp_path, {"graph": Graph(torch.ones(2, 3))})
    assert folder is not None
    found = read_failure(tmp_path, 137)
    assert found is not None
    assert batch_of(found) is None
    assert "Graph" in str(found["batch_is_left_out"])
    assert found["tensors"] == {'["graph"].nodes': "float32 [2, 3]"}
    keep(tmp_path, {"x": torch.tensor([[0.0, 1.0]]).to_sparse()})
    assert "sparse" in str((read_failure(tmp_path, 137) or {})["batch_is_left_out"])


def test_a_second_failure_of_a_step_takes_the_place_of_the_first(tmp_path: Path) -> None:
    keep(tmp_path, BATCHES[0])
    keep(tmp_path, BATCHES[1], RuntimeError("another"))
    found = read_failure(tmp_path, 137)
    assert found is not None
    assert found["error"] == "RuntimeError: another"
    assert found["loss"] is None
    assert same_batch(batch_of(found), BATCHES[1])
    assert [each.name for each in (tmp_path / "failures").iterdir()] == ["step_00000137"]


def test_where_it_cannot_be_kept_that_is_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "failures").write_text("a file where a folder should be")
    assert keep(tmp_path, BATCHES[0]) is None
    assert "the batch that failed could not be kept: " in caplog.messages[0]


def test_a_disk_that_is_full_leaves_nothing_behind(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_path: Path, _text: str, **_options: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    assert keep(tmp_path, BATCHES[0]) is None
    assert "No space left on device" in caplog.messages[0]
    assert [*(tmp_path / "failures").iterdir()] == []


def test_what_is_not_there_or_damaged(tmp_path: Path) -> None:
    assert read_failure(tmp_path, 137) is None
    folder = keep(tmp_path, BATCHES[0])
    assert folder is not None
    (folder / "batch.safetensors").write_bytes(b"cut")
    with pytest.raises(
        CheckpointError, match=r"step_00000137: cannot be read \(.*\); take it away"
    ):
        read_failure(tmp_path, 137)


def test_batches_that_differ() -> None:
    ones = {"x": torch.ones(2)}
    assert same_batch(ones, {"x": torch.ones(2)})
    for other in (
        {"y": torch.ones(2)},
        {"x": torch.ones(3)},
        {"x": torch.ones(2).double()},
        {"x": torch.tensor([1.0, math.nan])},
        {"x": torch.tensor([1.0, 1.0000001])},
        {},
    ):
        assert not same_batch(ones, other)
