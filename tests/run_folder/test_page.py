"""The page of the format says what is written."""

import json
import re
from pathlib import Path

import numpy as np
import torch
from matplotlib.figure import Figure

from artifact_torch.contracts import Failure, Moment, Result, ResultKind
from artifact_torch.run_folder import Begun, RunFolder, opened, recorded
from tests.run_folder.moments import START, raw, score

PAGE = (Path(__file__).parents[2] / "docs" / "run_folder.md").read_text(encoding="utf-8")
EPOCH_3 = Moment(epoch=3, step=150, seconds=12.5)


def write(folder: Path) -> None:
    """What the page shows."""
    plots = Figure()
    results: list[Result | Failure] = [
        *score("val_loss", 0.25),
        Result(ResultKind.SCORE_COLLECTION, "f1", {"cat": 0.5, "dog": float("nan")}),
        Result(ResultKind.ARRAY, "weights", np.ones(1)),
        Result(ResultKind.ARRAY_COLLECTION, "pdf", {"age": np.ones(1)}),
        Result(ResultKind.PLOT, "pdf", plots),
        Result(ResultKind.PLOT_COLLECTION, "pdf", {"age": plots}),
        Failure(ResultKind.PLOT, "pdf", "ValueError: no rows"),
    ]
    with opened(RunFolder(folder)) as run:
        run.begin(START, Begun(settings={"lr": 0.001}))
        run.record(results, EPOCH_3)
        run.warn("UserWarning: the rate is 0", Moment(epoch=3, step=150, seconds=12.6))
        run.keep_best({"w": torch.ones(1)}, EPOCH_3, {})
        run.add_forward("1,000 FLOPs for a batch forward")
        run.end("finished", "reached 3 epochs")


def test_the_lines_of_the_page_are_those_of_a_record(tmp_path: Path) -> None:
    write(tmp_path)
    blocks = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    shown = [json.loads(line) for block in blocks for line in block.splitlines()]
    written = raw(tmp_path)
    for line in (*shown, *written):
        assert isinstance(line.pop("time"), float)
    assert sorted(map(str, shown)) == sorted(map(str, written))
    assert sum(recorded(line, tmp_path) is not None for line in shown) == 6


def test_every_file_is_on_the_page(tmp_path: Path) -> None:
    write(tmp_path)
    tree = re.search(r"```text\n(.*?)```", PAGE, re.DOTALL)
    assert tree is not None
    named = {line.split()[0].rstrip("/") for line in tree[1].splitlines()[1:]}
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    for path in (path.relative_to(tmp_path) for path in files):
        assert {str(path), path.parts[0]} & named, path
    settings = json.loads((tmp_path / "settings.json").read_text())
    status = json.loads((tmp_path / "status.json").read_text())
    for key in (*settings, *status):
        assert f"`{key}`" in PAGE, key
