"""Batches of a table that need not fit into memory: of Parquet files, in an order that a seed decides."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Generic, final

from artifact_torch.checking.places import Place
from artifact_torch.contracts.data import Share
from artifact_torch.contracts.io import InT
from artifact_torch.data.adapted import BatchMapping
from artifact_torch.data.batches.structure import same_type
from artifact_torch.data.item_types import places_of_function
from artifact_torch.data.parquet.columns import ParquetColumns
from artifact_torch.data.parquet.files import Paths, fingerprint, refuse_streams, table_files
from artifact_torch.data.parquet.order import streams_of
from artifact_torch.data.parquet.reading import Reader
from artifact_torch.data.parquet.rehearsal import rehearsed
from artifact_torch.data.parquet.stream import rows_of_batches
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
      buffer are used, a thread reads the next. Without `shuffle` it is two row groups a stream.
    - Every row comes once in an epoch; every batch but the last has `batch_size` rows. A run that is
      restored reads nothing of the buffers before its own.
    - Of several processes each reads all, and computes its rows of a batch. With `streams=8`, on up
      to 8 processes, each reads and holds row groups of its own alone: they are dealt to so many
      streams, by (`seed`, epoch), each with its part of `buffer_rows`, and a batch has its share of
      the rows of every stream. It decides the order as `seed` does: 1, 2 or 8 processes see the same
      batches, with about as many rows for each where `streams` is a multiple of their number.
    - The state that a checkpoint keeps says which files these are: a run that goes on with others,
      or in another order, is told. Files that change while the loader is used are an error.

    Raises ConfigurationError for arguments, for paths without a file, for more streams than row
    groups, for row groups that `buffer_rows // streams` has no room for, and for columns, types and
    vocabularies that the files do not have and nulls they do, all at once; DataError for files that
    cannot be read, and for too few rows; MissingExtraError without the extra. During a pass, DataError
    for what the footers do not tell.
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
        streams: int = 1,
    ) -> None:
        example = 'lambda columns: Points(x=columns.matrix(["a", "b"]))'
        problems = [
            *function_of_one("to_batch", to_batch, example),
            *integer("batch_size", batch_size, least=1),
            *integer("seed", seed, least=0),
            *integer("buffer_rows", buffer_rows, least=1),
            *integer("streams", streams, least=1),
            *boolean("shuffle", shuffle),
            *boolean("drop_last", drop_last),
        ]
        if problems:
            raise ConfigurationError("ParquetLoader: " + "; ".join(problems))
        files = table_files(paths)
        refuse_streams(files, buffer_rows, streams)
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
        self._n_streams = streams
        self._is_told = False
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
        for batch, _, _ in self._made(epoch, n_done, range(self._n_streams)):
            yield batch

    def shares_from(
        self, epoch: int, n_done: int, rank: int, size: int, /
    ) -> Iterator[Share[InT]] | None:
        """What the streams of a rank hold of each batch, of which no other is read: of `streams`
        those from `streams * rank // size` on. None, which is told once, where there are more
        processes than streams.
        """
        if size > self._n_streams:
            self._tell_of(size)
            return None
        n = self._n_streams
        return self._shares(epoch, n_done, range(n * rank // size, n * (rank + 1) // size))

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
            "streams": self._n_streams,
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

    def _shares(self, epoch: int, n_done: int, own: range) -> Iterator[Share[InT]]:
        of, number = (*self.state_dict().values(), epoch), n_done
        for batch, n_rows, n_of_all in self._made(epoch, n_done, own):
            yield Share(batch=batch, n_rows=n_rows, n_of_all=n_of_all, of=(*of, number))
            number += 1

    def _made(self, epoch: int, n_done: int, own: range) -> Iterator[tuple[InT, int, int]]:
        """Of each batch the rows of the streams `own`, as `rows_of_batches` has them."""
        like, size, n = self._reader.rehearsed.batch, self._batch_size, self._n_streams
        mixed_by = (self._seed, epoch) if self._shuffle else None
        plan = streams_of(self._n_rows_of, n, window_rows=self._buffer_rows // n, mixed_by=mixed_by)
        batches = range(n_done * size, min(len(self) * size, self.n_rows), size)
        for rows, n_rows, n_of_all in rows_of_batches(
            batches, plan, own, reader=self._reader, mixed_by=mixed_by
        ):
            yield same_type(rows, like), n_rows, n_of_all

    def _tell_of(self, size: int) -> None:
        """That each of more processes than streams reads all, where there is something to be done."""
        n_groups = sum(1 for n_rows in self._n_rows_of if n_rows)
        if not self._is_told and (n_groups >= size or self._n_streams > 1):
            self._is_told = True
            written = (
                "" if n_groups >= size else f"write the table in {size} row groups or more, and "
            )
            _logger.warning(_ALL_READ, size, self._n_streams, written, size)

    def _require_rows(self) -> None:
        if len(self) == 0:
            raise DataError(
                f"ParquetLoader: the files have {self.n_rows} rows, which makes no batch of "
                f"batch_size={self._batch_size} with drop_last={self._drop_last}; use a smaller "
                "batch_size, or drop_last=False"
            )


_ALL_READ = (
    "ParquetLoader: each of %d processes reads and holds the whole table, because streams=%d is less; "
    "%suse streams=%d or a multiple of it, and each reads row groups of its own alone"
)
