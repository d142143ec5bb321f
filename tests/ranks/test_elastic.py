"""Runs that torchrun starts, of which a process dies: the same run as if none had."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from safetensors.torch import load
from torch import Tensor

from artifact_torch.cli.main import main
from artifact_torch.internal.disk import read_json
from artifact_torch.internal.narrowing import is_list, is_mapping
from artifact_torch.parallel.group import join
from artifact_torch.run_folder import history
from tests.ranks.elastic_program import N_EPOCHS, trainer
from tests.ranks.heard import Heard
from tests.ranks.kit import World

PROGRAM = "tests.ranks.elastic_program"
ROOT = Path(__file__).parents[2]
LIMIT_S = 150.0


def ran(*command: str) -> int:
    """Bounded in time, with all that it started."""
    own = {
        "PYTHONPATH": str(ROOT),
        "OMP_NUM_THREADS": "1",
        "TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1",  # else what starts again meets the dead
    }
    environment = {**os.environ, **own}
    process = subprocess.Popen(  # noqa: S603  (our own program)
        [sys.executable, *command], env=environment, cwd=ROOT, start_new_session=True
    )
    try:
        return process.wait(LIMIT_S)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, 9)
            process.wait()


def torchrun(n: int, *arguments: str, restarts: int) -> int:
    options = ("--standalone", f"--nproc-per-node={n}", f"--max-restarts={restarts}")
    return ran("-m", "torch.distributed.run", *options, "-m", PROGRAM, *arguments)


def losses(folder: Path, name: str) -> list[float]:
    found = [line["value"] for line in history(folder / "run") if line.get("name") == name]
    return [each for each in found if isinstance(each, float)]


def weights(folder: Path) -> dict[str, Tensor]:
    target = folder / "weights.safetensors"
    assert main(["checkpoint", "export", str(folder / "run"), "--to", str(target)]) == 0
    return load(target.read_bytes())


def begun(folder: Path) -> Sequence[object]:
    """The step of each beginning."""
    settings = read_json(folder / "run" / "settings.json")
    assert is_mapping(settings)
    times = settings["begun"]
    assert is_list(times)
    return [each["step"] for each in times if is_mapping(each)]


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """In one process."""
    folder = tmp_path_factory.mktemp("one")
    trainer(folder, "ddp").train()
    return folder


def assert_same_run(folder: Path, expected: Path) -> None:
    """The same rows in the same order: the weights would differ else."""
    for name in ("train_loss", "val_loss"):
        found = losses(expected, name)
        assert len(found) == N_EPOCHS
        assert losses(folder, name) == pytest.approx(found, rel=1e-6, abs=1e-6)
    one, other = weights(expected), weights(folder)
    assert one.keys() == other.keys()
    for name, each in one.items():
        torch.testing.assert_close(other[name], each, rtol=1e-6, atol=1e-6)


def test_what_dies_goes_on_from_the_newest_checkpoint(uninterrupted: Path, tmp_path: Path) -> None:
    """Started again by torchrun; then, where that was allowed once, in one process."""
    assert torchrun(2, str(tmp_path), "fsdp", "9", "19", restarts=1) != 0
    assert ran("-m", PROGRAM, str(tmp_path), "fsdp") == 0
    assert (tmp_path / "worlds").read_text().split() == ["2", "2", "1"]
    first, second, third = begun(tmp_path)
    assert first == 0
    assert second in {6, 8}  # the save of step 8 may have died with its rank
    assert third in {16, 18}
    assert_same_run(tmp_path, uninterrupted)


def joined_by_torchrun() -> list[str]:
    heard = Heard()
    os.environ["TORCHELASTIC_MAX_RESTARTS"] = "3"
    join(torch.device("cpu"), 60.0)
    return heard.said


def test_restarts_that_would_not_find_each_other_are_told_at_the_start() -> None:
    first, second = (each.given for each in World(2, is_joined=False).endings(joined_by_torchrun))
    ((said,),) = first
    assert "torchrun --max-restarts=3: processes that are started again will not find" in said
    assert "TORCH_DISABLE_SHARE_RDZV_TCP_STORE=1" in said
    assert second == ([],)
