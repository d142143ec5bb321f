"""Checkpoints of runs of several processes: saved on some, restored on others, bit for bit."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load as load_bytes
from torch import Tensor

from artifact_torch import FolderCheckpointer
from artifact_torch.checkpoints.sharded import local
from artifact_torch.checkpoints.state import read
from artifact_torch.cli.main import main
from artifact_torch.errors import CheckpointError
from artifact_torch.internal.narrowing import is_mapping
from artifact_torch.internal.ranks import ranks
from tests.ranks.kit import in_ranks
from tests.ranks.sharded_run import Kind, digests, gone_on, restored, trained, trainer


def load_file(path: Path) -> dict[str, Tensor]:
    return load_bytes(path.read_bytes())


ALL = ("model", "step", "rng")


def of(digests: dict[str, str], *names: str) -> list[str]:
    return [digests[name] for name in names]


@pytest.fixture(scope="module")
def round_trip(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """Saved by one process, then by four ranks and by two, each of which restored the one before."""
    folder = tmp_path_factory.mktemp("runs")
    one = trained(folder / "1", kind="fsdp", n_epochs=2)
    four = in_ranks(4, restored, folder / "1", kind="fsdp", saves_to=folder / "4")
    two = in_ranks(2, restored, folder / "4", kind="fsdp", saves_to=folder / "2")
    assert [of(each, "model", "step") for each in four] == [of(one, "model", "step")] * 4
    assert [of(each, "model", "step") for each in two] == [of(one, "model", "step")] * 2
    return folder, one


def test_one_two_and_four_ranks_restore_what_any_of_them_saved(
    round_trip: tuple[Path, dict[str, str]],
) -> None:
    folder, one = round_trip
    for saved_on in ("4", "2"):
        assert of(restored(folder / saved_on, kind="fsdp"), *ALL) == of(one, *ALL)
    back = in_ranks(4, restored, folder / "2", kind="fsdp")
    assert [of(each, "model", "step") for each in back] == [of(one, "model", "step")] * 4
    whole = in_ranks(2, restored, folder / "4", kind="ddp")
    assert [of(each, "model", "step") for each in whole] == [of(one, "model", "step")] * 2


def test_each_rank_writes_its_rows_alone(round_trip: tuple[Path, dict[str, str]]) -> None:
    ((*_, newest),) = [sorted((round_trip[0] / "4").glob("epoch_*"))]
    files = [newest / "tensors.safetensors", *sorted(newest.glob("tensors.0*"))]
    rows = [load_file(file).get("model/first.0.weight") for file in files]
    assert [None if each is None else [*each.shape] for each in rows] == [
        [2, 3],
        [2, 3],
        [1, 3],
        None,
    ]
    moments = [load_file(file).get("step/step/optimizer/state/0/exp_avg") for file in files]
    assert [None if each is None else len(each) for each in moments] == [2, 2, 1, None]


def test_torch_alone_reads_the_files(round_trip: tuple[Path, dict[str, str]]) -> None:
    from torch.distributed.checkpoint import state_dict_loader
    from torch.distributed.checkpoint.hf_storage import HuggingFaceStorageReader

    load: Callable[..., None] = vars(state_dict_loader)["load"]  # untyped
    ((*_, newest),) = [sorted((round_trip[0] / "4").glob("epoch_*"))]
    wanted = {"model/first.0.weight": torch.zeros(5, 3), "model/last.bias": torch.zeros(1)}
    with pytest.warns(UserWarning, match="single process"):
        load(wanted, storage_reader=HuggingFaceStorageReader(str(newest)))
    exported = round_trip[0] / "weights.safetensors"
    assert main(["checkpoint", "export", str(round_trip[0] / "1"), "--to", str(exported)]) == 0
    weights = load_file(exported)
    assert torch.equal(wanted["model/first.0.weight"], weights["first.0.weight"])
    assert torch.equal(wanted["model/last.bias"], weights["last.bias"])


@pytest.mark.parametrize("kind", ["fsdp", "ddp"])
def test_a_run_that_goes_on_is_the_run_that_was_not_interrupted(tmp_path: Path, kind: Kind) -> None:
    found = in_ranks(2, gone_on, tmp_path, kind=kind)
    for at_once, twice in found:
        assert at_once == twice
    first, second = (at_once for at_once, _ in found)
    assert first["rng"] != second["rng"]


def test_the_command_reads_the_checkpoints_of_several_ranks(
    round_trip: tuple[Path, dict[str, str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = round_trip[0] / "4"
    ones, fours = tmp_path / "ones.safetensors", tmp_path / "fours.safetensors"
    assert main(["checkpoint", "export", str(round_trip[0] / "1"), "--to", str(ones)]) == 0
    assert main(["checkpoint", "export", str(folder), "--to", str(fours)]) == 0
    one, four = load_file(ones), load_file(fours)
    assert one.keys() == four.keys()
    assert all(torch.equal(one[name], four[name]) for name in one)
    assert main(["checkpoint", "verify", str(folder)]) == 0
    capsys.readouterr()
    assert main(["checkpoint", "ls", str(folder)]) == 0
    name, *_, size, unit, _, _ = capsys.readouterr().out.splitlines()[1].split()
    bytes_there = sum(
        each.stat().st_size for each in (folder / name).iterdir() if each.name != "manifest.json"
    )
    assert f"{size} {unit}" == f"{bytes_there / 1024:.1f} KiB"
    assert main(["checkpoint", "show", str(folder)]) == 0
    assert "first.0.weight: float32 [5, 3]" in capsys.readouterr().out


def test_a_damaged_part_is_named(
    round_trip: tuple[Path, dict[str, str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ((*_, newest),) = [sorted((round_trip[0] / "4").glob("epoch_*"))]
    copy = tmp_path / newest.name
    copy.mkdir()
    for each in newest.iterdir():
        (copy / each.name).write_bytes(each.read_bytes())
    file = copy / "tensors.00002.safetensors"
    content = bytearray(file.read_bytes())
    n_header = int.from_bytes(content[:8], "little")
    header: object = json.loads(content[8 : 8 + n_header])
    assert is_mapping(header)
    match header["model/first.0.weight"]:
        case {"data_offsets": [int(start), int()]}:
            content[8 + n_header + start] ^= 1
        case other:
            pytest.fail(f"{other}")
    file.write_bytes(content)
    assert main(["checkpoint", "verify", str(copy)]) == 1
    said = capsys.readouterr().out
    assert said == f"{copy.name}: tensors.00002.safetensors is damaged: model/first.0.weight\n"
    file.unlink()
    assert main(["checkpoint", "verify", str(copy)]) == 1
    assert "has no tensors.00002.safetensors" in capsys.readouterr().out


def refused(folder: Path) -> tuple[str, bool]:
    """A state of which one rank's rows hold a NaN."""
    trained(folder, kind="fsdp", n_epochs=1)
    run = trainer(folder, kind="fsdp")
    state = {**FolderCheckpointer(folder).load()}
    if ranks().rank == 1:
        weights = read(state, "model")["first.0.weight"]
        assert isinstance(weights, Tensor)
        local(weights)[0, 0] = torch.nan
    before = digests(run)
    with pytest.raises(CheckpointError) as error:
        run.load_state_dict(state)
    return str(error.value), digests(run) == before


def test_what_does_not_fit_on_one_rank_is_refused_by_all(tmp_path: Path) -> None:
    for said, is_as_before in in_ranks(2, refused, tmp_path):
        assert said.startswith("model: NaN or infinity in first.0.weight")
        assert is_as_before
