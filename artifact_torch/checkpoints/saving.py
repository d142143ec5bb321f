"""One state written to a folder: whole or not at all, and on the disk before older ones go."""

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, final

from artifact_torch.checkpoints.encoding import encoded
from artifact_torch.checkpoints.listing import (
    Found,
    found_in,
    leave_behind,
    live,
    marks_in,
    next_order,
)
from artifact_torch.checkpoints.log_files import LogFiles
from artifact_torch.checkpoints.manifest import (
    MANIFEST,
    STATE,
    TENSORS,
    Identity,
    Manifest,
    Name,
    digest,
    dumped,
    manifest_bytes,
)
from artifact_torch.checkpoints.ownership import owned_folder, remove_leftovers
from artifact_torch.checkpoints.snapshot import Snapshot
from artifact_torch.contracts import Moment
from artifact_torch.errors import CheckpointError
from artifact_torch.internal.arguments import shown
from artifact_torch.internal.disk import refuse_without_space, sync, write_file
from artifact_torch.internal.narrowing import is_list, is_state_dict

_log = logging.getLogger(__name__)
_SMALL: Final = 1 << 16  # manifest, log and folders


@final
@dataclass(frozen=True, kw_only=True)
class Job:
    """What is written, but for the tensors, which are in the snapshot, and the log's rows."""

    moment: Moment
    document: object
    has_log: bool
    best_step: int | None
    """Its checkpoint stays, however old."""


@final
class Saving:
    """Writes the checkpoints of one folder, one at a time."""

    def __init__(self, folder: Path, keep: int | None) -> None:
        self._snapshot = Snapshot()
        self._rows = LogFiles(folder)
        self._folder = folder
        self._keep = keep
        self._known: Sequence[Found] = ()
        self._has_told = False
        self._goes_on_at: int | None = None
        """Known and not yet on the disk: what is there of later steps is left behind."""

    def prepare(self, state: Mapping[str, object], goes_on_at: int) -> int:
        """Memory for states like this one, which follow step `goes_on_at`. The bytes of its
        tensors. Raises `CheckpointError` for a state that could not be written.
        """
        rest, rows = _split(state)
        held = encoded(rest)
        self._known = ()
        self._rows.forget()
        self._rows.take(rows or ())
        self._snapshot.prepare(held.tensors)
        self._goes_on_at = goes_on_at
        return self._snapshot.n_bytes

    def take(self, moment: Moment, state: Mapping[str, object]) -> Job:
        """Copies the tensors and what is new of the log. Raises `CheckpointError`."""
        rest, rows = _split(state)
        held = encoded(rest)
        if rows is not None:
            self._rows.take(rows)
        self._snapshot.take(held.tensors)
        return Job(
            moment=moment,
            document=held.document,
            has_log=rows is not None,
            best_step=_best_step(state),
        )

    def write(self, job: Job) -> None:
        """The checkpoint is there, also after a loss of power. Raises `OSError`; then the older
        ones are as they were.
        """
        folder = self._folder
        self.make_folder()
        remove_leftovers(folder)
        text = dumped(job.document).encode()
        refuse_without_space(folder, self._snapshot.n_bytes + len(text) + _SMALL)
        self.leave_behind(job.moment.step)
        n_rows, rows_digest = self._rows.write() if job.has_log else (None, "")
        found = found_in(folder, self._known)
        identity = Identity(
            order=next_order(found, marks_in(folder)),
            epoch=job.moment.epoch,
            step=job.moment.step,
            seconds=job.moment.seconds,
            ends_epoch=job.moment.ends_epoch,
            n_rows=n_rows,
            rows_digest=rows_digest,
        )
        with owned_folder(folder) as temporary:
            manifest = self._write_files(temporary / "new", identity, text)
            path, name = _free(folder, identity)
            (temporary / "new").rename(path)
            sync(folder)
            new = Found(path=path, name=name, manifest=manifest, problem="")
            self._known = [*live(found, marks_in(folder)), new]
            self._remove(_beyond(self._known, new, self._keep, job.best_step), temporary)
        _log.debug("checkpoint of %s: %s", job.moment, path)

    def make_folder(self) -> None:
        """It is there; that it was moved or deleted is said once. Raises `OSError`."""
        if self._folder.is_dir():
            return
        if not self._has_told:
            _log.warning(
                "%s: was moved or deleted while it was written to; it is made again, and what is "
                "saved from now on is there",
                self._folder,
            )
        self._has_told = True
        self._folder.mkdir(parents=True, exist_ok=True)

    def leave_behind(self, step: int) -> None:
        """What is there of later steps is never loaded again, and said. Raises `OSError`."""
        step = step if self._goes_on_at is None else min(step, self._goes_on_at)
        later = leave_behind(self._folder, step, self._known)
        self._goes_on_at = None
        if later and step >= 0:  # a run that begins anew was told at its start
            _log.warning(
                "%s: had checkpoints of the later steps %s, from which restore() before train() would "
                "have gone on; moved to its folder abandoned/",
                self._folder,
                later,
            )

    def _write_files(self, new: Path, identity: Identity, text: bytes) -> Manifest:
        """The manifest last: what has one is whole."""
        new.mkdir()
        header, data = self._snapshot.parts(identity)
        head = dumped({"checkpoint": vars(identity)}).removesuffix("}").encode()
        document = head + b',"state":' + text + b"}"
        manifest = Manifest(
            identity=identity,
            sizes={TENSORS: len(header) + len(data), STATE: len(document)},
            digests={TENSORS: digest(header, data), STATE: digest(document)},
            tensors=self._snapshot.digests(),
            written=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        write_file(new / TENSORS, header, data)
        write_file(new / STATE, document)
        write_file(new / MANIFEST, manifest_bytes(manifest))
        sync(new)
        return manifest

    def _remove(self, old: Sequence[Found], temporary: Path) -> None:
        """By way of the temporary folder, so that no half of one is ever left."""
        for n, each in enumerate(old):
            each.path.rename(temporary / str(n))
        if old:
            sync(self._folder)
            self._known = [each for each in self._known if each not in old]


def _beyond(
    there: Sequence[Found], new: Found, keep: int | None, best_step: int | None
) -> list[Found]:
    """Which are not kept: older ones of the same step, and all but the newest `keep`."""
    whole = [each for each in there if each.manifest is not None]
    replaced = [
        each
        for each in whole
        if each.name.step == new.name.step
        and each is not new
        and (each.name.epoch is None or new.name.epoch is not None)
    ]
    rest = sorted((each for each in whole if each not in replaced), key=lambda each: each.age)
    old = [] if keep is None else rest[:-keep]
    return replaced + [each for each in old if each.name.step != best_step]


def _free(folder: Path, identity: Identity) -> tuple[Path, Name]:
    """Its path, or where there is something already, one with a number."""
    path, n = folder / identity.name, 1
    while os.path.lexists(path):
        n += 1
        path = folder / f"{identity.name}-{n}"
    return path, Name(identity.epoch if identity.ends_epoch else None, identity.step, n)


def _split(state: Mapping[str, object]) -> tuple[dict[str, object], list[object] | None]:
    """The state without its log, and the log."""
    rows = state.get("log")
    if "log" in state and not is_list(rows):
        raise CheckpointError(
            f'checkpoint: state["log"] must be a list that only grows, got {shown(rows)}'
        )
    rest = {key: each for key, each in state.items() if key != "log"}
    return rest, rows if is_list(rows) else None


def _best_step(state: Mapping[str, object]) -> int | None:
    run = state.get("run")
    match run.get("best") if is_state_dict(run) else None:
        case (int(), int(step)):
            return step
        case _:
            return None
