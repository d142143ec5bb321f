"""Runs of which each has one thing wrong."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import pytest

from artifact_torch.testing.hosts import Host
from artifact_torch.testing.runs import Runs

Leads: TypeAlias = Callable[..., Runs]


@pytest.fixture
def leads(hosts: Sequence[Host], tmp_path: Path) -> Leads:
    """Runs of a function of `toy_runs`, of which none may take longer than a minute."""

    def of(
        make_trainer: Callable[..., object], *, ignore: Sequence[str] = (), timeout_s: float = 60.0
    ) -> Runs:
        return Runs(make_trainer, tmp_path, hosts, ignore=ignore, timeout_s=timeout_s)

    return of
