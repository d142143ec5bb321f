"""What is odd about a part that is sent, or an answer: nothing hangs, is lost, or is of old weights."""

import logging
import threading
from collections.abc import Collection
from pathlib import Path

import pytest
from torch import Tensor, nn

from artifact_torch.contracts import ArtifactResults, Moment
from artifact_torch.errors import RankError
from tests.toys import seeded_regression
from tests.validation.doubles import slow_workers
from tests.validation.parts import SCORE, Looks
from tests.validation.test_processes import trained


class OddError(Exception):
    """Made with other arguments than it keeps."""

    def __init__(self, what: str, where: str) -> None:
        super().__init__(f"{what} {where}")


class RaisesOddly(Looks):
    def validate(
        self, model: nn.Module, names: Collection[tuple[object, str]], moment: Moment
    ) -> ArtifactResults:
        if moment.epoch:
            raise OddError("no", "table")
        extra = {"unsent": threading.Lock()}
        logging.getLogger("artifact_torch.tests").warning("seen", extra=extra)
        return ArtifactResults(scores={name: 1.0 for _, name in names})


class LogsOddly(Looks):
    def validate(
        self, model: nn.Module, names: Collection[tuple[object, str]], moment: Moment
    ) -> ArtifactResults:
        extra = {"unsent": threading.Lock()}
        logging.getLogger("artifact_torch.tests").warning("seen", extra=extra)
        return ArtifactResults(scores={name: 1.0 for _, name in names})


class HoldsTensor(Looks):
    def __init__(self, weight: Tensor) -> None:
        super().__init__(names=[SCORE])
        self._weight = weight

    def validate(
        self, model: nn.Module, names: Collection[tuple[object, str]], moment: Moment
    ) -> ArtifactResults:
        return ArtifactResults(scores={name: float(self._weight.sum()) for _, name in names})


def test_an_error_that_cannot_be_sent_is_the_one_that_is_raised_here() -> None:
    with pytest.raises(OddError, match="no table"):
        trained(RaisesOddly(names=[SCORE]), "beside")


def test_a_record_with_what_cannot_be_sent_loses_that_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    result = trained(LogsOddly(names=[SCORE]), "beside")
    assert result.failures == {}
    assert caplog.messages.count("seen") == 3  # the look before the first step, and two epochs


@pytest.mark.parametrize("is_view", [False, True])
def test_a_routine_that_holds_weights_has_those_of_the_moment(is_view: bool) -> None:
    scores: list[list[float]] = []
    for where in ("inline", "beside"):
        model = seeded_regression()
        weight = next(iter(model.parameters()))
        with slow_workers(lambda: 0.0):
            held = weight.detach() if is_view else weight
            result = trained(HoldsTensor(held), where, model=model, n_epochs=3)
        scores.append(result.scores["weight"].tolist())
    assert len({*scores[0]}) == 3
    assert scores[0] == scores[1]


def test_a_full_disk_is_told_and_nothing_is_missing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(_path: Path, _content: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with slow_workers(lambda: 0.0):
        result = trained(Looks(names=[SCORE]), "beside")
    assert len(result.scores) == 2
    assert "cannot be written to a temporary folder" in caplog.text


@pytest.mark.parametrize("is_of_a_rank", [True, False])
def test_what_keeps_weights_from_being_sent_is_told_but_of_a_process_that_is_gone_raised(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, *, is_of_a_rank: bool
) -> None:
    def pack(_: object, __: object) -> None:
        raise RankError("rank 1 is gone") if is_of_a_rank else OSError("no space")

    monkeypatch.setattr("artifact_torch.validation.sendable.pack", pack)
    if is_of_a_rank:
        with pytest.raises(RankError, match="rank 1 is gone"):
            trained(Looks(names=[SCORE]), "beside")
    else:
        trained(Looks(names=[SCORE]), "beside")
    assert ("its weights cannot be sent (no space)" in caplog.text) is not is_of_a_rank
