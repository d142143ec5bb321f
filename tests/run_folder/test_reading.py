"""Reading a record that is written at this moment, torn, or damaged."""

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from artifact_torch.contracts import Result, ResultKind
from artifact_torch.run_folder import Record, history, lines, reading, recorded
from tests.run_folder.moments import at, score


def test_reading_goes_on_where_it_was(tmp_path: Path) -> None:
    record, path = Record(tmp_path), tmp_path / "record.jsonl"
    assert lines(path) == ([], 0)
    record.add(score("a", 1.0), at(1))
    first, end = lines(path)
    assert [line["name"] for line in first] == ["a"]
    assert end == path.stat().st_size
    assert lines(path, end) == ([], end)
    record.add([*score("b", 1.0), *score("c", 1.0)], at(2))
    more, end = lines(path, end)
    assert [line["name"] for line in more] == ["b", "c"]
    assert end == path.stat().st_size


def test_a_torn_last_line_is_left_for_later(tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"
    Record(tmp_path).add([*score("a", 1.0), *score("b", 1.0)], at(1))
    whole = path.read_bytes()
    second = whole.index(b"\n") + 1
    for cut in range(second, len(whole)):
        path.write_bytes(whole[:cut])
        found, end = lines(path)
        assert [line["name"] for line in found] == ["a"]
        assert end == second
    path.write_bytes(whole)
    assert [line["name"] for line in lines(path, second)[0]] == ["b"]


@pytest.mark.parametrize("damage", [b"\x00\xff", b"[1]", b"{", b"nul", b"[" * 100_000])
def test_a_damaged_line_is_counted_and_hides_no_other(damage: bytes, tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"
    record = Record(tmp_path)
    record.add(score("a", 1.0), at(1))
    size = path.stat().st_size
    with path.open("ab") as file:
        file.write(damage + b"\n")
    record.add(score("b", 1.0), at(2))
    found, end = lines(path)
    assert [line.get("name") for line in found] == ["a", None, "b"]
    assert found[1] == {"event": "damaged", "at": size}
    assert recorded(found[1], tmp_path) is None
    assert end == path.stat().st_size
    assert [line["name"] for line in history(tmp_path)] == ["a", "b"]


def test_a_flipped_bit_anywhere_costs_its_line_at_most(tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"
    for step in range(1, 4):
        Record(tmp_path).add(score("loss", step), at(step))
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        found = [recorded(line, tmp_path) for line in lines(path)[0]]
        values = [each.value for each in found if each is not None and each.name == "loss"]
        assert sum(value in values for value in (1.0, 2.0, 3.0)) >= (
            1 if whole[place : place + 1] == b"\n" else 2
        )


def test_a_file_that_was_made_anew_is_read_from_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"
    record = Record(tmp_path)
    record.add([*score("a", 1.0), *score("b", 1.0)], at(1))
    end = path.stat().st_size
    path.unlink()
    assert lines(path, end) == ([], 0)
    record.add(score("c", 1.0), at(2))
    assert [line["name"] for line in lines(path, end)[0]] == ["c"]


def test_a_reader_far_behind_holds_little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_AT_ONCE", 300)
    for step in range(1, 21):
        Record(tmp_path).add(score("a" if step % 2 else "long" * 200, step), at(step))
    path = tmp_path / "record.jsonl"
    found, end = lines(path)
    assert 0 < len(found) < 20
    assert end < path.stat().st_size
    assert [line["step"] for line in history(tmp_path)] == [*range(1, 21)]


@pytest.mark.parametrize(
    "file", ["/etc/hostname", "../secret.npy", "arrays/../../secret.npy", "gone.npy", "text.npy"]
)
def test_a_file_that_is_not_there_or_not_of_the_folder(
    file: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    np.save(tmp_path / "secret.npy", np.ones(1))
    (folder / "text.npy").write_text("no array")
    line = {"kind": "array", "name": "a", "value": {"file": file}, "epoch": 1, "step": 1}
    assert recorded(line, folder) is None
    assert 'array "a" of step 1 cannot be read' in caplog.text


def test_no_pickle_is_loaded(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([{"x": 1}], dtype=object), allow_pickle=True)
    line = {"kind": "array", "name": "a", "value": {"file": "a.npy"}, "epoch": 1, "step": 1}
    assert recorded(line, tmp_path) is None


@pytest.mark.parametrize(
    "line",
    [
        {},
        {"event": "begin", "step": 1},
        {"kind": "score", "name": "a"},
        {"kind": "score", "name": 1, "value": 1.0, "epoch": 1, "step": 1},
        {"kind": "film", "name": "a", "value": 1.0, "epoch": 1, "step": 1},
        {"event": "failure", "kind": "score", "name": "a", "epoch": 1, "step": 1},
    ],
)
def test_what_is_no_result(line: dict[str, object], tmp_path: Path) -> None:
    assert recorded(line, tmp_path) is None


def test_reading_loads_neither_torch_nor_pandas(tmp_path: Path) -> None:
    results = [*score("a", 0.5), Result(ResultKind.ARRAY, "b", np.arange(3))]
    Record(tmp_path).add(results, at(1))
    program = f"""
import sys
from pathlib import Path
from artifact_torch.run_folder import history, lines, read_status, recorded
folder = Path({str(tmp_path)!r})
values = [recorded(line, folder).value for line in history(folder)]
assert values[0] == 0.5 and values[1].tolist() == [0, 1, 2], values
assert read_status(folder) is None
print(sorted({{"torch", "pandas", "matplotlib", "safetensors"}} & sys.modules.keys()))
"""
    done = subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_number_that_no_float_holds_is_not_one() -> None:
    assert math.isnan(reading.number(10**400))
    assert reading.number(10**300) == 1e300
