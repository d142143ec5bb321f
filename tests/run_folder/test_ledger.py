"""The file of the ledger: what counts of it, whatever happened to it."""

import errno
import logging
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artifact_torch.errors import RunFolderError
from artifact_torch.run_folder.ledger import LEDGER, WHATS, LedgerFile, read_ledger


def digests(seed: int) -> bytes:
    return np.random.default_rng(seed).bytes(64)


def written(folder: Path, runs: list[tuple[int, list[int]]]) -> None:
    """Each begins at a step and makes others, whose digests are those of its number and theirs."""
    for n, (begin, made) in enumerate(runs):
        file = LedgerFile(folder)
        file.begin(begin, "of_tests")
        file.start(begin, digests(begin)[48:])
        for step in made:
            file.add(step, digests(1000 * n + step))
        file.flush()


def contents(folder: Path) -> dict[int, bytes]:
    ledger = read_ledger(folder)
    assert ledger is not None
    return {
        int(row["step"]): b"".join(row[what].tobytes() for what in WHATS) for row in ledger.updates
    }


def test_what_was_written_is_read(tmp_path: Path) -> None:
    written(tmp_path, [(0, [1, 2, 3])])
    assert contents(tmp_path) == {n: digests(n) for n in (1, 2, 3)}
    ledger = read_ledger(tmp_path)
    assert ledger is not None
    assert (ledger.digest, ledger.n_damaged) == ("of_tests", 0)
    assert ledger.starts["step"].tolist() == [0]
    assert ledger.starts[0]["parameters"].tobytes() == digests(0)[48:]
    assert (tmp_path / LEDGER).stat().st_size == 5 * 80


def test_without_a_file_there_is_no_ledger(tmp_path: Path) -> None:
    assert read_ledger(tmp_path) is None


RUNS = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 6)).map(
        lambda each: (each[0], [*range(each[0] + 1, each[0] + each[1] + 1)])
    ),
    min_size=1,
    max_size=5,
)


@given(runs=RUNS)
def test_a_future_that_was_left_behind_does_not_count(
    runs: list[tuple[int, list[int]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("run")
    expected: dict[int, bytes] = {}
    for n, (begin, made) in enumerate(runs):
        expected = {step: each for step, each in expected.items() if step <= begin}
        expected |= {step: digests(1000 * n + step) for step in made}
    written(folder, runs)
    assert contents(folder) == expected


@pytest.mark.parametrize("n_lost", [1, 40, 79, 80, 81, 200])
def test_a_torn_end_is_left_out_and_filled_up(n_lost: int, tmp_path: Path) -> None:
    written(tmp_path, [(0, [1, 2, 3, 4, 5])])
    path = tmp_path / LEDGER
    path.write_bytes(path.read_bytes()[:-n_lost])
    kept = 5 - -(-n_lost // 80)
    assert contents(tmp_path) == {n: digests(n) for n in range(1, kept + 1)}
    written(tmp_path, [(2, [3, 4])])
    expected = {n: digests(n) for n in range(1, min(kept, 2) + 1)}
    assert contents(tmp_path) == expected | {n: digests(n) for n in (3, 4)}
    ledger = read_ledger(tmp_path)
    assert ledger is not None
    assert ledger.n_damaged == int(n_lost % 80 > 0)
    assert path.stat().st_size % 80 == 0


@given(at=st.integers(0, 7 * 80 - 1), bit=st.integers(0, 7))
def test_a_damaged_record_is_left_out(
    at: int, bit: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("run")
    written(folder, [(0, [1, 2, 3, 4, 5])])
    path = folder / LEDGER
    raw = bytearray(path.read_bytes())
    raw[at] ^= 1 << bit
    path.write_bytes(raw)
    ledger = read_ledger(folder)
    assert ledger is not None
    assert ledger.n_damaged == 1
    whole = {n: digests(n) for n in range(1, 6) if at // 80 != n + 1}
    assert contents(folder) == whole


def test_a_full_disk_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    write, room = os.write, 100

    def full(file: int, data: bytes) -> int:
        nonlocal room
        if room == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        n = write(file, bytes(data[:room]))
        room -= n
        return n

    file = LedgerFile(tmp_path)
    file.begin(0, "of_tests")
    with monkeypatch.context() as patch, caplog.at_level(logging.WARNING, "artifact_torch"):
        patch.setattr(os, "write", full)
        for step in range(1, 6):
            file.add(step, digests(step))
            file.flush()
    assert contents(tmp_path) == {1: digests(1)}
    with caplog.at_level(logging.WARNING, "artifact_torch"):
        file.flush()
    assert contents(tmp_path) == {n: digests(n) for n in range(1, 6)}
    told = [each.getMessage() for each in caplog.records]
    assert len(told) == 2
    assert "ledger.bin: cannot be written (No space left on device)" in told[0]
    assert "nothing is missing in it" in told[1]


def test_strict_ends_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int, __: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    file = LedgerFile(tmp_path, strict=True)
    monkeypatch.setattr(os, "write", full)
    with pytest.raises(RunFolderError, match=r"ledger\.bin: cannot be written"):
        file.begin(0, "of_tests")


def test_a_file_that_was_deleted_is_made_again(tmp_path: Path) -> None:
    file = LedgerFile(tmp_path)
    file.begin(0, "of_tests")
    file.add(1, digests(1))
    file.flush()
    (tmp_path / LEDGER).unlink()
    file.add(2, digests(2))
    file.flush()
    ledger = read_ledger(tmp_path)
    assert ledger is not None
    assert (ledger.digest, contents(tmp_path)) == ("of_tests", {2: digests(2)})
