"""Runs that torchrun starts, of which a process dies where it was drawn: the same as if none had."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from artifact_torch.parallel.group import join
from tests.ranks.deaths import assert_same_run, begun, drawn, may_be_newest
from tests.ranks.elastic_program import live
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


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """In one process."""
    folder = tmp_path_factory.mktemp("one")
    live(folder, "ddp")
    return folder


def test_what_dies_anywhere_goes_on_from_the_newest_checkpoint(
    uninterrupted: Path, tmp_path: Path
) -> None:
    """Started again by torchrun; then, where that was allowed once, on any number of processes."""
    trial = drawn(random.Random(random.getrandbits(32)), 2, sizes=(2,))
    *_, size = trial.sizes
    given = [str(tmp_path), trial.kind, *map(str, trial.deaths)]
    try:
        assert torchrun(2, *given, restarts=1) != 0
        last = ran("-m", PROGRAM, *given) if size == 1 else torchrun(size, *given, restarts=0)
        assert last == 0
        assert (tmp_path / "worlds").read_text().split() == ["2", "2", str(size)]
        first, *later = begun(tmp_path)
        assert first == 0
        for n, step in enumerate(later):
            assert step in may_be_newest(tmp_path, n)
        assert_same_run(tmp_path, uninterrupted)
    except AssertionError as error:
        raise AssertionError(f"{trial}") from error


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
