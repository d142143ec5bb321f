"""What the four clients have in common: built without a library, sent to a process without torch."""

import importlib.util
import json
import pickle
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

import pytest

from artifact_torch import (
    CsvClient,
    MissingExtraError,
    MLflowClient,
    TensorBoardClient,
    WandbClient,
)
from artifact_torch.checking import check_contract
from artifact_torch.contracts import ResultsClient

FOLDER = Path("/somewhere")


class Shipped(ResultsClient, Protocol):
    @property
    def arguments(self) -> Mapping[str, str | None]: ...


def new_clients() -> list[Shipped]:
    return [
        CsvClient(FOLDER / "scores.csv"),
        TensorBoardClient(FOLDER / "tb"),
        MLflowClient(experiment="toys", tracking_uri="http://127.0.0.1:1"),
        WandbClient(project="toys", mode="offline", run_name="first"),
    ]


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each library is there and raises when it is imported."""
    real = importlib.util.find_spec

    def find(name: str, package: str | None = None) -> object:
        if name in ("tensorboard", "wandb", "mlflow"):
            return importlib.util.spec_from_file_location(name, "/nowhere/__init__.py")
        return real(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", find)


@pytest.mark.parametrize("number", range(4))
def test_a_client_is_built_again_from_its_arguments(number: int) -> None:
    client = new_clients()[number]
    again = type(client)(**client.arguments)
    assert again.arguments == client.arguments
    assert pickle.loads(pickle.dumps(client)).arguments == client.arguments  # noqa: S301
    assert all(value is None or isinstance(value, str) for value in client.arguments.values())
    assert check_contract(client, ResultsClient) == []


def test_what_each_was_built_with() -> None:
    assert [dict(client.arguments) for client in new_clients()] == [
        {"path": "/somewhere/scores.csv"},
        {"folder": "/somewhere/tb"},
        {"experiment": "toys", "run_name": None, "tracking_uri": "http://127.0.0.1:1"},
        {
            "project": "toys",
            "entity": None,
            "group": None,
            "run_name": "first",
            "mode": "offline",
        },
    ]


def test_the_process_that_calls_them_loads_neither_torch_nor_a_library() -> None:
    program = """
import json, pickle, sys
clients = pickle.loads(sys.stdin.buffer.read())
print(json.dumps([[dict(each.arguments) for each in clients], [*sys.modules]]))
"""
    clients = new_clients()
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program],
        input=pickle.dumps(clients),
        capture_output=True,
        check=True,
    )
    arguments, modules = json.loads(done.stdout)
    assert arguments == [dict(client.arguments) for client in clients]
    loaded = {name.partition(".")[0] for name in modules}
    assert loaded.isdisjoint({"torch", "pandas", "mlflow", "wandb", "tensorboard"})


@pytest.mark.parametrize(
    ("library", "new"),
    [
        ("tensorboard", lambda: TensorBoardClient("runs")),
        ("wandb", WandbClient),
        ("mlflow", lambda: MLflowClient(experiment="toys")),
    ],
)
def test_a_library_that_is_missing_is_asked_for_when_the_client_is_built(
    library: str, new: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingExtraError, match=rf"pip install 'artifact-torch\[{library}\]'"):
        new()


def test_a_folder_of_that_name_is_no_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """W&B itself makes a folder `wandb` where the program runs."""
    monkeypatch.undo()
    monkeypatch.delitem(sys.modules, "wandb", raising=False)
    (tmp_path / "wandb").mkdir()
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    importlib.invalidate_caches()
    with pytest.raises(MissingExtraError):
        WandbClient()
