"""A table in Parquet files that several processes share: the same global batches, each row once."""

from pathlib import Path

import pytest
import torch

from artifact_torch import ParquetLoader
from artifact_torch.internal.ranks import gathered, ranks
from artifact_torch.parallel.rows import PartOfRank
from tests.data.parquet.tables import Rows, expected, listed, numbered, rows
from tests.ranks.kit import in_ranks

EPOCH, N_DONE = 2, 3


def loader(path: Path) -> ParquetLoader[Rows]:
    return ParquetLoader(path, rows, batch_size=9, shuffle=True, seed=5, buffer_rows=30)


def ids_of_parts(path: Path) -> list[list[list[int]]]:
    """By global batch and rank, from the fourth batch of an epoch on: as after a restore."""
    take, found = PartOfRank[Rows](ranks()), list[list[list[int]]]()
    for batch in loader(path).batches_from(EPOCH, N_DONE):
        part = take(batch)
        assert torch.equal(part["x"], expected(part["id"]))
        found.append(gathered([] if take.is_spare else listed(part["id"])))
    return found


@pytest.mark.parametrize("n", [2, 4])
def test_all_ranks_together_read_what_one_process_reads(tmp_path: Path, n: int) -> None:
    path = numbered(tmp_path / "table.parquet", range(101), row_group_size=10)
    alone = [listed(batch["id"]) for batch in loader(path).batches(EPOCH)]
    assert sorted(each for batch in alone for each in batch) == [*range(101)]
    of_ranks = in_ranks(n, ids_of_parts, path)
    assert of_ranks == [of_ranks[0]] * n
    assert [[each for part in parts for each in part] for parts in of_ranks[0]] == alone[N_DONE:]
    sizes = [[len(part) for part in parts] for parts in of_ranks[0]]
    assert all(max(each) - min(each) <= 1 for each in sizes)
