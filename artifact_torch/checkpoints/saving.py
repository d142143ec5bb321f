"""One state written to a folder: whole or not at all, and on the disk before older ones go."""

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, final

from artifact_torch.checkpoints.job import Job, job_of, split
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
    Identity,
    Manifest,
    digest,
    dumped,
    file_of,
    manifest_bytes,
)
from artifact_torch.checkpoints.ownership import owned_folder, remove_leftovers
from artifact_torch.checkpoints.peers import Peers, thread_peers
from artifact_torch.checkpoints.retention import beyond, free_name
from artifact_torch.checkpoints.snapshot import Snapshot
from artifact_torch.contracts import Moment
from artifact_torch.internal.disk import refuse_without_space, sync, write_file

_log = logging.getLogger(__name__)
_SMALL: Final = 1 << 16  # manifest, log and folders


@final
@dataclass(frozen=True, kw_only=True)
class _Place:
    """Where a checkpoint is written, in the folder of all, and which it is."""

    temporary: str
    identity: Identity


@final
@dataclass(frozen=True, kw_only=True)
class _File:
    """What a rank wrote of the tensors, and its document, as JSON, which refers to them."""

    size: int
    digest: str
    tensors: Mapping[str, str]
    text: bytes


@final
class Saving:
    """Writes the checkpoints of one folder, one at a time: each rank of the run what it has of the
    tensors, the first all else.
    """

    def __init__(self, folder: Path, keep: int | None) -> None:
        self._snapshot = Snapshot()
        self._rows = LogFiles(folder)
        self._folder = folder
        self._keep = keep
        self._known: Sequence[Found] = ()
        self._peers = Peers()
        self._has_told = False
        self._goes_on_at: int | None = None
        """Known and not yet on the disk: what is there of later steps is left behind."""

    def meet(self) -> None:
        """The threads that write have a group of their own. A collective, of the main thread."""
        self._peers = thread_peers()

    def prepare(self, state: Mapping[str, object], goes_on_at: int) -> int:
        """Memory for states like this one, which follow step `goes_on_at`. The bytes of its
        tensors. Raises `CheckpointError` for a state that could not be written.
        """
        held, rows = split(state)
        self._known = ()
        self._rows.forget()
        self._rows.take(rows or ())
        self._snapshot.prepare(held.tensors)
        self._goes_on_at = goes_on_at
        return self._snapshot.n_bytes

    def take(self, moment: Moment, state: Mapping[str, object]) -> Job:
        """Copies the tensors and what is new of the log. Raises `CheckpointError`."""
        held, rows = split(state)
        if rows is not None:
            self._rows.take(rows)
        self._snapshot.take(held.tensors)
        return job_of(moment, state, held)

    def write(self, job: Job, before: Callable[[], object]) -> None:
        """The checkpoint is there, also after a loss of power, and not before `before` was called.
        Raises `OSError`, on all ranks; then the older ones are as they were.
        """
        peers = self._peers
        peers.agreed(before)
        with ExitStack() as until_done:
            text = peers.agreed(lambda: dumped(job.document).encode())
            place = peers.told(lambda: self._opened(job, len(text), until_done))
            files = peers.gathered(lambda: self._write_tensors(place, job, text))
            peers.told(lambda: self._close(place, job, files))
        _log.debug("checkpoint of %s: %s", job.moment, place.identity.name)

    def _opened(self, job: Job, n_text: int, until_done: ExitStack) -> _Place:
        """The first rank has made room."""
        folder = self._folder
        self.make_folder()
        remove_leftovers(folder)
        n_parts = self._peers.here.size if job.shapes else 1
        refuse_without_space(folder, self._snapshot.n_bytes * n_parts + n_text + _SMALL)
        self.leave_behind(job.moment.step)
        n_rows, rows_digest = self._rows.write() if job.has_log else (None, "")
        self._known = found_in(folder, self._known)
        identity = Identity(
            order=next_order(self._known, marks_in(folder)),
            epoch=job.moment.epoch,
            step=job.moment.step,
            seconds=job.moment.seconds,
            ends_epoch=job.moment.ends_epoch,
            n_rows=n_rows,
            rows_digest=rows_digest,
        )
        temporary = until_done.enter_context(owned_folder(folder))
        (temporary / "new").mkdir()
        return _Place(temporary=temporary.name, identity=identity)

    def _write_tensors(self, place: _Place, job: Job, text: bytes) -> _File:
        """Each rank what it has of them."""
        here = self._peers.here
        offsets = None if here.is_alone else job.offsets
        header, data = self._snapshot.parts(place.identity, offsets)
        new = self._folder / place.temporary / "new"
        written = _File(
            size=len(header) + len(data),
            digest=digest(header, data),
            tensors=self._snapshot.digests(),
            text=text,
        )
        write_file(new / file_of(here.rank), header, data)
        return written

    def _close(self, place: _Place, job: Job, files: Sequence[_File]) -> None:
        """The first rank writes the rest, the manifest last: what has one is whole."""
        folder, identity = self._folder, place.identity
        temporary = folder / place.temporary
        document = _document(job, identity, [each.text for each in files])
        names = [file_of(rank) for rank, _ in enumerate(files)]
        sizes = dict(zip(names, (each.size for each in files), strict=True))
        digests = dict(zip(names, (each.digest for each in files), strict=True))
        manifest = Manifest(
            identity=identity,
            sizes=sizes | {STATE: len(document)},
            digests=digests | {STATE: digest(document)},
            tensors=files[0].tensors,
            of_ranks={name: each.tensors for name, each in zip(names[1:], files[1:], strict=True)},
            written=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        new = temporary / "new"
        write_file(new / STATE, document)
        write_file(new / MANIFEST, manifest_bytes(manifest))
        sync(new)
        path, name = free_name(folder, identity)
        new.rename(path)
        sync(folder)
        found = Found(path=path, name=name, manifest=manifest, problem="")
        self._known = [*live(self._known, marks_in(folder)), found]
        self._remove(beyond(self._known, found, self._keep, job.best_step), temporary)

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

    def _remove(self, old: Sequence[Found], temporary: Path) -> None:
        """By way of the temporary folder, so that no half of one is ever left."""
        for n, each in enumerate(old):
            each.path.rename(temporary / str(n))
        if old:
            sync(self._folder)
            self._known = [each for each in self._known if each not in old]


def _document(job: Job, identity: Identity, texts: Sequence[bytes]) -> bytes:
    """The file: the state, and in a run of several processes what the others have by themselves."""
    head = dumped({"checkpoint": vars(identity)}).removesuffix("}").encode()
    beside = b""
    if len(texts) > 1:
        of_ranks, shapes = b",".join(texts[1:]), dumped(job.shapes).encode()
        beside = b',"ranks":[' + of_ranks + b'],"shapes":' + shapes
    return head + b',"state":' + texts[0] + beside + b"}"
