"""A table in Parquet files whose row groups are dealt to the processes: none reads another's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
import torch

from artifact_torch import (
    BestScoreTracker,
    DataLoaderRoutine,
    EpochBoundStopper,
    LossCallback,
    MeanSquaredError,
    OutputArrayCallback,
    ParquetColumns,
    ParquetLoader,
    StepBoundStopper,
    Trainer,
    TrainLoss,
    find_learning_rate,
    limited,
    mapped,
    prefetched,
    steps,
)
from artifact_torch.contracts import BatchSource, Share
from artifact_torch.contracts.kinds import Array
from artifact_torch.data import CheckedSource
from artifact_torch.data.parquet import library, reading
from artifact_torch.data.parquet.library import ParquetFile
from artifact_torch.errors import DataError
from artifact_torch.internal.ranks import gathered, ranks
from artifact_torch.parallel.rows import PartOfRank
from tests.data.parquet.tables import Rows, expected, listed, numbered, rows, write
from tests.ranks.heard import Heard
from tests.ranks.kit import in_ranks
from tests.ranks.toy_steps import Kind, Line, step_of
from tests.toys import Fit, Points, points
from tests.trainer.composed import untyped

SIZES = (13, 5, 9, 13, 2, 7, 11, 4, 6)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """70 rows in 9 files of one row group each."""
    for number, size in enumerate(SIZES):
        first = sum(SIZES[:number])
        numbered(tmp_path / f"{number}.parquet", range(first, first + size), row_group_size=50)
    return tmp_path


def loader(folder: Path, streams: int = 4, batch_size: int = 9) -> ParquetLoader[Rows]:
    return ParquetLoader(
        folder,
        rows,
        batch_size=batch_size,
        shuffle=True,
        seed=5,
        buffer_rows=30 * streams,
        streams=streams,
    )


@dataclass(frozen=True)
class Read:
    """What a rank had of an epoch."""

    batches: list[list[int]]
    opened: list[str]
    seen: list[int]
    """Rows that went through the function."""


def read(folder: Path, streams: int, batch_size: int, n_done: int = 0) -> Read:
    opened, seen, really_opened = list[str](), list[int](), library.opened

    def opening(
        path: Path, *, by_dictionary: Sequence[str] = (), buffer_bytes: int = 0
    ) -> ParquetFile:
        opened.append(path.name)
        return really_opened(path, by_dictionary=by_dictionary, buffer_bytes=buffer_bytes)

    def counted(columns: ParquetColumns) -> Rows:
        made = rows(columns)
        seen.extend(listed(made["id"]))
        return made

    source = ParquetLoader(
        folder,
        counted,
        batch_size=batch_size,
        shuffle=True,
        seed=5,
        buffer_rows=30 * streams,
        streams=streams,
    )
    seen.clear()  # of the rehearsal
    part = PartOfRank[Rows](ranks())
    batches = list[list[int]]()
    with patch.object(reading, "opened", opening):
        for batch in CheckedSource(source, "loader").batches(2, n_done, part):
            assert torch.equal(batch["x"], expected(batch["id"]))
            assert part.is_spare or part.weight > 0
            batches.append([] if part.is_spare else listed(batch["id"]))
    return Read(batches, sorted(opened), sorted(seen))


@pytest.mark.parametrize("batch_size", [2, 9])
@pytest.mark.parametrize("n", [2, 4])
def test_each_rank_reads_its_own_files_and_all_have_the_batches_of_one(
    folder: Path, n: int, batch_size: int
) -> None:
    alone = [listed(batch["id"]) for batch in loader(folder, 4, batch_size).batches(2)]
    assert sorted(each for batch in alone for each in batch) == [*range(70)]
    of_ranks = in_ranks(n, read, folder, 4, batch_size)
    opened = [name for each in of_ranks for name in each.opened]
    assert sorted(opened) == [f"{number}.parquet" for number in range(len(SIZES))]  # each by one
    assert all(each.opened for each in of_ranks)
    assert sorted(row for each in of_ranks for row in each.seen) == [*range(70)]
    for each in of_ranks:
        assert sorted(row for batch in each.batches for row in batch) == each.seen
        assert len(each.seen) == pytest.approx(70 / n, abs=max(SIZES))
    together = [[*chain(*shares)] for shares in zip(*(e.batches for e in of_ranks), strict=True)]
    assert together == alone


def shuffled(path: Path, streams: int, batch_size: int, seed: int = 3) -> ParquetLoader[Points]:
    return ParquetLoader(
        path,
        of_points,
        batch_size=batch_size,
        shuffle=True,
        seed=seed,
        buffer_rows=20 * streams,
        streams=streams,
    )


def of_points(columns: ParquetColumns) -> Points:
    return Points(x=columns.matrix(["a", "b", "c"]), y=columns.column("y"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """60 rows in 10 row groups, the last of 4."""
    data = points(60)
    columns: dict[str, object] = dict(zip("abc", data["x"].T.numpy(), strict=True))
    return write(tmp_path / "p.parquet", {**columns, "y": data["y"].numpy()}, row_group_size=7)


@dataclass(frozen=True)
class Outcome:
    """What a rank came to."""

    weights: Mapping[str, torch.Tensor]
    scores: Mapping[str, list[float]]
    residuals: Array
    warnings: list[str]
    rates: list[float]


def numbers(batch: Points, output: Fit) -> tuple[torch.Tensor, torch.Tensor]:
    return output["residual"] + batch["y"], batch["y"]


def trainer(
    path: Path,
    kind: Kind,
    batch_size: int,
    *,
    folder: Path | None = None,
    n_steps: int | None = None,
) -> Trainer[Points, Fit]:
    held_out: BatchSource[Points] = ParquetLoader(
        path, of_points, batch_size=batch_size + 1, buffer_rows=60, streams=4
    )
    routine = DataLoaderRoutine[Points, Fit](
        limited(held_out, 7),
        scores=[LossCallback("val_loss"), MeanSquaredError("val_mse", of=numbers)],
        arrays=[OutputArrayCallback("residuals", key="residual")],
        every=steps(4),
    )
    stop = [] if n_steps is None else [StepBoundStopper(max_n_steps=n_steps)]
    return Trainer(
        step_of(Line(), kind),
        train_loader=prefetched(shuffled(path, 4, batch_size)),
        stop=[EpochBoundStopper(max_n_epochs=3), *stop],
        best=BestScoreTracker("val_loss"),
        callbacks=[TrainLoss()],
        routines=[routine],
        run_folder=folder,
        progress=False,
    )


def trained(
    path: Path,
    kind: Kind,
    batch_size: int,
    *,
    folder: Path | None = None,
    n_steps: int | None = None,
) -> Outcome:
    told = list[str]() if ranks().is_alone else Heard().said
    made = trainer(path, kind, batch_size, folder=folder, n_steps=n_steps)
    if folder is None:
        made.rehearse()
    result = made.train()
    is_given = ranks().is_first or kind == "ddp"
    weights = [*result.last_weights.items()] if is_given else []
    found = find_learning_rate(step_of(Line(), kind), shuffled(path, 4, batch_size), n_updates=9)
    return Outcome(
        weights={k: v for k, v in weights if isinstance(v, torch.Tensor)},
        scores={str(name): result.scores[name].tolist() for name in result.scores},
        residuals=result.arrays["residuals"],
        warnings=told,
        rates=[*found.losses],
    )


def assert_same(these: Outcome, those: Outcome) -> None:
    np.testing.assert_allclose(these.rates, those.rates, rtol=0, atol=1e-6)
    for name, weight in these.weights.items():
        torch.testing.assert_close(weight, those.weights[name], rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("kind", "n", "batch_size"), [("ddp", 2, 8), ("fsdp", 2, 8), ("ddp", 4, 3), ("fsdp", 3, 8)]
)
def test_several_processes_come_to_what_one_comes_to(
    path: Path, kind: Kind, n: int, batch_size: int
) -> None:
    """Ranks have different numbers of rows, of a batch of 3 on 4 ranks some none at all."""
    one = trained(path, kind, batch_size)
    assert len(one.weights) == 4
    for each in in_ranks(n, trained, path, kind, batch_size):
        assert_same(each, one)
        assert each.scores.keys() == one.scores.keys()
        for name, values in one.scores.items():
            np.testing.assert_allclose(each.scores[name], values, rtol=0, atol=1e-6, err_msg=name)
        assert each.warnings == []
        if batch_size > 3:
            np.testing.assert_allclose(each.residuals, one.residuals, atol=1e-6)


def test_a_run_goes_on_with_another_number_of_processes(path: Path, tmp_path: Path) -> None:
    """4, then 2, then 1, each from within an epoch."""
    one = trained(path, "ddp", 8, folder=tmp_path / "one")
    of_ranks = in_ranks(4, trained, path, "ddp", 8, folder=tmp_path / "run", n_steps=5)
    of_ranks += in_ranks(2, trained, path, "ddp", 8, folder=tmp_path / "run", n_steps=11)
    rest = trained(path, "ddp", 8, folder=tmp_path / "run")
    assert_same(rest, one)
    assert rest.scores["val_loss"][-1] == pytest.approx(one.scores["val_loss"][-1], abs=1e-6)
    assert not any("ParquetLoader" in text for each in (*of_ranks, rest) for text in each.warnings)


def told_of(folder: Path, streams: int) -> tuple[list[str], list[list[int]]]:
    """What is said of passes over a loader, a limited and a mapped one, and the rows of the first."""
    told = Heard().said
    source = loader(folder, streams)
    part, found = PartOfRank[Rows](ranks()), list[list[int]]()
    sources: list[BatchSource[Rows]] = [source, limited(source, 2), mapped(source, lambda it: it)]
    for each in (*sources, *sources):
        for batch in CheckedSource(each, "loader").batches(1, 0, part):
            found.append(listed(batch["id"]))
    return told, found[: len(source)]


def test_what_each_process_reads_as_a_whole_is_told_once(folder: Path) -> None:
    alone = [listed(batch["id"]) for batch in loader(folder, 1).batches(1)]
    of_ranks = in_ranks(2, told_of, folder, 1)
    for told, _ in of_ranks:
        (text,) = told
        assert "each of 2 processes reads and holds the whole table, because streams=1" in text
        assert "use streams=2 or a multiple of it" in text
    together = [[*chain(*parts)] for parts in zip(*(found for _, found in of_ranks), strict=True)]
    assert together == alone
    for told, _ in in_ranks(2, told_of, folder, 2):
        (text,) = told
        assert "mapped: its function is given whole batches" in text


def parted(folder: Path) -> list[str]:
    """Of two ranks whose loaders differ."""
    here, found = ranks(), list[str]()
    other: list[ParquetLoader[Rows]] = [
        ParquetLoader(folder, rows, batch_size=9, streams=2, shuffle=True, seed=here.rank),
        ParquetLoader(folder, rows, batch_size=9, streams=2 - here.rank),
        ParquetLoader(folder, rows, batch_size=9 + here.rank, streams=2),
    ]
    for each in other:
        part = PartOfRank[Rows](here)
        with pytest.raises(DataError) as caught:
            next(CheckedSource(each, "loader").batches(1, 0, part))
        found.append(str(caught.value))
        gathered(None)
    return found


def test_loaders_that_differ_are_an_error_on_all_ranks(folder: Path) -> None:
    for found in in_ranks(2, parted, folder):
        assert all("the batch of rank 1 is another than that of rank 0" in text for text in found)
        assert all("made alike on all: of the same files" in text for text in found)


def of_rows(n_rows: int, n_of_all: int) -> Share[Rows]:
    one = Rows(id=torch.zeros(1, dtype=torch.int64), x=torch.zeros(1))
    return Share(batch=one, n_rows=n_rows, n_of_all=n_of_all, of=1)


@pytest.mark.parametrize("given", [{"x": torch.zeros(2)}, of_rows(0, 0), of_rows(3, 2)])
def test_what_is_no_share_is_told(given: object) -> None:
    with pytest.raises(DataError, match="return Share"):
        untyped(PartOfRank[Rows](ranks()).given, given)
