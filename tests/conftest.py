"""Tests compute on the CPU, also on a machine with an accelerator, but for those marked `gpu`."""

import signal
from collections.abc import Iterator, Sequence

import pytest
import torch
from hypothesis import settings

from artifact_torch.testing.faults import hosts_of
from artifact_torch.testing.hosts import Host

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # the tests run in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("any machine", deadline=None)  # slow ones too
settings.load_profile("any machine")


def _none(check_available: bool = False) -> None:
    return None


@pytest.fixture(autouse=True)
def _device(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """`device="auto"` is the CPU; a test marked `gpu` is skipped where there is none."""
    if request.node.get_closest_marker("gpu") is None:
        monkeypatch.setattr(torch.accelerator, "current_accelerator", _none)
    elif not torch.cuda.is_available():
        pytest.skip("needs a GPU")


@pytest.fixture
def nothing_is_compiled_yet() -> None:
    """Code that an earlier test has compiled is compiled with another one's guards."""
    vars(torch.compiler)["reset"]()


@pytest.fixture(scope="session")
def hosts() -> Iterator[Sequence[Host]]:
    """Two processes in which runs are killed: importing torch takes longer than a run."""
    from tests.faults.trainers import forty_steps

    with hosts_of(forty_steps) as hosts:
        yield hosts
