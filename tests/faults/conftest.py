"""`ARTIFACT_TORCH_FAULTS=all` causes each fault at each place."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import pytest

from artifact_torch.testing.hosts import Host
from artifact_torch.testing.runs import Runs

CAUSES_ALL = os.environ.get("ARTIFACT_TORCH_FAULTS") == "all"
of_all = pytest.mark.skipif(not CAUSES_ALL, reason="ARTIFACT_TORCH_FAULTS=all, make test-faults")
"""What takes long, and of which another test causes a part."""

Leads: TypeAlias = Callable[..., Runs]


@pytest.fixture
def leads(hosts: Sequence[Host], tmp_path: Path) -> Leads:
    """Runs of a function, of which none may take longer than five minutes."""

    def of(make_trainer: Callable[..., object]) -> Runs:
        return Runs(make_trainer, tmp_path, hosts, ignore=(), timeout_s=300.0)

    return of
