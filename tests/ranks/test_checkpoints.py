"""Checkpoints of runs of several processes: saved on some, restored on others, bit for bit."""

from pathlib import Path

from tests.ranks.kit import in_ranks
from tests.ranks.sharded_run import restored, trained


def test_saved_on_two_ranks_it_is_restored_on_two_and_in_one_process(tmp_path: Path) -> None:
    saved = in_ranks(2, trained, "fsdp", tmp_path, 2)
    assert in_ranks(2, restored, "fsdp", tmp_path) == saved
    alone = restored("plain", tmp_path)
    assert [alone["model"], alone["step"], alone["rng"]] == [
        saved[0][key] for key in ("model", "step", "rng")
    ]
