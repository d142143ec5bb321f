"""A process that dies at any call of a save leaves what was acknowledged, and nothing temporary."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from artifact_torch import FolderCheckpointer
from artifact_torch.contracts import Moment
from tests.checkpoints.kill_each_call import found, save

ROOT = Path(__file__).parents[2]
ALL = os.environ.get("ARTIFACT_TORCH_FAULTS") == "all"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
PROGRAM = Path(__file__).with_name("kill_each_call.py")

HOLD = """
import fcntl, sys
file = open(sys.argv[1])
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


def kills(folder: Path, scenario: str, every: int) -> list[dict[str, object]]:
    done = subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, str(PROGRAM), str(folder / "base"), scenario, str(every)],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("scenario", ["save_next", "begin", "save_new"])
def test_a_kill_at_each_call(tmp_path: Path, scenario: str) -> None:
    every = 1 if ALL or scenario == "save_next" else 3
    lines = kills(tmp_path, scenario, every)
    assert len(lines) > 5
    for line in lines:
        match scenario:
            case "save_next":
                assert line["found"] in ([3, "old"], [4, "old"]), line
            case "begin":  # from the mark on, the future is gone
                assert line["found"] == ([1, "old"] if line["marked"] else [3, "old"]), line
            case _:
                assert line["found"] in ([1, "old"], [2, "new"]), line
        assert line["next"] == [5, "old" if scenario == "save_next" else "new"], line
        assert line["left"] == [], line
    assert lines[0]["found"] != lines[-1]["found"]  # it was killed before and after it took effect


def injected(call: str, n: int, folder: Path) -> bool:
    """A save of another step under strace, killed at the n-th such call. Whether it was."""
    save = (
        "import sys; from tests.checkpoints.kill_each_call import save, Path\n"
        "save(Path(sys.argv[1]), 4)"
    )
    done = subprocess.run(  # noqa: S603
        [
            *("strace", "-f", "-qq", "-o", os.devnull),
            *(("-P", str(folder)) if "rename" not in call else ()),  # whose paths lie below it
            *("-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={n}"),
            *(sys.executable, "-c", save, str(folder)),
        ],
        env=ENVIRONMENT,
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    return done.returncode == -signal.SIGKILL


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not there")
@pytest.mark.parametrize("call", ["fsync", "/^rename", "openat"] if ALL else ["fsync"])
def test_a_kill_by_the_system_itself(tmp_path: Path, call: str) -> None:
    n_killed = 0
    for n in range(1, 40 if ALL else 3):
        folder = tmp_path / str(n)
        save(folder, 3)
        if not injected(call, n, folder):
            break
        n_killed += 1
        assert found(folder) in ([3, "old"], [4, "old"])
        save(folder, 5)
        assert found(folder) == [5, "old"]
        assert not [*folder.glob(".*")]
    assert n_killed


def test_leftovers_of_the_dead_go_and_those_of_the_living_stay(tmp_path: Path) -> None:
    for name in ("elsewhere-1-0", "here-2-7"):
        (tmp_path / f".saving-{name}" / "new").mkdir(parents=True)
        (tmp_path / f".saving-{name}" / "new" / "tensors.safetensors").write_bytes(b"x" * 999)
        (tmp_path / f".saving-{name}.lock").touch()
    holder = subprocess.Popen(  # noqa: S603
        [
            *(sys.executable, "-c"),
            HOLD,
            str(tmp_path / ".saving-here-2-7.lock"),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        FolderCheckpointer(tmp_path).begin(0, {})
        assert sorted(path.name for path in tmp_path.iterdir()) == [
            ".saving-here-2-7",
            ".saving-here-2-7.lock",
        ]
        holder.kill()
    checkpointer = FolderCheckpointer(tmp_path)
    checkpointer.save(Moment(epoch=1, step=1), {})
    checkpointer.drain(60)
    assert [path.name for path in tmp_path.iterdir()] == ["epoch_00001_step_00000001"]
