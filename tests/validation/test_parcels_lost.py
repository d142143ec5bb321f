"""Parcels that cannot be written, and answers that cannot be read: nothing is waited for in vain."""

import errno
import os
from collections.abc import Collection
from pathlib import Path

import pytest
from torch import nn

from artifact_torch import Beside, bind
from artifact_torch.contracts import ArtifactResults, Moment, ResultName
from artifact_torch.validation import parcel_folder, parcels
from artifact_torch.validation.jobs import Job
from artifact_torch.validation.process import WorkerProcess
from tests.faults.trainers import plain_step, short
from tests.toys import same_weights
from tests.validation.doubles import slow_workers
from tests.validation.parts import SCORE, Looks

FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class OfTwoError(Exception):
    """Can be pickled, and not be read again: its message is not what it is made of."""

    def __init__(self, table: str, column: str) -> None:
        super().__init__(f"{table} has no {column}")


class RaisesOfTwo(Looks):
    def validate(
        self, model: nn.Module, names: Collection[ResultName], moment: Moment
    ) -> ArtifactResults:
        if moment.epoch == 1:
            raise OfTwoError("rows", "column")
        return super().validate(model, names, moment)


def test_an_exception_that_cannot_be_sent_is_told_in_words() -> None:
    step = plain_step()
    trainer = short(
        None,
        step=step,
        routines=[bind(RaisesOfTwo(names=[SCORE]), step.model)],
        on_failure="disable",
        validation="beside",
    )
    result = trainer.train()
    assert "OfTwoError: rows has no column" in result.failures["weight"]
    assert result.n_epochs_elapsed == 3


def test_where_no_answer_can_be_read_it_is_computed_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(worker: WorkerProcess, job: Job) -> None:
        raise TypeError("no such class")

    monkeypatch.setattr(WorkerProcess, "_asked", asked)
    step = plain_step()
    trainer = short(
        None,
        step=step,
        routines=[bind(Looks(names=[SCORE]), step.model)],
        validation="beside",
    )
    result = trainer.train()
    assert result.failures == {}
    assert len(result.scores["weight"]) == result.n_epochs_elapsed == 3


@pytest.mark.parametrize("at", ["mkdtemp", "routine", "first weights", "later weights"])
def test_a_disk_that_is_full_when_a_parcel_is_written_costs_the_run_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, at: str
) -> None:
    written: list[Path] = []
    real = parcels.pack

    def no_folder(prefix: str) -> str:
        raise FULL

    def no_bytes(path: Path, content: bytes) -> int:
        if path.name.startswith("routine"):
            raise FULL
        return len(content)

    def no_weights(content: object, file: Path) -> None:
        written.append(file)
        if at == "first weights" or len(written) > 1:
            file.write_bytes(b"a part of it")
            raise FULL
        real(content, file)

    match at:
        case "mkdtemp":
            monkeypatch.setattr(parcel_folder, "mkdtemp", no_folder)
        case "routine":
            monkeypatch.setattr(Path, "write_bytes", no_bytes)
        case _:
            monkeypatch.setattr("artifact_torch.validation.sendable.pack", no_weights)

    def run(where: Beside | None) -> tuple[list[float], dict[str, object]]:
        step = plain_step()
        routines = [bind(Looks(names=[SCORE]), step.model)]
        trainer = short(None, step=step, routines=routines, validation=where or "inline")
        result = trainer.train()
        assert result.failures == {}
        return list(result.scores["weight"]), dict(result.last_weights)

    expected, weights = run(None)
    with slow_workers(lambda: 0.0):
        got, got_weights = run(Beside())
    assert (got, same_weights(weights, got_weights)) == (expected, True)
    (told,) = [text for text in caplog.messages if "No space left on device" in text]
    assert "is computed in the training" in told
    assert not any(file.exists() for file in written)
