"""No process of a run ends alone: what one raises, hears or does otherwise, all know."""

import logging
import os
import signal
import time
from collections.abc import Callable, Sequence
from typing import final

import pytest

from artifact_torch import (
    DataLoader,
    DataLoaderRoutine,
    EpochBoundStopper,
    LossCallback,
    StepBoundStopper,
    TensorTable,
    Trainer,
    minutes,
)
from artifact_torch.contracts import ModelOutput, Moment
from artifact_torch.errors import ConfigurationError, RankError
from artifact_torch.internal.ranks import ranks
from tests.ranks.kit import Ended, World, in_ranks
from tests.ranks.toy_steps import Line, Together
from tests.toys import Batches, Fit, Points, points


def trainer(
    before: Callable[[int, Points], object] = lambda _step, _batch: None,
    *,
    n_rows: int = 24,
    n_steps: int = 9,
    **options: object,
) -> Trainer[Points, Fit]:
    usual: dict[str, object] = {
        "train_loader": Batches(points(n_rows), 8),
        "stop": [StepBoundStopper(max_n_steps=n_steps)],
        "progress": False,
        "sanity": False,
    }
    make: Callable[..., Trainer[Points, Fit]] = Trainer
    return make(Together(Line(), before=before), **(usual | options))


def raising(step: int, _batch: Points) -> None:
    if step == 5 and ranks().rank == 1:
        raise ValueError("the disk of rank 1")


def raises_on_one() -> float:
    began = time.monotonic()
    try:
        trainer(raising).train()
    except RankError as error:
        assert error.rank == 1
        raise
    return time.monotonic() - began


def test_what_one_raises_all_raise() -> None:
    first, second = World(2).endings(raises_on_one)
    assert "artifact_torch.errors.RankError: rank 1 raised ValueError: the disk of rank 1" in first.error
    assert "in raising" in first.error  # its traceback
    assert "ValueError: the disk of rank 1" in second.error.splitlines()
    assert "RankError" not in second.error


def killed_on_one() -> None:
    def dies(step: int, _batch: Points) -> None:
        if step == 5 and ranks().rank == 1:
            os.kill(os.getpid(), signal.SIGKILL)

    trainer(dies).train()


def test_one_that_is_killed_leaves_no_word() -> None:
    first, second = World(2).endings(killed_on_one)
    assert "RankError: another process of the run is gone" in first.error
    assert second.exit_code == -signal.SIGKILL


def hangs_where_another_raises() -> tuple[str, float]:
    """The one that hangs is in code of its own, where no collective fails."""
    began = time.monotonic()

    def acts(step: int, batch: Points) -> None:
        raising(step, batch)
        if step == 5:
            time.sleep(600)

    try:
        trainer(acts).train()
    except (RankError, ValueError) as error:
        return f"{type(error).__name__}: {error}", time.monotonic() - began
    return "", 0.0


def different_settings() -> str:
    try:
        trainer(settings={"lr": 0.1 * (1 + ranks().rank), "width": 8}).train()
    except ConfigurationError as error:
        return str(error)
    return ""


def uneven_source() -> str:
    try:
        trainer(n_rows=24 + 8 * ranks().rank).train()
    except ConfigurationError as error:
        return str(error)
    return ""


@final
class Other:
    """A hook that only one of them has."""

    def on_end(self, _state: object) -> None: ...


def different_parts() -> str:
    try:
        trainer(hooks=[Other()] if ranks().is_first else []).train()
    except ConfigurationError as error:
        return str(error)
    return ""


def one_hears_a_signal() -> tuple[object, int, str]:
    def hears(step: int, _batch: Points) -> None:
        time.sleep(0.01)
        if step == 5 and ranks().rank == 1:
            os.kill(os.getpid(), signal.SIGTERM)

    made = trainer(hears, n_steps=100_000)
    try:
        made.train()
    except SystemExit as left:
        return left.code, made.result.n_steps, made.result.stop_reason
    return None, made.result.n_steps, ""


def in_minutes() -> tuple[list[tuple[int, int]], list[float]]:
    """Rank 1 waits between its looks, and has a time of its own."""

    def slow(_step: int, _batch: Points) -> None:
        time.sleep(0.002 * (1 + ranks().rank))

    every = minutes(0.002)
    routine = DataLoaderRoutine(Batches(points(9), 4), scores=[LossCallback("loss")], every=every)
    result = trainer(slow, n_steps=200, routines=[routine]).train()
    return [(int(e), int(s)) for e, s in result.scores.index], result.scores["loss"].tolist()


@final
class Breaking:
    """A score that raises on one rank, and can be told what others have seen."""

    name = "breaking"

    def start(self) -> None: ...

    def update(self, _batch: object, _output: ModelOutput, /) -> None:
        if ranks().rank == 1:
            raise ValueError("only there")

    def seen(self) -> int:
        return 1

    def merge(self, seen: Sequence[int], /) -> None:
        self.n = sum(seen)

    def finish(self) -> float:
        return float(self.n)


def one_score_breaks() -> tuple[list[str], dict[str, str], str]:
    def made(**options: object) -> Trainer[Points, Fit]:
        scores = [Breaking(), LossCallback("loss")]
        routine = DataLoaderRoutine(Batches(points(9), 4), scores=scores)
        return trainer(routines=[routine], **options)

    result = made(on_failure="disable").train()
    why = ""
    try:
        made().train()
    except (ValueError, RankError) as error:
        why = f"{type(error).__name__}: {error}"
    return [str(name) for name in result.scores], dict(result.failures), why


@final
class Alone:
    """A score of one's own that sees the rows of its process alone."""

    name = "alone"

    def start(self) -> None: ...
    def update(self, _batch: object, _output: ModelOutput, /) -> None: ...

    def finish(self) -> float:
        return 0.0


def not_merged() -> str:
    try:
        trainer(routines=[DataLoaderRoutine(Batches(points(9), 4), scores=[Alone()])])
    except ConfigurationError as error:
        return str(error)
    return ""


@final
class Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())


def one_warns() -> list[str]:
    kept = Kept()
    logging.getLogger().addHandler(kept)

    def warns(step: int, _batch: Points) -> None:
        if step == 2:
            logging.getLogger("artifact_torch").warning("on all")
            if ranks().rank == 1:
                logging.getLogger("artifact_torch.data").warning("of one")

    trainer(warns).train()
    logging.getLogger().removeHandler(kept)
    return kept.texts


def all_in_one() -> list[object]:
    """In one world: it takes seconds to begin one."""
    return [
        hangs_where_another_raises(),
        different_settings(),
        uneven_source(),
        different_parts(),
        one_hears_a_signal(),
        in_minutes(),
        one_score_breaks(),
        not_merged(),
        one_warns(),
    ]


@pytest.fixture(scope="module")
def of_two() -> list[list[object]]:
    return in_ranks(2, all_in_one)


def test_one_that_hangs_is_interrupted(of_two: list[list[object]]) -> None:
    print(of_two)
