"""The script and the declaration of docs/motivating_example.md: the same numbers, and the lines."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "motivating_example.md").read_text(encoding="utf-8")
SHARED, OF_SCRIPT, UTILS, SCRIPT, OF_DECLARATION, DECLARATION, SECOND = re.findall(
    r"```python\n(.*?)```", PAGE, re.DOTALL
)
SAID = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
KEPT = "\ntorch.save(model.state_dict(), {!r})\n"
MEANS = """
means = result.array_collections["MEAN_JUXTAPOSITION_TRAIN"]
np.savez("means.npz", **{column: means[column] for column in means})
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where both ran, each in a process of its own."""
    folder = tmp_path_factory.mktemp("both")
    both = {
        "script": [SHARED, OF_SCRIPT, UTILS, SCRIPT],
        "declaration": [SHARED, OF_DECLARATION, DECLARATION],
    }
    for name, blocks in both.items():
        ending = MEANS + SECOND if name == "declaration" else ""
        program = "".join([*blocks, KEPT.format(f"{name}.pt"), ending])
        (folder / f"{name}.py").write_text(program, encoding="utf-8")
        done = subprocess.run(  # noqa: S603  (our own program)
            [sys.executable, f"{name}.py"],
            capture_output=True,
            text=True,
            check=False,
            cwd=folder,
            env={**os.environ, "OMP_NUM_THREADS": "1", "GIT_PYTHON_REFRESH": "quiet"},
        )
        assert done.returncode == 0, done.stderr
        if name == "declaration":
            assert [done.stdout] == SAID
    return folder


def run_of(folder: Path, experiment: str, n_runs: int) -> Path:
    """The folder of the first of the runs of an experiment in MLflow's store."""
    (found,) = (
        meta.parent
        for meta in folder.glob("mlruns/*/meta.yaml")
        if re.search(rf"^name: {experiment}$", meta.read_text(), re.MULTILINE)
    )
    runs = sorted(found.glob("*/meta.yaml"), key=began)
    assert len(runs) == n_runs
    return runs[0].parent


def began(meta: Path) -> int:
    started = re.search(r"^start_time: (\d+)$", meta.read_text(), re.MULTILINE)
    assert started is not None
    return int(started[1])


def metric(run: Path, name: str) -> list[float]:
    """Its values, first to last: lines of time, value and step."""
    return [float(line.split()[1]) for line in (run / "metrics" / name).read_text().splitlines()]


@pytest.mark.parametrize(
    ("of_script", "of_declaration"),
    [
        ("avg_loss", "avg_loss"),
        ("MEAN_JS_DISTANCE", "MEAN_JS_DISTANCE_TRAIN"),
        ("CORRELATION_DISTANCE", "CORRELATION_DISTANCE_TRAIN"),
    ],
)
def test_both_have_the_same_scores(folder: Path, of_script: str, of_declaration: str) -> None:
    script = metric(run_of(folder, "script", 1), of_script)
    declaration = metric(run_of(folder, "declaration", 2), of_declaration)
    assert len(script) == 2
    assert declaration == pytest.approx(script, rel=1e-12)


@pytest.mark.parametrize("column", ["length", "width"])
def test_both_have_the_same_means(folder: Path, column: str) -> None:
    script = metric(run_of(folder, "script", 1), f"mean_{column}")[-1]
    with np.load(folder / "means.npz") as means:
        real, generated = means[column]
    assert generated == pytest.approx(script, rel=1e-12)
    assert abs(generated - real) > 1e-6  # so that the two are not mistaken for each other


def test_both_end_with_the_same_weights(folder: Path) -> None:
    script, declaration = (torch.load(folder / f"{each}.pt") for each in ("script", "declaration"))
    assert script.keys() == declaration.keys()
    assert all(torch.equal(script[name], declaration[name]) for name in script)


def n_lines(*blocks: str) -> int:
    """Without blank ones, comments and docstrings of one line."""
    lines = (line.strip() for block in blocks for line in block.splitlines())
    return sum(bool(line) and not line.startswith(("#", '"""')) for line in lines)


def test_the_page_counts_the_lines() -> None:
    rows = re.findall(r"^\| ([^|]+) \| (\d+)[^|]* \| (\d+) \|$", PAGE, re.MULTILINE)
    script, declaration = n_lines(UTILS, SCRIPT), n_lines(DECLARATION)
    assert [(int(one), int(other)) for _, one, other in rows] == [
        (n_lines(OF_SCRIPT), n_lines(OF_DECLARATION)),
        (script, declaration),
        (script, 0),
    ]
    assert declaration < script
