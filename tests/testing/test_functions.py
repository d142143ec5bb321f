"""Functions that another process finds, and those that it does not; clients; the fixture."""

import importlib
import os
import random
import subprocess
import sys
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path

import numpy as np
import pytest
import torch

from artifact_torch.contracts import ResultsClient, TrackingClient
from artifact_torch.errors import ConfigurationError
from artifact_torch.testing import survives_kills
from artifact_torch.testing.asked import Behaviour, Client
from artifact_torch.testing.bad_clients import bad_client
from artifact_torch.testing.hosts import pickled, start_hosts
from tests.faults.conftest import of_all
from tests.testing import toy_runs

ROOT = Path(__file__).parents[2]
REGISTERED = any(each.name == "artifact_torch" for each in entry_points(group="pytest11"))


def test_a_function_that_another_process_cannot_find_is_refused() -> None:
    def nested(folder: Path) -> None: ...

    for make in (nested, partial(nested), toy_runs.Evens().finish):
        with pytest.raises(ConfigurationError, match="define it at the top of a file, with def"):
            start_hosts(make)
    with pytest.raises(ConfigurationError, match="define it at the top of a file, with def"):
        start_hosts(lambda: None)
    with pytest.raises(ConfigurationError, match="cannot be sent to another process"):
        pickled(partial(start_hosts, lambda: None))


@of_all
def test_a_program_is_not_run_again_by_its_children(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "from artifact_torch.testing import survives_kills\n"
        "def make_trainer(folder): ...\n"
        "survives_kills(make_trainer)\n"
    )
    done = subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, str(program)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert "move it to a file of its own and import it" in done.stderr


@of_all
def test_a_module_that_cannot_be_imported_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "moody_module.py"
    file.write_text("def make_trainer(folder): ...\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    module = importlib.import_module("moody_module")
    file.write_text("raise KeyError('a key of the module')\n")
    with pytest.raises(ConfigurationError, match="importing its module failed: KeyError"):
        survives_kills(module.make_trainer)


@pytest.mark.parametrize("shape", ["results", "tracking"])
def test_a_client_that_draws_draws_from_each_generator(shape: str) -> None:
    client = bad_client(Client(how="draws", shape="results" if shape == "results" else "tracking"))
    before = torch.get_rng_state(), repr(np.random.get_state()), random.getstate()  # noqa: NPY002
    if isinstance(client, ResultsClient):
        client.end("finished", "")
    else:
        client.log_score(1.0, "score")
    after = torch.get_rng_state(), repr(np.random.get_state()), random.getstate()  # noqa: NPY002
    assert not torch.equal(before[0], after[0])
    assert before[1] != after[1]
    assert before[2] != after[2]
    assert isinstance(client, ResultsClient) is (shape == "results")
    assert isinstance(client, TrackingClient) is (shape == "tracking")


@pytest.mark.parametrize(
    ("how", "error"),
    [("raises", ConnectionError), ("exits", SystemExit), ("dies", ConnectionError)],
)
def test_a_client_that_ends_badly_does(how: Behaviour, error: type[BaseException]) -> None:
    client = bad_client(Client(how=how, shape="results"))
    assert isinstance(client, ResultsClient)
    with pytest.raises(error):
        client.log_results([])


TEST = """
from pathlib import Path
from tests.testing import toy_runs

def make_trainer(folder: Path):
    return toy_runs.unseeded(folder)

def test_my_run(faults):
    faults.check(make_trainer)
"""


@of_all
def test_the_fixture_finds_a_function_of_a_file_of_tests(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(TEST)
    plugin = () if REGISTERED else ("-p", "artifact_torch.cli.pytest_plugin")
    done = subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, "-m", "pytest", *plugin, "-p", "no:cacheprovider", "-q", "--import-mode=importlib", "test_mine.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert "1 failed" in done.stdout, done.stdout
    assert "BrokenPromiseError: a run is the same each time: two uninterrupted runs" in done.stdout
