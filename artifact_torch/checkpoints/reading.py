"""A checkpoint read back: nothing of it is used before its digests are found to fit."""

import hashlib
import importlib
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from safetensors import SafetensorError
from torch import Tensor

from artifact_torch.checkpoints.encoding import decoded
from artifact_torch.checkpoints.listing import Found, found_in, live, marks_in
from artifact_torch.checkpoints.log_files import read_rows
from artifact_torch.checkpoints.manifest import (
    MANIFEST,
    STATE,
    TENSORS,
    Identity,
    Manifest,
    digest,
    identity_of,
    parsed_json,
)
from artifact_torch.errors import CheckpointError

_log = logging.getLogger(__name__)
_CHUNK: Final = 1 << 22
# by way of Any: the signature in safetensors has a type without its argument
_load_file: Final[Callable[[Path], dict[str, Tensor]]] = importlib.import_module(
    "safetensors.torch"
).load_file


def newest_state(
    folder: Path, *, epoch: int | None = None, step: int | None = None
) -> dict[str, object]:
    """That of the newest whole checkpoint, at the end of `epoch` or after `step` where one is
    given. Warns of newer ones that are not whole, with the reason. Raises `CheckpointError`.
    """
    there = found_live(folder)
    fitting = [
        each
        for each in there
        if (step is None or each.name.step == step) and epoch in {None, each.name.epoch}
    ]
    skipped = list[str]()
    for each in reversed(fitting):
        try:
            state = whole_state(each)
        except CheckpointError as error:
            skipped.append(f"{each.path.name} {error}")
            continue
        if skipped:
            told = "; ".join(skipped)
            _log.warning("%s: %s; %s is loaded instead", folder, told, each.path.name)
        return state
    asked = {"epoch": epoch, "step": step}
    told = " and ".join(f"{what} {n}" for what, n in asked.items() if n is not None)
    raise CheckpointError(
        f"{folder}: expected a checkpoint{told and f' of {told}'}, found "
        + (f"none that is whole: {'; '.join(skipped)}" if skipped else _names(there))
        + f"; {_advice(folder, there)}"
    )


def whole_state(found: Found) -> dict[str, object]:
    """The state of this checkpoint, verified; its tensors are those of the file, mapped into memory
    and copied where they are written to. Raises `CheckpointError` with the reason.
    """
    manifest, path = found.manifest, found.path
    if manifest is None:
        raise CheckpointError(found.problem)
    try:
        verify(path, manifest)
        document = parsed_json(STATE, (path / STATE).read_bytes())
        _refuse_another(identity_of(document.get("checkpoint"), STATE), manifest, STATE)
        state = decoded(document.get("state"), _tensors(path / TENSORS, manifest))
        if (n_rows := manifest.identity.n_rows) is not None:
            state["log"] = read_rows(path.parent, n_rows, manifest.identity.rows_digest)
    except OSError as error:
        raise CheckpointError(f"cannot be read ({error})") from error
    return state


def verify(path: Path, manifest: Manifest) -> None:
    """Every byte of the two files. Raises `CheckpointError` with the reason, and `OSError`."""
    for name, size in manifest.sizes.items():
        file = path / name
        if not file.is_file():
            raise CheckpointError(f"has no {name}")
        if (there := file.stat().st_size) != size:
            raise CheckpointError(f"has {there} bytes of {name}, expected {size}")
        if _digest_of(file) != manifest.digests[name]:
            where = f": {_damaged(file, manifest)}" if name == TENSORS else ""
            raise CheckpointError(f"{name} is damaged{where}")


def problem_of(found: Found) -> str:
    """Why `whole_state` would refuse it; empty where it would not."""
    try:
        whole_state(found)
    except CheckpointError as error:
        return str(error)
    return ""


def _tensors(file: Path, manifest: Manifest) -> Mapping[str, Tensor]:
    header, _ = _header(file)
    match header.get("__metadata__"):
        case {"artifact_torch": str(text)}:
            identity = identity_of(parsed_json(TENSORS, text.encode()), TENSORS)
        case other:
            identity = identity_of(other, TENSORS)
    _refuse_another(identity, manifest, TENSORS)
    try:
        tensors = _load_file(file)
    except SafetensorError as error:
        raise CheckpointError(f"{TENSORS} is damaged ({error})") from error
    if tensors.keys() != manifest.tensors.keys():
        odd = sorted(tensors.keys() ^ manifest.tensors.keys())
        raise CheckpointError(f"{MANIFEST} and {TENSORS} differ about {', '.join(odd[:3])}")
    return tensors


def _refuse_another(identity: Identity, manifest: Manifest, name: str) -> None:
    if identity != manifest.identity:
        raise CheckpointError(
            f"{name} is that of another checkpoint: {identity.name}, save {identity.order}"
        )


def _digest_of(file: Path) -> str:
    sha = hashlib.sha256()
    with file.open("rb", buffering=0) as opened:
        while chunk := opened.read(_CHUNK):
            sha.update(chunk)
    return sha.hexdigest()


def _damaged(file: Path, manifest: Manifest) -> str:
    """Which tensors have other bytes than were written."""
    try:
        header, start = _header(file)
    except CheckpointError:
        return "its header"
    data = memoryview(file.read_bytes())[start:]
    odd = [
        name
        for name, expected in manifest.tensors.items()
        if _bytes_at(data, header.get(name)) != expected
    ]
    more = f" and {len(odd) - 3} more" if len(odd) > 3 else ""
    return (", ".join(odd[:3]) + more) or "its header"


def _header(file: Path) -> tuple[dict[str, object], int]:
    """And where it ends. Raises `CheckpointError`."""
    with file.open("rb") as opened:
        size = int.from_bytes(opened.read(8), "little")
        text = opened.read(size) if size <= file.stat().st_size else b""
    return parsed_json(TENSORS, text), 8 + size


def _bytes_at(data: memoryview, entry: object) -> str:
    match entry:
        case {"data_offsets": [int(start), int(end)]}:
            return digest(data[start:end])
        case _:
            return ""


def found_live(folder: Path) -> list[Found]:
    """All that were not left behind, oldest first. Raises `CheckpointError`."""
    try:
        return live(found_in(folder), marks_in(folder))
    except OSError as error:
        raise CheckpointError(f"{folder}: cannot be read ({error})") from error


def _names(there: list[Found]) -> str:
    return ", ".join(each.path.name for each in there) or "none"


def _advice(folder: Path, there: list[Found]) -> str:
    if not there and any(folder.glob("*.pt")):
        return "its .pt files are of artifact-torch 0.1, load them with that version"
    if there:
        return "put a whole one back, or move the folder away to begin anew"
    return (
        "check the folder, or train first; a program that is started again needs no restore(): "
        "with run_folder=, train() goes on by itself"
    )
