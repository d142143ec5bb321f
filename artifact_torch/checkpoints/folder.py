"""Checkpoints in a folder: copied while training waits, written while it goes on."""

import logging
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Thread
from typing import Final, final

from artifact_torch.checkpoints.given_folder import folder_problems
from artifact_torch.checkpoints.job import Job
from artifact_torch.checkpoints.listing import Found, found_in, live, marks_in
from artifact_torch.checkpoints.ownership import remove_leftovers
from artifact_torch.checkpoints.peers import Peers
from artifact_torch.checkpoints.reading import found_live, newest_state
from artifact_torch.checkpoints.saving import Saving
from artifact_torch.checkpoints.shared_folder import require_shared
from artifact_torch.contracts import Every, Moment
from artifact_torch.errors import CheckpointError
from artifact_torch.internal.agreement import agreed
from artifact_torch.internal.arguments import boolean, integer, refuse
from artifact_torch.internal.cadence import cadence_problems
from artifact_torch.internal.disk import absolute, advice, free_bytes, told_bytes
from artifact_torch.internal.ranks import Ranks, ranks

_log = logging.getLogger(__name__)
_YIELD_S: Final = 0.001  # else a new thread keeps the interpreter for 5 ms, and training waits


@final
class FolderCheckpointer:
    """A folder per saved moment, of which the newest `keep` and the best one stay.

    `epoch_00010_step_00000150` at the end of an epoch, `step_00000120` within one; in it
    `tensors.safetensors`, `state.json`, and `manifest.json` with a digest of each file and tensor.
    `save` copies the state into memory that was prepared and returns; a thread writes it, complete
    or not at all, syncs it, and only then removes older ones. One is written at a time: the next
    `save` waits. A save that fails is a warning, and `is_due` says True until one succeeds; with
    `strict=True` the next call raises `CheckpointError`.

    Checkpoints of later steps than the one at which training goes on are a future that was left
    behind, or another run's: they are marked on the disk, then moved to `abandoned/`, and never
    loaded again. Nothing in a checkpoint is run: there is no pickle.

    In a run of several processes each has one, of a folder that all see, and what it asks is asked
    of all: `tensors.00001.safetensors` is what the second rank has of tensors that are divided among
    them (DTensors), and its random numbers; the first writes all else, and the manifest. Any number
    of processes loads it.

    A relative folder is the one that it names now, whatever the working directory becomes; `~` is
    the home folder. Raises `ConfigurationError` for a folder that is none or cannot be made.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        every: Every | list[Every] | tuple[Every, ...] = 1,
        keep: int | None = 3,
        strict: bool = False,
    ) -> None:
        given = tuple(every) if isinstance(every, list | tuple) else (every,)
        problems = folder_problems(folder)
        problems += [problem for each in given for problem in cadence_problems("every", each)]
        if not given:
            problems.append(
                "every must have at least one cadence, got an empty list; write every=1"
            )
        if keep is not None:
            problems += integer("keep (checkpoints, or None for all)", keep, least=1)
        problems += boolean("strict", strict)
        refuse([f"FolderCheckpointer: {problem}" for problem in problems])
        self._folder = absolute(folder) or Path()
        self._keep = keep
        self._is_strict = strict
        self._saving = Saving(self._folder, keep)
        self._thread: Thread | None = None
        self._error: Exception | None = None
        self._told = set[str]()
        self._met = Ranks()
        self.cadences: Sequence[Every] = given
        """When it is due; the trainer adds the end of the run."""
        self.before_writing: Callable[[], object] = _nothing
        """Called in the thread: what no checkpoint may be ahead of is synced there."""

    def is_due(self, moment: Moment, /) -> bool:
        """Whether any of its cadences is reached, or the last save failed."""
        return self._error is not None or any(moment.reaches(each) for each in self.cadences)

    def save(self, moment: Moment, state: Mapping[str, object], /) -> None:
        """Copy `state` and have it written. Waits for the save before.

        Raises `CheckpointError`, and writes nothing, for what `load` could not read back: anything
        but tensors, numbers, texts, bytes, None, torch's dtypes, devices and sizes, and dicts,
        lists, tuples and sets of them. `state["log"]` is a list of rows without tensors that only
        grows: only its new rows are written.
        """
        self._wait()
        self._raise()
        self._meet()
        try:
            job = Peers().agreed(lambda: self._saving.take(moment, state))
        except CheckpointError:
            raise
        except (OSError, RuntimeError, MemoryError) as error:  # no memory to copy to
            self._fail(f"checkpoint of {moment} could not be copied", error)
            self._raise()
            return
        thread = Thread(target=self._write, args=(job,), name="checkpoint")
        try:
            thread.start()
        except RuntimeError:  # the interpreter is ending, or there are too many
            self._write(job)
        else:
            self._thread = thread

    def begin(self, step: int, state: Mapping[str, object], /) -> None:
        """Make all ready for saves that begin at `step`: memory, and checkpoints of later steps
        marked as left behind. Those of another run, where `step` is 0, are told now and moved by
        the first save. Warns where the disk will not do.

        Raises `CheckpointError` for what `load` could not read back.
        """
        self._wait()
        self._raise()
        self._meet()
        try:
            Peers().agreed(lambda: self._begin(step, self._saving.prepare(state, step or -1)))
        except CheckpointError:
            raise
        except (OSError, RuntimeError, MemoryError) as error:
            self._fail("what is left behind could not be marked", error)
            self._raise()

    def load(self, *, epoch: int | None = None, step: int | None = None) -> Mapping[str, object]:
        """The state at the end of `epoch`, or after `step`, or the newest that is whole; warns of
        newer ones that are not. Tensors are on the CPU, mapped from the file.

        Raises `CheckpointError` naming what is there.
        """
        self._wait()
        self._meet()
        return newest_state(self._folder, epoch=epoch, step=step)

    def steps(self) -> list[int]:
        """The saved steps, oldest first."""
        return [each.name.step for each in self._whole()]

    def is_empty(self) -> bool:
        """Whether no checkpoint is there, not even one that is damaged."""
        self._wait()
        self._meet()
        return Peers().told(lambda: not found_live(self._folder))

    def newest(self) -> Path | None:
        """The folder of the last checkpoint, if there is one."""
        return next((each.path for each in reversed(self._whole())), None)

    def drain(self, timeout_s: float, /) -> None:
        """What was saved is on the disk, or `timeout_s` seconds are over, which is a warning."""
        self._wait(timeout_s)
        if self._thread is not None:
            _log.warning(
                "%s: a checkpoint is still being written after %g seconds; until it is whole, the "
                "one before it is the newest",
                self._folder,
                timeout_s,
            )
        self._raise()

    def _meet(self) -> None:
        """The first time in a run: all ranks see this folder. A collective."""
        if self._met != ranks():
            require_shared(self._folder)
            self._saving.meet()
            self._met = ranks()

    def _begin(self, step: int, n_bytes: int) -> None:
        if not ranks().is_first:
            return
        self._saving.make_folder()
        remove_leftovers(self._folder)
        there = live(found_in(self._folder), marks_in(self._folder))
        whole = [each.name.step for each in there if each.manifest is not None]
        self._tell_of_space(n_bytes * max((self._keep or 2) + 1 - len(whole), 1))
        if step > 0:
            self._saving.leave_behind(step)
        elif whole:
            _log.warning(
                "%s: holds checkpoints of steps %s, and this run begins anew; restore() before "
                "train() goes on from them, the first save moves them to abandoned/",
                self._folder,
                whole,
            )

    def _tell_of_space(self, needed: int) -> None:
        free = free_bytes(self._folder)
        if free < needed:
            _log.warning(
                "%s: the disk may be too small for the checkpoints: needed %s, free %s; make space, "
                "keep fewer (keep=), or give a folder on another disk",
                self._folder,
                told_bytes(needed),
                told_bytes(free),
            )

    def _write(self, job: Job) -> None:
        """In the thread."""
        time.sleep(_YIELD_S)
        try:
            self._saving.write(job, self.before_writing)
        except Exception as error:  # noqa: BLE001  (a save is never the end of a run)
            self._fail(f"checkpoint of {job.moment} could not be written", error)
        else:
            self._error = None
            self._told.clear()

    def _fail(self, what: str, error: Exception) -> None:
        """Once for each cause, until a save succeeds."""
        self._error = error
        cause = f"{type(error).__name__} {getattr(error, 'errno', '')}"
        if cause in self._told or not ranks().is_first:
            return
        self._told.add(cause)
        remedy = advice(error)
        _log.warning(
            "%s: %s (%s); training goes on, older checkpoints are as they were, and it is tried "
            "again at the next moment%s",
            *(self._folder, what, error, remedy and f"; {remedy}"),
        )

    def _wait(self, timeout_s: float | None = None) -> None:
        """For the save before."""
        if self._thread is not None:
            self._thread.join(timeout_s)
            if not self._thread.is_alive():
                self._thread = None

    def _raise(self) -> None:
        if self._is_strict and self._error is not None:
            error, self._error = self._error, None
            told = (
                f"{self._folder}: a checkpoint could not be written ({error}); "
                f"{advice(error) or 'look at the disk'}, or leave out strict=True to go on without"
            )
            raise agreed(CheckpointError(told)) from error

    def _whole(self) -> list[Found]:
        self._wait()
        return [each for each in found_live(self._folder) if each.manifest is not None]


def _nothing() -> None: ...
