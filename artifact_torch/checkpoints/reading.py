"""A checkpoint read back: nothing of it is used before its digests are found to fit."""

import importlib
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

import torch
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
    file_of,
    identity_of,
    parsed_json,
)
from artifact_torch.checkpoints.of_ranks import of_rank, with_own
from artifact_torch.checkpoints.peers import Peers
from artifact_torch.checkpoints.shard_files import read_parts, shapes_in
from artifact_torch.checkpoints.state import read
from artifact_torch.checkpoints.trees import items_of
from artifact_torch.checkpoints.verifying import header_of, verify
from artifact_torch.errors import CheckpointError
from artifact_torch.internal.agreement import agreed
from artifact_torch.internal.narrowing import is_list, is_state_dict
from artifact_torch.internal.ranks import gathered, ranks

Parts: TypeAlias = Callable[[Path, Mapping[str, Sequence[int]]], dict[str, Tensor]]

_log = logging.getLogger(__name__)
# by way of Any: the signature in safetensors has a type without its argument
_load_file: Final[Callable[[Path], dict[str, Tensor]]] = importlib.import_module(
    "safetensors.torch"
).load_file


def newest_state(
    folder: Path, *, epoch: int | None = None, step: int | None = None, only: str | None = None
) -> dict[str, object]:
    """That of the newest whole checkpoint, at the end of `epoch` or after `step` where one is
    given. Warns of newer ones that are not whole, with the reason. Raises `CheckpointError`. In a
    run of several processes a collective: all have the same one.
    """
    there = Peers().told(lambda: found_live(folder))
    fitting = [
        each
        for each in there
        if (step is None or each.name.step == step) and epoch in {None, each.name.epoch}
    ]
    skipped = list[str]()
    for each in reversed(fitting):
        try:
            state = whole_state(replace(each, path=folder / each.path.name), only=only)
        except CheckpointError as error:
            if Peers().told(partial(_is_gone, folder / each.path.name)):
                return newest_state(folder, epoch=epoch, step=step, only=only)
            skipped.append(f"{each.path.name} {error}")
            continue
        if skipped and ranks().is_first:
            told = "; ".join(skipped)
            _log.warning("%s: %s; %s is loaded instead", folder, told, each.path.name)
        return state
    asked = {"epoch": epoch, "step": step}
    told = " and ".join(f"{what} {n}" for what, n in asked.items() if n is not None)
    there_is = f"none that is whole: {'; '.join(skipped)}" if skipped else _names(there)
    problem = f"expected a checkpoint{told and f' of {told}'}, found {there_is}"
    raise agreed(CheckpointError(f"{folder}: {problem}; {_advice(folder, there)}"))


def _is_gone(path: Path) -> bool:
    """Removed meanwhile, by a run that goes on: newer ones are there."""
    return not path.exists()


def whole_state(found: Found, *, only: str | None = None) -> dict[str, object]:
    """The state of this checkpoint, verified; its tensors are those of the file, mapped into memory
    and copied where they are written to. Those that were divided among ranks are DTensors of which
    this rank has read its share; with one process, they are whole. With `only`, what is under that
    key alone. Raises `CheckpointError` with the reason. A collective.
    """
    manifest, path, here = found.manifest, found.path, ranks()
    if manifest is None:
        raise CheckpointError(found.problem)
    mine = [name for n, name in enumerate(manifest.sizes) if n % here.size == here.rank]
    problems = gathered(_problem(path, manifest, mine))
    if problem := next(filter(None, problems), ""):
        raise CheckpointError(problem)
    return Peers().agreed(lambda: _state(path, manifest, only, read_parts))


def _problem(path: Path, manifest: Manifest, names: Iterable[str]) -> str:
    try:
        verify(path, manifest, names)
    except CheckpointError as error:
        return str(error)
    except OSError as error:
        return f"cannot be read ({error})"
    return ""


def _state(path: Path, manifest: Manifest, only: str | None, parts: Parts) -> dict[str, object]:
    try:
        return _read_state(path, manifest, only, parts)
    except OSError as error:
        raise CheckpointError(f"cannot be read ({error})") from error


def _read_state(
    path: Path, manifest: Manifest, only: str | None, read_of: Parts
) -> dict[str, object]:
    document = parsed_json(STATE, (path / STATE).read_bytes())
    _refuse_another(identity_of(document.get("checkpoint"), STATE), manifest, STATE)
    state, of_ranks, shapes = (document.get(key) for key in ("state", "ranks", "shapes"))
    whole, divided = _tensors(path / TENSORS, manifest), _shapes(shapes)
    if only is not None:
        state = {only: state.get(only)} if is_state_dict(state) else None
    parts = read_of(path, shapes_in(state, divided))
    decoded_state = decoded(state, {**whole, **parts})
    if only is not None:
        return decoded_state
    if manifest.of_ranks or not ranks().is_alone:
        own = partial(_own, path, of_ranks, manifest, parts)
        decoded_state = with_own(decoded_state, 1 + len(manifest.of_ranks), own, ranks())
    if (n_rows := manifest.identity.n_rows) is not None:
        decoded_state["log"] = read_rows(path.parent, n_rows, manifest.identity.rows_digest)
    return decoded_state


def problem_of(found: Found) -> str:
    """Why `whole_state` would refuse it; empty where it would not. In one process."""
    manifest, path = found.manifest, found.path
    if manifest is None:
        return found.problem
    if problem := _problem(path, manifest, manifest.sizes):
        return problem
    try:
        _state(path, manifest, None, _unread)
    except CheckpointError as error:
        return str(error)
    return ""


def _unread(_folder: Path, shapes: Mapping[str, Sequence[int]]) -> dict[str, Tensor]:
    """Without their memory: that of a whole run may be more than this machine has."""
    return {name: torch.empty([*shape], device="meta") for name, shape in shapes.items()}


def _tensors(file: Path, manifest: Manifest) -> Mapping[str, Tensor]:
    """Of one file; where a tensor is divided, the part in it."""
    name, expected = file.name, manifest.of_ranks.get(file.name, manifest.tensors)
    header, _ = header_of(file)
    match header.get("__metadata__"):
        case {"artifact_torch": str(text)}:
            identity = identity_of(parsed_json(name, text.encode()), name)
        case other:
            identity = identity_of(other, name)
    _refuse_another(identity, manifest, name)
    try:
        tensors = _load_file(file)
    except SafetensorError as error:
        raise CheckpointError(f"{name} is damaged ({error})") from error
    if tensors.keys() != expected.keys():
        odd = sorted(tensors.keys() ^ expected.keys())
        raise CheckpointError(f"{MANIFEST} and {name} differ about {', '.join(odd[:3])}")
    return tensors


def _own(
    path: Path, documents: object, manifest: Manifest, parts: Mapping[str, Tensor], rank: int
) -> dict[str, object]:
    """What a rank but the first had by itself."""
    if not is_list(documents) or len(documents) != len(manifest.of_ranks):
        raise CheckpointError(f"{STATE} and {MANIFEST} differ about the number of ranks")
    tensors = _tensors(path / file_of(rank), manifest)
    return read(decoded(documents[rank - 1], {**tensors, **parts}), of_rank(rank))


def _shapes(document: object) -> dict[str, list[int]]:
    """Of the tensors that are divided."""
    found = dict[str, list[int]]()
    for name, sizes in document.items() if is_state_dict(document) else ():
        found[name] = [each for each in (items_of(sizes) or []) if isinstance(each, int)]
    return found


def _refuse_another(identity: Identity, manifest: Manifest, name: str) -> None:
    if identity != manifest.identity:
        raise CheckpointError(
            f"{name} is that of another checkpoint: {identity.name}, save {identity.order}"
        )


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
