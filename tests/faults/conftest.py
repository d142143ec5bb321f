"""Two processes for all runs; `ARTIFACT_TORCH_FAULTS=all` causes each fault at each place."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import pytest

from artifact_torch.testing.faults import hosts_of
from artifact_torch.testing.hosts import Host
from artifact_torch.testing.runs import Runs
from tests.faults import trainers

CAUSES_ALL = os.environ.get("ARTIFACT_TORCH_FAULTS") == "all"

Leads: TypeAlias = Callable[..., Runs]


@pytest.fixture(scope="package")
def hosts() -> Iterator[Sequence[Host]]:
    with hosts_of(trainers.forty_steps) as hosts:
        yield hosts


@pytest.fixture
def leads(hosts: Sequence[Host], tmp_path: Path) -> Leads:
    """Runs of a function, of which none may take longer than five minutes."""

    def of(make_trainer: Callable[..., object]) -> Runs:
        return Runs(make_trainer, tmp_path, hosts, ignore=(), timeout_s=300.0)

    return of
