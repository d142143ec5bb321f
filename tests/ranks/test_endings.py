"""No process of a run ends alone: what one raises, hears or does otherwise, all know."""

import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import final

import pytest
import torch
import torch.distributed as dist

from artifact_torch import (
    DataLoaderRoutine,
    LossCallback,
    StepBoundStopper,
    Trainer,
    minutes,
)
from artifact_torch.contracts import LoaderCallback, ModelOutput
from artifact_torch.errors import ConfigurationError, DataError, RankError
from artifact_torch.internal.ranks import ranks
from tests.ranks.kit import World, in_ranks
from tests.ranks.toy_steps import Line, step_of
from tests.toys import Batches, Fit, Points, points
from tests.trainer.composed import untyped

Acts = Callable[[int], object]


@final
class After:
    """Something that happens after an update, on one rank or on all."""

    def __init__(self, acts: Acts) -> None:
        self._acts = acts

    def on_batch(self, step: int, _batch: object, _output: object, /) -> None:
        self._acts(step)


def trainer(
    after: Acts = lambda _step: None, *, n_rows: int = 24, n_steps: int = 9, **options: object
) -> Trainer[Points, Fit]:
    usual: dict[str, object] = {
        "train_loader": Batches(points(n_rows), 8),
        "stop": [StepBoundStopper(max_n_steps=n_steps)],
        "callbacks": [After(after)],
        "progress": False,
        "sanity": False,
    }
    return untyped(Trainer[Points, Fit], step_of(Line()), **(usual | options))


def raising(step: int) -> None:
    if step == 5 and ranks().rank == 1:
        raise ValueError("the disk of rank 1")


def raises_on_one() -> None:
    trainer(raising).train()


def test_what_one_raises_all_raise() -> None:
    first, second = World(2).endings(raises_on_one)
    assert (
        "artifact_torch.errors.RankError: rank 1 raised ValueError: the disk of rank 1"
        in first.error
    )
    assert "in raising" in first.error  # its traceback
    assert "ValueError: the disk of rank 1" in second.error.splitlines()
    assert "RankError" not in second.error


def killed_on_one() -> None:
    def dies(step: int) -> None:
        if step == 5 and ranks().rank == 1:
            os.kill(os.getpid(), signal.SIGKILL)

    trainer(dies).train()


def test_one_that_is_killed_leaves_no_word() -> None:
    first, second = World(2).endings(killed_on_one)
    assert "RankError: another process of the run is gone" in first.error
    assert second.exit_code == -signal.SIGKILL


def waits_for_who_waits(folder: Path) -> None:
    """The third is killed. The first sees it, and takes long to end; the second waits for the first."""
    mark = folder / "second"

    def acts(step: int) -> None:
        if step < 5:
            return
        if ranks().rank == 1:
            mark.write_text(str(os.getpid()))
        while not mark.exists():
            time.sleep(0.01)
        if ranks().rank == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        receive: Callable[..., object] = vars(dist)["recv"]  # untyped
        receive(torch.zeros(()), src=2 if ranks().is_first else 0)  # what nobody sends

    trainer(acts, hooks=[Lingers(mark)], grace_s=2.0).train()


@final
class Lingers:
    """At the end of the first process: until the second is gone, or a minute."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def on_end(self, _state: object) -> None:
        end = time.monotonic() + 60.0
        while ranks().is_first and time.monotonic() < end:
            time.sleep(0.05)
            if "Z" in (state := _state_of(int(self._mark.read_text()))) or not state:
                return


def _state_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_who_waits_for_another_hears_that_a_third_is_gone(tmp_path: Path) -> None:
    first, second, third = World(3, timeout_s=80).endings(waits_for_who_waits, tmp_path)
    assert "RankError: another process of the run is gone" in first.error
    assert second.exit_code == 1  # in a collective, where nothing interrupts it: after its grace
    assert third.exit_code == -signal.SIGKILL


def hangs_where_another_raises() -> tuple[str, float]:
    """The one that hangs is in code of its own, where no collective fails."""
    began = time.monotonic()

    def acts(step: int) -> None:
        raising(step)
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


def different_rows() -> str:
    try:
        trainer(train_loader=Batches(points(24, seed=ranks().rank), 8)).train()
    except DataError as error:
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
    def hears(step: int) -> None:
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

    def slow(_step: int) -> None:
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
    def made(on_failure: str) -> Trainer[Points, Fit]:
        scores: list[LoaderCallback[Points, ModelOutput, float]] = [
            Breaking(),
            LossCallback("loss"),
        ]
        routine = DataLoaderRoutine(Batches(points(9), 4), scores=scores)
        return trainer(routines=[routine], on_failure=on_failure)

    result = made("disable").train()
    why = ""
    try:
        made("raise").train()
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

    def warns(step: int) -> None:
        if step == 2:
            logging.getLogger("artifact_torch").warning("on all")
            if ranks().rank == 1:
                logging.getLogger("artifact_torch.data").warning("of one")

    trainer(warns).train()
    logging.getLogger().removeHandler(kept)
    return kept.texts


@final
@dataclass(frozen=True)
class All:
    """In one world: it takes seconds to begin one."""

    hangs: tuple[str, float]
    settings: str
    source: str
    rows: str
    parts: str
    signal: tuple[object, int, str]
    minutes: tuple[list[tuple[int, int]], list[float]]
    breaks: tuple[list[str], dict[str, str], str]
    not_merged: str
    warned: list[str]


def all_in_one() -> All:
    return All(
        hangs=hangs_where_another_raises(),
        settings=different_settings(),
        source=uneven_source(),
        rows=different_rows(),
        parts=different_parts(),
        signal=one_hears_a_signal(),
        minutes=in_minutes(),
        breaks=one_score_breaks(),
        not_merged=not_merged(),
        warned=one_warns(),
    )


@pytest.fixture(scope="module")
def two() -> tuple[All, All]:
    first, second = in_ranks(2, all_in_one)
    return first, second


def test_one_that_hangs_in_code_of_its_own_is_interrupted(two: tuple[All, All]) -> None:
    first, second = two
    assert first.hangs[0] == "RankError: rank 1 raised ValueError: the disk of rank 1"
    assert second.hangs[0] == "ValueError: the disk of rank 1"
    assert max(first.hangs[1], second.hangs[1]) < 30.0  # of 600


def test_what_differs_is_told_on_all_before_the_first_batch(two: tuple[All, All]) -> None:
    advice = (
        "\nevery process has to run the same program, by the same libraries, with the same settings and seeds, and to read "
        "as many batches"
    )
    for each in two:
        assert each.settings == "train: settings: lr is 0.2 on rank 1, 0.1 on rank 0" + advice
        assert each.source == "train: batches an epoch is 4 on rank 1, 3 on rank 0" + advice
        assert each.rows.startswith("the batch of rank 1 is another than that of rank 0")
        assert (
            "hooks is not there on rank 1, tests.ranks.test_endings.Other on rank 0" in each.parts
        )


def test_a_signal_to_one_ends_all_at_one_step(two: tuple[All, All]) -> None:
    first, second = two
    assert first.signal == second.signal
    assert first.signal[0] == 143
    assert first.signal[1] < 100_000
    assert first.signal[2] == "interrupted by SIGTERM"


def test_minutes_are_those_of_the_first(two: tuple[All, All]) -> None:
    first, second = two
    assert first.minutes == second.minutes
    assert len(first.minutes[0]) > 2


def test_a_score_that_breaks_on_one_is_left_out_on_all(two: tuple[All, All]) -> None:
    first, second = two
    for each in two:
        assert each.breaks[0] == ["loss"]
        assert "breaking" in each.breaks[1]
    assert first.breaks[2] == "RankError: rank 1 raised ValueError: only there"
    assert second.breaks[2] == "ValueError: only there"


def test_a_score_of_one_process_is_refused(two: tuple[All, All]) -> None:
    for each in two:
        assert each.not_merged == (
            'DataLoaderRoutine: Alone "alone" sees the rows of its own process alone; give it seen(), '
            "which returns its sums and counts, and merge(seen), which takes those of all processes "
            "in place of its own (`artifact_torch.contracts.Merged`)"
        )


def test_warnings_are_told_by_the_first(two: tuple[All, All]) -> None:
    first, second = two
    assert (first.warned, second.warned) == (["on all", "rank 1: of one"], [])
