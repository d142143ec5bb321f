"""What several processes have computed beside the training: the numbers, stop and best of inline."""

import os
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Event, Timer

import numpy as np
import pandas as pd
import pytest

from artifact_torch import Beside
from artifact_torch.errors import RankError
from artifact_torch.internal.ranks import ranks
from artifact_torch.validation.configuration import Where
from tests.ranks.beside import (
    N_BATCHES,
    STOPS_AT,
    Draws,
    Outcome,
    assert_same,
    kept,
    lines,
    outcome,
    recorded,
    trained,
    trainer,
    weighed,
)
from tests.ranks.kit import World, in_ranks
from tests.ranks.toy_steps import Kind
from tests.validation.doubles import slow_workers, some_milliseconds


@pytest.mark.parametrize("kind", ["ddp", "fsdp"])
def test_a_process_beside_the_first_gives_the_numbers_of_inline(kind: Kind, tmp_path: Path) -> None:
    (one,) = trained(kind, None, "inline")
    both = in_ranks(2, trained, kind, tmp_path, "inline", "beside")
    for rank, (inline, beside) in enumerate(both):
        assert_same(beside, inline)
        assert beside.n_steps == inline.n_steps == one.n_steps == STOPS_AT
        np.testing.assert_array_equal(beside.drawn, inline.drawn)
        np.testing.assert_allclose(beside.drawn, one.drawn, rtol=0, atol=1e-5)
        assert (beside.best_step, beside.stopped) == (one.best_step, one.stopped)
        (process,) = beside.scores["process"].dropna().unique()
        assert process not in [*inline.scores["process"]]
        worlds = [{*each.scores["world"].dropna()} for each in (inline, beside)]
        assert worlds == [{2.0}, {0.0}]  # it is none of the run's
        pd.testing.assert_frame_equal(beside.scores, both[0][1].scores, check_exact=True)
        assert beside.n_plots == (1 if rank == 0 else 0)
        told = [each for each in beside.warned if "validation beside training" in each]
        assert len(told) == (1 if rank == 0 else 0)
        assert all('DataLoaderRoutine ("val_loss") is computed in the training' in x for x in told)
        assert all("all processes of the run make its pass together" in each for each in told)
    assert recorded(tmp_path / "1") == recorded(tmp_path / "0")


def with_doubles(kind: Kind, *validations: Where) -> list[Outcome]:
    """No processes, which take seconds to start."""
    with slow_workers(some_milliseconds(0, 30.0)):
        return trained(kind, None, *validations)


def test_stop_and_best_may_be_decided_later_by_all() -> None:
    both = in_ranks(2, with_doubles, "fsdp", "inline", Beside(staleness=1, pending=3))
    for inline, beside in both:
        assert (inline.n_steps, beside.n_steps) == (STOPS_AT, STOPS_AT + 3)  # a round
        assert_same(beside, inline, before=STOPS_AT)
        pd.testing.assert_frame_equal(beside.scores, both[0][1].scores, check_exact=True)


def killed(folder: Path) -> Outcome:
    draws = Draws(kills=folder / "mark")
    return outcome(trainer("ddp", "beside", draws=draws, n_epochs=2).train())


def test_a_process_that_dies_is_started_again(tmp_path: Path) -> None:
    first, second = in_ranks(2, killed, tmp_path)
    assert (tmp_path / "mark").exists()
    for each in (first, second):
        assert each.failures == {}
        assert weighed(each) == [3, 6]


def failing() -> tuple[Outcome, Outcome, Outcome, str]:
    """Lost at the second job; left out since there is one under way; left out since the routine raises
    at step 6, there and here; and ended by that.
    """
    deaths, ready = iter([0, 2]), Event()

    def after(step: int) -> None:
        if step == 2 * N_BATCHES:
            ready.set()

    with slow_workers(lambda: 0.0, deaths=lambda: next(deaths, 0)):
        lost = outcome(trainer("ddp", "beside", n_epochs=3).train())
    with slow_workers(lambda: 0.0, ready=ready):
        full = Beside(pending=1, when_full="skip")
        skipped = outcome(trainer("ddp", full, after=after, n_epochs=3).train())
    with slow_workers(lambda: 0.0):
        raising = partial(trainer, "fsdp", "beside", draws=Draws(raises_at=6), n_epochs=3)
        disabled = outcome(raising(on_failure="disable").train())
        words = ""
        try:
            raising().train()
        except (OSError, RankError) as error:
            words = "\n".join([f"{type(error).__name__}: {error}", *error.__notes__])
    return lost, skipped, disabled, words


def test_what_fails_fails_for_all() -> None:
    why = "lost: its process was ended by SIGKILL, when it was computed beside the training"
    told = in_ranks(2, failing)
    for lost, skipped, disabled, words in told:
        assert lost.failures["weight"].endswith(why)
        assert "step 6" in lost.failures["weight"]
        assert weighed(lost) == [3, 9, 12]
        assert skipped.failures == {}
        assert weighed(skipped)[0] == 3
        assert 6 not in weighed(skipped)
        assert weighed(skipped) == weighed(told[0][1])
        assert "OSError: no table" in disabled.failures["drawn"]
        assert (weighed(disabled), disabled.n_steps) == ([3], 3 * N_BATCHES)
        assert "in Draws.validate, at " in words
        assert "step 6" in words
        assert "beside the training" in words
    assert told[0][3].startswith("OSError: no table")
    assert told[1][3].startswith("RankError: rank 0 raised OSError: no table")


def fails_while_it_is_computed(folder: Path) -> None:
    def acts(step: int) -> None:
        if step == N_BATCHES and ranks().rank == 1:
            raise ValueError("the disk of rank 1")

    with slow_workers(lambda: 0.0, ready=Event()):  # which never comes
        trainer("ddp", "beside", folder, after=acts).train()


def test_a_rank_that_raises_while_something_is_computed_ends_all(tmp_path: Path) -> None:
    first, second = World(2).endings(fails_while_it_is_computed, tmp_path)
    assert "RankError: rank 1 raised ValueError: the disk of rank 1" in first.error
    assert "ValueError: the disk of rank 1" in second.error.splitlines()
    failed = [each for each in lines(tmp_path) if "the run ended before" in str(each)]
    assert {(each["name"], each["step"]) for each in failed} == {
        (name, 3) for name in ("weight", "process", "world", "drawn", "picture")
    }


def asked_to_end(folder: Path) -> None:
    """By a signal to one; what of an earlier moment is under way is there in time."""

    def acts(step: int) -> None:
        if step == 10 and ranks().rank == 1:
            os.kill(os.getpid(), signal.SIGTERM)

    with slow_workers(lambda: 0.3), pytest.raises(SystemExit):
        trainer("fsdp", "beside", folder, after=acts).train()


def asked_while_it_waits(folder: Path) -> tuple[object, float]:
    """For what a checkpoint needs, and no process answers."""
    began = time.monotonic()

    def acts(step: int) -> None:
        if step == N_BATCHES and ranks().rank == 1:
            Timer(1.0, os.kill, (os.getpid(), signal.SIGTERM)).start()

    with slow_workers(lambda: 0.0, ready=Event()), pytest.raises(SystemExit) as ended:
        trainer("fsdp", "beside", folder, after=acts, grace_s=12.0).train()
    return ended.value.code, time.monotonic() - began


def test_a_signal_interrupts_the_wait_of_all(tmp_path: Path) -> None:
    for code, seconds in in_ranks(2, asked_while_it_waits, tmp_path):
        assert code == 128 + signal.SIGTERM
        assert seconds < 60.0
    failed = [each for each in lines(tmp_path) if "SIGTERM ended the run before it" in str(each)]
    assert {each["step"] for each in failed} == {3}


def killed_where_something_is_owed(folder: Path) -> None:
    """By the checkpoint of the end of the third epoch, of that very moment."""
    delays = iter([0.0, 0.0, 0.0])

    def acts(step: int) -> None:
        if step == 3 * N_BATCHES + 1 and ranks().rank == 1:
            os.kill(os.getpid(), signal.SIGKILL)

    with slow_workers(lambda: next(delays, 600.0)):
        trainer("fsdp", "beside", folder, after=acts).train()


@pytest.mark.parametrize("function", [asked_to_end, killed_where_something_is_owed])
def test_one_process_goes_on_where_two_ended(
    function: Callable[[Path], None], tmp_path: Path
) -> None:
    whole = outcome(trainer("fsdp", "inline", tmp_path / "whole").train())
    folder = tmp_path / "run"
    endings = World(2).endings(function, folder)
    assert any(each.given for each in endings) is (function is asked_to_end)
    with slow_workers(lambda: 0.1):
        again = outcome(trainer("fsdp", "beside", folder).train())
    pd.testing.assert_frame_equal(
        kept(again.scores), kept(whole.scores), rtol=0, atol=1e-5, check_like=True
    )
    assert (again.best_step, again.n_steps, again.stopped) == (
        whole.best_step,
        whole.n_steps,
        whole.stopped,
    )
    assert again.failures == {}
    assert recorded(folder) == recorded(tmp_path / "whole")
