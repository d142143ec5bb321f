"""Batches of a table that need not fit into memory: of Parquet files, in an order that a seed decides."""

import logging
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Generic, final

import torch
from torch import Tensor

from artifact_torch.checking.places import Place
from artifact_torch.contracts.io import InT
from artifact_torch.data.adapted import BatchMapping
from artifact_torch.data.batches.structure import same_type
from artifact_torch.data.item_types import places_of_function
from artifact_torch.data.parquet.columns import ParquetColumns
from artifact_torch.data.parquet.files import Paths, fingerprint, refuse_large_groups, table_files
from artifact_torch.data.parquet.order import Window, rows_of, windows
from artifact_torch.data.parquet.reading import Reader
from artifact_torch.data.parquet.rehearsal import rehearsed
from artifact_torch.errors import ConfigurationError, DataError
from artifact_torch.internal.arguments import boolean, function_of_one, integer
from artifact_torch.internal.keywords import names_ours

_logger = logging.getLogger(__name__)


@final
class ParquetLoader(Generic[InT]):
    """Batches of a table in Parquet files, of any size, a `BatchSource`; needs the extra `parquet`.

    `paths` is a file, a folder (all `*.parquet` in it, by name), or a list of them. `to_batch` makes
    typed dicts of tensors of some rows: `lambda columns: Points(x=columns.matrix(["a", "b"]),
    y=columns.column("y"))`. What it returns has a row for each row it is given; it is called in
    another thread, with a few thousand rows at a time, and draws no random numbers.

    - With `shuffle`, row groups come in an order that depends on (`seed`, epoch) alone; as many as
      `buffer_rows` has room for are read together and their rows mixed. Rows of one row group stay
      near one another: the more row groups go into a buffer, the better they are mixed, so that a
      table that is sorted should be written in small ones (20 to a buffer: `row_group_size=100_000`).
    - Memory holds two times `buffer_rows` rows, as `to_batch` gives them: while the batches of one
      buffer are used, a thread reads the next. Without `shuffle` it is two row groups.
    - Every row comes once in an epoch; every batch but the last has `batch_size` rows. A run that is
      restored reads nothing of the buffers before its own.
    - The state that a checkpoint keeps says which files these are: a run that goes on with others,
      or in another order, is told. Files that change while the loader is used are an error.

    Raises ConfigurationError for arguments, for paths without a file, for row groups that
    `buffer_rows` has no room for, and for columns, types and vocabularies that the files do not have
    and nulls they do, all at once; DataError for files that cannot be read, and for too few rows;
    MissingExtraError without the extra. During a pass, DataError for what the footers do not tell.
    """

    @names_ours(
        columns="to_batch=, a function that takes them by name,",
        num_workers="needed nowhere, a thread reads ahead,",
        n_workers="needed nowhere, a thread reads ahead,",
        prefetch="prefetched(ParquetLoader(...), n_batches)",
        prefetch_factor="prefetched(ParquetLoader(...), n_batches)",
    )
    def __init__(
        self,
        paths: Paths,
        to_batch: Callable[[ParquetColumns], InT],
        *,
        batch_size: int,
        shuffle: bool = False,
        drop_last: bool = False,
        seed: int = 0,
        buffer_rows: int = 2_097_152,  # two of pyarrow's own row groups
    ) -> None:
        example = 'lambda columns: Points(x=columns.matrix(["a", "b"]))'
        problems = [
            *function_of_one("to_batch", to_batch, example),
            *integer("batch_size", batch_size, least=1),
            *integer("seed", seed, least=0),
            *integer("buffer_rows", buffer_rows, least=1),
            *boolean("shuffle", shuffle),
            *boolean("drop_last", drop_last),
        ]
        if problems:
            raise ConfigurationError("ParquetLoader: " + "; ".join(problems))
        files = table_files(paths)
        refuse_large_groups(files, buffer_rows)
        self._to_batch = to_batch
        known = rehearsed(to_batch, files)
        kept = [file.only(known.names) for file in files]
        self._reader = Reader(files=kept, to_batch=to_batch, rehearsed=known)
        self._n_rows_of = [n_rows for file in files for n_rows in file.n_rows_of]
        self._batch_size = batch_size
        self._shuffle = shuffle
        self._drop_last = drop_last
        self._seed = seed
        self._buffer_rows = buffer_rows
        self._files = fingerprint(files)
        self._require_rows()

    @property
    def contract_places(self) -> Sequence[Place]:
        """The function, as far as it is annotated."""
        return places_of_function("to_batch", self._to_batch, BatchMapping[ParquetColumns, InT])

    @property
    def n_rows(self) -> int:
        """Of the whole table."""
        return sum(self._n_rows_of)

    def batches(self, epoch: int, /) -> Iterator[InT]:
        """The batches of one epoch, a fresh pass at each call."""
        return self.batches_from(epoch, 0)

    def batches_from(self, epoch: int, n_done: int, /) -> Iterator[InT]:
        """Those but the first `n_done`, of which only what lies in the same buffer is read."""
        like = self._reader.rehearsed.batch
        size, rest = self._batch_size, dict[str, Tensor]()
        for rows, order in self._windows(epoch, n_done * size):
            at = 0
            while at < len(order):
                chosen = order[at : at + size - _n(rest)]
                at += len(chosen)
                part = {name: tensor.index_select(0, chosen) for name, tensor in rows.items()}
                if rest:  # the last rows of the window before
                    part = {name: torch.cat([rest[name], new]) for name, new in part.items()}
                rest = part if _n(part) < size else {}
                if not rest:
                    yield same_type(part, like)
        if rest and not self._drop_last:
            yield same_type(rest, like)

    def __len__(self) -> int:
        full, rest = divmod(self.n_rows, self._batch_size)
        return full if self._drop_last or not rest else full + 1

    def state_dict(self) -> Mapping[str, object]:
        """Of which files, and by what, the order of an epoch is made."""
        return {
            "files": self._files,
            "n_rows": self.n_rows,
            "n_row_groups": len(self._n_rows_of),
            "batch_size": self._batch_size,
            "shuffle": self._shuffle,
            "seed": self._seed if self._shuffle else 0,
            "buffer_rows": self._buffer_rows if self._shuffle else 0,
        }

    def load_state_dict(self, state_dict: dict[str, object], /) -> None:
        """Nothing is loaded: what is not as it was is told, in a warning."""
        own = self.state_dict()
        told = [
            f"{name} is {value}, was {state_dict.get(name)}"
            for name, value in own.items()
            if value != state_dict.get(name)
        ]
        if told:
            _logger.warning(
                "ParquetLoader: not as it was when the checkpoint was written: %s; an epoch that "
                "was begun goes on in another order, in which rows may come twice or not at all",
                "; ".join(told),
            )

    def _windows(self, epoch: int, n_done: int) -> Iterator[tuple[Mapping[str, Tensor], Tensor]]:
        """What each window holds, and the order of the rows in it that are not done."""
        mixed_by = (self._seed, epoch) if self._shuffle else None
        plan = windows(self._n_rows_of, window_rows=self._buffer_rows, mixed_by=mixed_by)
        plan = [window for window in plan if window.start + window.n_rows > n_done]
        for window, rows in _read_ahead(self._reader, plan):
            order = torch.arange(window.n_rows) if mixed_by is None else rows_of(window, mixed_by)
            yield rows, order[max(n_done - window.start, 0) :]

    def _require_rows(self) -> None:
        if len(self) == 0:
            raise DataError(
                f"ParquetLoader: the files have {self.n_rows} rows, which makes no batch of "
                f"batch_size={self._batch_size} with drop_last={self._drop_last}; use a smaller "
                "batch_size, or drop_last=False"
            )


def _read_ahead(
    reader: Reader[InT], plan: Sequence[Window]
) -> Iterator[tuple[Window, Mapping[str, Tensor]]]:
    """Each window in memory, while the next is read into other memory, which the one after it uses
    again: what is taken of a window has to be a copy.
    """
    n_rows = max((window.n_rows for window in plan), default=0)
    with _thread() as (pool, stopped):
        ahead: list[tuple[Future[None], dict[str, Tensor]]] = []
        spare = [reader.empty(n_rows) for _ in range(min(2, len(plan)))]
        for number, window in enumerate(plan):
            for coming in plan[number + len(ahead) : number + 2]:
                if spare:
                    room = spare.pop()
                    job = pool.submit(reader.read, coming.groups, room, stopped)
                    ahead.append((job, room))
            job, room = ahead.pop(0)
            job.result()
            yield window, room
            spare.append(room)


@contextmanager
def _thread() -> Generator[tuple[ThreadPoolExecutor, Event]]:
    """One that reads, until the pass ends or is given up."""
    stopped = Event()
    pool = ThreadPoolExecutor(1, thread_name_prefix="ParquetLoader")
    try:
        yield pool, stopped
    finally:
        stopped.set()
        pool.shutdown(cancel_futures=True)


def _n(batch: Mapping[str, Tensor]) -> int:
    """Its rows; 0 where there is none."""
    return next(iter(batch.values())).shape[0] if batch else 0
