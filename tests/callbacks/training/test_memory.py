"""What torch and the system say of memory, in MiB."""

import platform
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from artifact_torch import ConfigurationError, PeakMemory
from artifact_torch.callbacks.training import memory
from tests.callbacks.steps import Still, at
from tests.toys import Regression


def returning(value: int) -> Callable[[torch.device], int]:
    return lambda _device: value


_PROGRAM = """
import torch
from artifact_torch import PeakMemory
from tests.callbacks.steps import Still, at
step, callback = Still(torch.nn.Linear(1, 1)), PeakMemory()
before = callback.on_moment(step, at())["peak_memory_mib"]
torch.ones(256 * 2**20 // 4).add_(1)
after = callback.on_moment(step, at())["peak_memory_mib"]
again = callback.on_moment(step, at())["peak_memory_mib"]
print(after - before, again - after)
"""


@pytest.mark.skipif(platform.system() == "Windows", reason="no getrusage")
def test_256_mib_more_are_seen_and_stay() -> None:
    """In a process of its own, started by a larger one, whose peak is not its own."""
    done = subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True
    )
    more, later = map(float, done.stdout.split())
    assert 128 < more < 320  # pages that the process had free are used again
    assert 0 <= later < 8


def test_on_an_accelerator_torch_counts_and_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[torch.device] = []
    monkeypatch.setattr(torch.accelerator, "max_memory_allocated", returning(3 * 2**19))
    monkeypatch.setattr(torch.accelerator, "reset_peak_memory_stats", begun.append)
    step = Still(Regression(), device="cuda:1")
    callback = PeakMemory()
    assert callback.on_moment(step, at(is_rehearsal=True)) == {"peak_memory_mib": 1.5}
    assert begun == []
    assert callback.on_moment(step, at()) == {"peak_memory_mib": 1.5}
    assert begun == [torch.device("cuda:1")]
    assert [name for _, name in callback.result_names] == ["peak_memory_mib"]


def test_a_device_that_is_not_counted_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(_device: torch.device) -> int:
        raise RuntimeError("not here")

    step = Still(Regression(), device="mps")
    monkeypatch.setattr(torch.accelerator, "max_memory_allocated", refuses)
    with pytest.raises(ConfigurationError, match=r"torch does not tell it of mps \(not here\)"):
        PeakMemory().on_moment(step, at())
    monkeypatch.setattr(torch.accelerator, "max_memory_allocated", returning(0))
    monkeypatch.setattr(torch.accelerator, "reset_peak_memory_stats", returning(0))
    with pytest.raises(ConfigurationError, match="torch does not count it on mps; leave"):
        PeakMemory().on_moment(step, at())


def test_a_system_without_getrusage_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(memory, "_STATUS", tmp_path / "nowhere")
    monkeypatch.setitem(sys.modules, "resource", None)
    with pytest.raises(ConfigurationError, match="does not tell it of a process; leave PeakMemory"):
        PeakMemory().on_moment(Still(Regression()), at())


@pytest.mark.skipif(platform.system() == "Windows", reason="no getrusage")
def test_macos_counts_in_bytes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import resource

    class Usage:
        ru_maxrss = 2048

    def usage(_who: int) -> Usage:
        return Usage()

    monkeypatch.setattr(memory, "_STATUS", tmp_path / "nowhere")
    monkeypatch.setattr(resource, "getrusage", usage)
    step = Still(Regression())
    for system, expected in (("Linux", 2.0), ("Darwin", 2.0 / 1024)):
        monkeypatch.setattr(platform, "system", lambda system=system: system)
        assert PeakMemory().on_moment(step, at()) == {"peak_memory_mib": expected}
