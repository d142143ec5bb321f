"""Clients that fail in each of their methods, and one whose module cannot be imported."""

import os
import sys
from importlib import import_module, invalidate_caches
from pathlib import Path
from typing import Final

import pytest

from artifact_torch import DataLoader, DataLoaderRoutine, LossCallback, TensorTable, Trainer
from artifact_torch.contracts import ResultsClient
from artifact_torch.trainer.loop import keeper
from tests.faults.conftest import CAUSES_ALL
from tests.faults.trainers import short
from tests.toys import Fit, Points, points, same_weights
from tests.tracking.delivery.doubles import Fault, FileClient, called

_METHODS: Final = ("begin", "log_settings", "log_results", "end")
_FAULTS: Final[tuple[Fault, ...]] = ("refused", "exits", "hangs", "dies")
CASES: Final = [
    (method, fault)
    for n, method in enumerate(_METHODS)
    for m, fault in enumerate(_FAULTS)
    if CAUSES_ALL or n == m
]


def run_of(folder: Path, client: ResultsClient) -> Trainer[Points, Fit]:
    loader = DataLoader(TensorTable(points(10)), batch_size=5)
    routine = DataLoaderRoutine(loader, scores=[LossCallback("loss")])
    return short(folder, routines=[routine], clients=[client], settings={"lr": 0.1})


@pytest.mark.parametrize(("method", "fault"), CASES)
def test_a_client_that_fails_in_a_method_is_an_outage_and_told_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, fault: Fault
) -> None:
    monkeypatch.setattr(keeper, "_DRAIN_S", 4.0)  # for those that do not answer
    out = tmp_path / "out"
    client = FileClient(out, fault=fault, of=method)
    result = run_of(tmp_path / "run", client).train()
    assert same_weights(result.last_weights, short(None).train().last_weights)
    assert result.stop_reason == "3 epochs completed"
    assert [*result.outages] == ["file"] or method == "end", result.outages
    client.switch.unlink()
    monkeypatch.setattr(keeper, "_DRAIN_S", 400.0)
    again = run_of(tmp_path / "run", FileClient(out)).train()
    assert again.outages == {}
    told = [(line["name"], line["epoch"], line["step"]) for line in called(out, "result")]
    assert told == [("loss", 1, 2), ("loss", 2, 4), ("loss", 3, 6)]
    assert called(out, "end")[-1]["how"] == "finished"


MODULE = """
import os
if os.getpid() != {process}:
    raise RuntimeError("its library wants another version of protobuf")

class Client:
    def begin(self, run, /): return {{}}
    def log_settings(self, settings, /): ...
    def log_results(self, results, /): ...
    def log_file(self, path, name, /): ...
    def end(self, how, reason, /): ...
"""


def test_a_client_whose_module_raises_when_it_is_imported_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Here it could be imported; in the process that is started for it, it cannot."""
    (tmp_path / "moody_client.py").write_text(MODULE.format(process=os.getpid()))
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    invalidate_caches()
    client: object = import_module("moody_client").Client()
    assert isinstance(client, ResultsClient)
    result = run_of(tmp_path / "run", client).train()
    assert same_weights(result.last_weights, short(None).train().last_weights)
    ((name, why),) = result.outages.items()
    assert name == "client"
    assert "RuntimeError: its library wants another version of protobuf" in why
    told = [text for text in caplog.messages if "another version of protobuf" in text]
    assert len(told) == 1
