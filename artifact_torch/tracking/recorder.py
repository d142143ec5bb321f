"""Carries the results of a run to a tracking client."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol, final, runtime_checkable

from artifact_torch.contracts.moment import Moment
from artifact_torch.contracts.tracking import TrackingClient
from artifact_torch.internal.interruption import from_now_on
from artifact_torch.routines.figures import as_pictures
from artifact_torch.routines.results import Computed
from artifact_torch.run_folder.best import BEST, WEIGHTS
from artifact_torch.run_folder.exports import EXPORTS, exported
from artifact_torch.tracking.entries import EntryNames, entries, own_arrays
from artifact_torch.tracking.logging_thread import logging_thread
from artifact_torch.tracking.turns import Turns

_log = logging.getLogger(__name__)

_MOST_FAILURES_IN_A_ROW = 5
_SILENCE_S = 15.0  # longer than for other clients: what is given up here is lost


@runtime_checkable
class _HasRunFolder(Protocol):
    @property
    def run_dir(self) -> str: ...


@final
class RunRecorder:
    """Carries results to a tracking client, each with its epoch and step; nothing that fails there
    raises, and nothing that hangs there holds training up for long.

    No call of a `TrackingClient` takes an epoch or step, and backends number what they get 1, 2, 3.
    So:

    - scores go by their own names, and all scores of a round once more, as one row of the score
      collection `SCORES_BY_EPOCH` with the keys `EPOCH` and `STEP`;
    - a score collection has those keys beside its own;
    - arrays, plots and their collections are called `<name>_EPOCH_000050`, within an epoch
      `<name>_STEP_00012000`.

    A row is written as a whole: when a backend loses something, no value gets another's epoch. An
    epoch that is trained again (a resumed run) is there twice, and the later one counts.

    Names keep letters, digits, `_`, `-` and `.`; all else becomes `_`, in keys of collections
    also `.` (see `SafeNames`). Scores become Python floats, NaN and infinity included; arrays are
    copied and become floating. A figure is drawn later, by the client, unless a run folder has its
    picture: do not change it. Clients of artifact-experiment get that picture, at its dpi, whatever
    theirs is.

    Each round is handed to a thread (`Turns`). Training waits until the client has taken it, a
    second at most: what the client draws from the generators meanwhile was not drawn after. For a
    client that is slower it never waits again. One that raises is reported once for each result;
    after 5 failures in a row one result a round is tried until it works again.
    """

    def __init__(self, client: TrackingClient, *, limit_s: float = 1.0) -> None:
        self._client = client
        self._turns = Turns(type(client).__name__, limit_s=limit_s)
        self._thread = logging_thread(client)
        self._names = EntryNames()
        self._files: dict[str, tuple[int, int]] = {}
        """What was sent of a run folder, and how it was then."""
        self._reported: set[str] = set()
        self._failures_in_a_row = 0
        self._unrecorded = 0

    @property
    def run_folder(self) -> str | None:
        """Where the results are, for a client that has a folder (`run_dir`)."""
        found: list[str] = []
        self._turns.take(lambda: found.extend(self._folders()))
        return found[0] if found else None

    def record(self, results: Computed, moment: Moment) -> None:
        """Hand over `results` of `moment`. The client is not told of a `Failure`."""
        own = own_arrays(as_pictures(results))  # training may go on before they are written
        self._turns.take(lambda: self._record(own, moment))

    def record_settings(self, settings: Mapping[str, object]) -> None:
        """Send the run's settings as the file `settings.json`: the client has no call for them."""
        if settings:
            self._turns.take(lambda: self._record_settings(dict(settings)))

    def record_files(self, folder: Path) -> None:
        """Send what lies in `files/` of a run folder, each file under the name of its folder there
        (`files/tabular_data/one.csv` as `tabular_data`), and the best weights as `torch_checkpoints`.
        One that did not change since is not sent again.
        """
        found = {name: Path(name).relative_to(EXPORTS) for name in exported(folder)}
        named = {name: within.parent.as_posix() for name, within in found.items()}
        named = {name: Path(name).stem if at == "." else at for name, at in named.items()}
        if (folder / BEST / WEIGHTS).is_file():
            named[f"{BEST}/{WEIGHTS}"] = "torch_checkpoints"
        new = {name: state for name in named if (state := _state_of(folder / name))}
        new = {name: state for name, state in new.items() if self._files.get(name) != state}
        if new:
            self._turns.take(lambda: self._record_files(folder, named, new))

    def drain(
        self, timeout_s: float = 60.0, is_interrupted: Callable[[], bool] = lambda: False
    ) -> None:
        """Wait until the client has written all results, or none for 15 s, has taken none for 5 s, or
        for `timeout_s` seconds where that is less, or `is_interrupted` becomes True.

        What is given up is said in one warning. The client can be used afterwards. Ctrl-C ends
        the wait. Clients that are not artifact-experiment's are done when their calls return.
        """
        is_interrupted = from_now_on(is_interrupted)
        n_left = self._turns.drain(timeout_s, is_interrupted)
        if n_left:
            _log.warning("%s has not taken %d rounds of results.", self._turns.name, n_left)
        if self._unrecorded:
            _log.warning(
                "%d results were not recorded, because the tracking client raised.",
                self._unrecorded,
            )
            self._unrecorded = 0
        if self._thread is not None and not n_left:
            try:
                self._thread.drain(min(timeout_s, _SILENCE_S), is_interrupted)
            except Exception:  # noqa: BLE001 it must not hide how the training ended
                _log.exception("The tracking client could not be waited for; the run is complete.")

    def _folders(self) -> list[str]:
        client: object = self._client
        try:
            return [os.fspath(client.run_dir)] if isinstance(client, _HasRunFolder) else []
        except Exception as error:  # noqa: BLE001 a client may raise what it likes
            self._report("run folder", error)
            return []

    def _record(self, results: Computed, moment: Moment) -> None:
        if not self._is_ready():
            return
        given_up = False
        for entry in entries(self._client, results, moment, self._names):
            if given_up:
                self._unrecorded += 1
            elif not self._attempt(entry.label, entry.send):
                given_up = self._failures_in_a_row >= _MOST_FAILURES_IN_A_ROW

    def _record_settings(self, settings: Mapping[str, object]) -> None:
        if not self._is_ready():
            return
        client = self._client
        with TemporaryDirectory() as folder:  # artifact-experiment's clients copy a file at once
            path = Path(folder) / "settings.json"
            path.write_text(json.dumps(settings, indent=2), encoding="utf-8")
            self._attempt(
                "settings", lambda: client.log_file(path_source=str(path), name="settings")
            )

    def _record_files(
        self, folder: Path, named: Mapping[str, str], new: Mapping[str, tuple[int, int]]
    ) -> None:
        if not self._is_ready():
            return
        client = self._client
        for name, state in new.items():
            log_file = partial(client.log_file, path_source=str(folder / name), name=named[name])
            if self._attempt(f"file {name!r}", log_file):
                self._files[name] = state

    def _is_ready(self) -> bool:
        try:
            return self._thread is None or self._thread.revive()
        except RuntimeError as error:  # no new thread can be started
            self._report("logging thread", error)
            return False

    def _attempt(self, label: str, send: Callable[[], object]) -> bool:
        try:
            send()
        except BaseException as error:  # noqa: BLE001 SystemExit too: a client may raise what it likes
            self._unrecorded += 1
            self._failures_in_a_row += 1
            self._report(label, error)
            if self._failures_in_a_row == _MOST_FAILURES_IN_A_ROW:
                _log.warning(
                    "The tracking client raised %d times in a row: one result a round is tried "
                    "from now on, until it works again.",
                    _MOST_FAILURES_IN_A_ROW,
                )
            return False
        if self._failures_in_a_row >= _MOST_FAILURES_IN_A_ROW:
            _log.warning("The tracking client works again.")
        self._failures_in_a_row = 0
        return True

    def _report(self, label: str, error: BaseException) -> None:
        if label not in self._reported:
            self._reported.add(label)
            _log.warning(
                "Could not record %s: %s: %s. The run goes on; further failures of it are counted.",
                label,
                type(error).__name__,
                error,
            )
            _log.debug("Could not record %s", label, exc_info=True)


def _state_of(file: Path) -> tuple[int, int] | None:
    """Size and time of the last change; None for one that is gone."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def run_folder(recorders: Iterable[RunRecorder]) -> str | None:
    """Where the first client that says so put its files."""
    return next(filter(None, (recorder.run_folder for recorder in recorders)), None)
