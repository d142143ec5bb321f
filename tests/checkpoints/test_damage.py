"""A checkpoint that was changed, by chance or by hand, is refused by name or reads as before.

Never is another state read, never is an error raised that is not ours, never is code run; the older
whole one is found each time. ARTIFACT_TORCH_FAULTS=all asks for 10,000 flips and as many of the rest.
"""

import json
import os
import pickle
import random
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import torch

from artifact_torch import FolderCheckpointer
from artifact_torch.checkpoints.manifest import digest
from artifact_torch.contracts import Moment
from artifact_torch.errors import CheckpointError
from artifact_torch.internal.narrowing import is_list, is_state_dict
from tests.checkpoints.test_encoding import same

ALL = os.environ.get("ARTIFACT_TORCH_FAULTS") == "all"
OLDER, NEWEST = "epoch_00001_step_00000010", "epoch_00002_step_00000020"
FILES = ("manifest.json", "state.json", "tensors.safetensors")


def state(epoch: int) -> dict[str, object]:
    draw = torch.Generator().manual_seed(epoch)
    return {
        "model": {"w": torch.randn(4, 8, generator=draw), "b": torch.randn(8, generator=draw)},
        "step": {"lr": 0.1 / epoch, "betas": (0.9, 0.999), "n": 10 * epoch, 0: float("inf")},
        "rng": [*range(epoch, epoch + 99)],
        "log": [{"epoch": n, "loss": 1 / n} for n in range(1, epoch + 1)],
    }


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two checkpoints."""
    folder = tmp_path_factory.mktemp("whole")
    checkpointer = FolderCheckpointer(folder)
    for epoch in (1, 2):
        checkpointer.save(Moment(epoch=epoch, step=10 * epoch), state(epoch))
    checkpointer.drain(60)
    return folder


Damage = Callable[[Path, random.Random], None]


def flip(folder: Path, draw: random.Random) -> None:
    """One bit of any file of the newest, or of the log."""
    file = draw.choice([*(folder / NEWEST / name for name in FILES), folder / "log.jsonl"])
    content = bytearray(file.read_bytes())
    content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
    file.write_bytes(content)


def truncate(folder: Path, draw: random.Random) -> None:
    file = draw.choice([*(folder / NEWEST / name for name in FILES), folder / "log.copy.jsonl"])
    os.truncate(file, draw.randrange(file.stat().st_size))


def swap(folder: Path, draw: random.Random) -> None:
    """Some files, or the folders, of two checkpoints."""
    a, b, aside = folder / OLDER, folder / NEWEST, folder / "aside"
    names = draw.sample(FILES, draw.randint(1, 2))
    for first, second in [(a, b)] if draw.random() < 0.1 else [(a / n, b / n) for n in names]:
        first.rename(aside)
        second.rename(first)
        aside.rename(second)


def resign(folder: Path, change: Callable[[dict[str, object]], object]) -> None:
    """Edit the newest manifest and sign it as ours is signed."""
    file = folder / NEWEST / "manifest.json"
    document: dict[str, object] = json.loads(file.read_bytes())
    document.pop("digest")
    changed = change(document)
    text = json.dumps(changed, sort_keys=True).encode()
    signed = {**changed, "digest": digest(text)} if is_state_dict(changed) else changed
    file.write_text(json.dumps(signed))


def edited(document: object, draw: random.Random) -> object:
    """The document with one value in it another."""
    if is_state_dict(document) and document and draw.random() < 0.95:
        key = draw.choice([*document])
        changed = {**document, key: edited(document[key], draw)}
        if draw.random() < 0.1:
            changed["x" + key] = changed.pop(key)
        return changed
    if is_list(document) and document and draw.random() < 0.9:
        n = draw.randrange(len(document))
        return [*document[:n], edited(document[n], draw), *document[n + 1 :]]
    odd: list[object] = [
        None,
        0,
        -5,
        1,
        2,
        10**30,
        1e308,
        True,
        "",
        "x",
        [],
        {},
        "0" * 64,
        "\ud800",
    ]
    return draw.choice(odd)


def edit_manifest(folder: Path, draw: random.Random) -> None:
    resign(folder, lambda document: edited(document, draw))


def edit_state(folder: Path, draw: random.Random) -> None:
    """Any value in state.json, with the manifest made to fit."""
    file = folder / NEWEST / "state.json"
    document: dict[str, object] = json.loads(file.read_bytes())
    document["checkpoint"] = edited(document["checkpoint"], draw)
    text = json.dumps(document).encode()
    file.write_bytes(text)

    def fit(manifest: dict[str, object]) -> object:
        files = manifest["files"]
        assert is_state_dict(files)
        return {**manifest, "files": {**files, file.name: sized(text)}}

    resign(folder, fit)


def swap_and_sign(folder: Path, draw: random.Random) -> None:
    """A file of the older one in the newest, whose manifest is made to fit."""
    name = draw.choice(["state.json", "tensors.safetensors"])
    content = (folder / OLDER / name).read_bytes()
    (folder / NEWEST / name).write_bytes(content)

    def fit(manifest: dict[str, object]) -> object:
        files = manifest["files"]
        assert is_state_dict(files)
        return {**manifest, "files": {**files, name: sized(content)}}

    resign(folder, fit)


def sized(content: bytes) -> Mapping[str, object]:
    return {"bytes": len(content), "sha256": digest(content)}


def strange(folder: Path, draw: random.Random) -> None:
    """Something else where a file should be, and beside."""
    file = folder / NEWEST / draw.choice(FILES)
    file.unlink()
    match draw.randrange(6):
        case 0:
            file.mkdir()
        case 1:
            file.symlink_to(folder / OLDER / file.name)
        case 2:
            file.write_bytes(draw.randbytes(draw.randrange(999)))
        case 3:
            file.write_bytes(b"[" * 100_000)
        case 4:
            file.symlink_to(file)
        case _:
            pass
    (folder / "epoch_99999_step_00000001").mkdir()
    (folder / "step_99999999").touch()


DAMAGES: list[Damage] = [flip, truncate, swap, edit_manifest, edit_state, swap_and_sign, strange]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_damage_is_found_and_the_older_one_is_loaded(
    whole: Path, tmp_path: Path, damage: Damage, caplog: pytest.LogCaptureFixture
) -> None:
    draw, expected = random.Random(damage.__name__), {1: state(1), 2: state(2)}
    n_each = (10_000 if damage is flip else 1_700) if ALL else 120
    n_refused = 0
    for n in range(n_each):
        folder = tmp_path / str(n)
        shutil.copytree(whole, folder)
        damage(folder, draw)
        caplog.clear()
        checkpointer = FolderCheckpointer(folder)
        try:
            loaded = checkpointer.load()
        except CheckpointError as refused:
            told = str(refused)
            assert damage is swap  # which alone damages both
            assert all(name in told for name in (OLDER, NEWEST))
        else:
            is_newest = same(loaded, expected[2])
            assert is_newest or same(loaded, expected[1])
            assert is_newest or NEWEST in caplog.text
            n_refused += not is_newest
        shutil.rmtree(folder)
    assert damage is swap or n_refused > n_each // 3


def test_the_tensor_that_is_damaged_is_named(
    whole: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(whole, folder)
    file = folder / NEWEST / "tensors.safetensors"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1  # of float32 weights, the last in the file
    file.write_bytes(content)
    FolderCheckpointer(folder).load()
    assert caplog.messages == [
        f"{folder}: {NEWEST} tensors.safetensors is damaged: model/b; {OLDER} is loaded instead"
    ]


def test_a_newer_format_is_refused_by_its_number(
    whole: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(whole, folder)
    resign(folder, lambda document: {**document, "format": 7})
    FolderCheckpointer(folder).load()
    assert "has format version 7, and this version of artifact-torch reads up to 1" in caplog.text


class Bomb:
    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return os.mkdir, (os.environ["BOMB"],)


def test_a_pickle_is_never_run(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = tmp_path / "it_ran"
    monkeypatch.setenv("BOMB", str(trace))
    bomb = pickle.dumps(Bomb())
    torch.save({"a": Bomb()}, tmp_path / "bomb.bin")

    def refuse(*_: object, **_named: object) -> None:
        pytest.fail("a pickle was read")

    for module, name in (
        (pickle, "load"),
        (pickle, "loads"),
        (pickle, "Unpickler"),
        (torch, "load"),
    ):
        monkeypatch.setattr(module, name, refuse)
    for content in (bomb, (tmp_path / "bomb.bin").read_bytes()):
        for name in FILES:
            folder = tmp_path / "copy"
            shutil.copytree(whole, folder)
            (folder / NEWEST / name).write_bytes(content)
            (folder / "step_00000099.pt").write_bytes(content)
            (folder / NEWEST / "data.pkl").write_bytes(content)
            assert same(FolderCheckpointer(folder).load(), state(1))
            shutil.rmtree(folder)
    assert not trace.exists()


def test_one_damaged_copy_of_the_log_costs_nothing(whole: Path, tmp_path: Path) -> None:
    for name in ("log.jsonl", "log.copy.jsonl"):
        for content in (b"", b"\xff\n" * 9):
            folder = tmp_path / "copy"
            shutil.copytree(whole, folder)
            (folder / name).write_bytes(content)
            checkpointer = FolderCheckpointer(folder)
            assert same(checkpointer.load(), state(2))
            checkpointer.begin(20, checkpointer.load())
            checkpointer.save(Moment(epoch=3, step=30), state(3))
            assert same(checkpointer.load(), state(3))
            assert (folder / "log.jsonl").read_bytes() == (folder / "log.copy.jsonl").read_bytes()
            shutil.rmtree(folder)
