"""`artifact-torch checkpoint`: what a folder of checkpoints holds, and whether it can be read."""

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from artifact_torch.checkpoints.listing import ABANDONED, Found, found_in, live, marks_in
from artifact_torch.checkpoints.manifest import parsed
from artifact_torch.errors import CheckpointError
from artifact_torch.internal.disk import absolute, told_bytes
from artifact_torch.internal.narrowing import is_list, is_mapping, is_tuple

ABOUT: Final = """\
FOLDER is that of a run, of its checkpoints, or one checkpoint. Nothing in it is run or changed.

  artifact-torch checkpoint ls runs/vae                what is there, oldest first
  artifact-torch checkpoint verify runs/vae            reads every byte; status 1 if one is damaged
  artifact-torch checkpoint show runs/vae --epoch 10   the state: keys, numbers, shapes
  artifact-torch checkpoint export runs/vae --to weights.safetensors
                                                       the weights of the model alone, in one file
Without --epoch or --step, show and export take the newest that is whole.
"""


def add_options(checkpoint: argparse.ArgumentParser) -> None:
    """What can be written after the command."""
    actions = checkpoint.add_subparsers(required=True, metavar="ACTION")
    for name, run, told in (
        ("ls", listed, "list the checkpoints"),
        ("verify", verified, "read every byte of them"),
        ("show", shown, "show the state in one"),
        ("export", exported, "write the weights of one to a file"),
    ):
        action = actions.add_parser(name, help=told, description=told)
        action.add_argument("folder", metavar="FOLDER", type=Path)
        if name in {"show", "export"}:
            action.add_argument("--epoch", type=int, help="at the end of this epoch")
            action.add_argument("--step", type=int, help="after this update")
        if name == "export":
            action.add_argument("--to", type=Path, required=True, metavar="FILE")
        action.set_defaults(run=run)


def listed(options: argparse.Namespace) -> tuple[str, int]:
    """A line each. Reads manifests alone."""
    folder, found = _there(options.folder)
    lines = [f"{'':34}{'epoch':>7}{'step':>10}{'size':>12}  saved (UTC)"]
    lines += [f"{each.path.name:34}{_line(each)}" for each in found]
    n_abandoned = sum(parsed(path.name) is not None for path in (folder / ABANDONED).glob("*/*"))
    if n_abandoned:
        lines.append(f"and {n_abandoned} of futures that were left behind, in {ABANDONED}/")
    if not found:
        lines = [f"{folder}: no checkpoints", *lines[1:]]
    return "".join(f"{line}\n" for line in lines), 0


def verified(options: argparse.Namespace) -> tuple[str, int]:
    """A line each; status 1 where one is damaged, or there is none."""
    from artifact_torch.checkpoints.reading import problem_of  # loads torch

    folder, found = _there(options.folder)
    problems = {each.path.name: problem_of(each) for each in found}
    problems = {  # a run that goes on removes older ones meanwhile
        name: problem
        for name, problem in problems.items()
        if not problem or (folder / name).exists()
    }
    text = "".join(f"{name}: {problem or 'whole'}\n" for name, problem in problems.items())
    return text or f"{folder}: no checkpoints\n", int(any(problems.values()) or not problems)


def shown(options: argparse.Namespace) -> tuple[str, int]:
    """The state as a tree."""
    return "".join(f"{line}\n" for line in _tree("", _state(options))), 0


def exported(options: argparse.Namespace) -> tuple[str, int]:
    """`state["model"]` as a file of safetensors. Raises `CheckpointError`."""
    from safetensors.torch import save
    from torch import Tensor

    from artifact_torch.internal.disk import write_file

    model = _state(options, only="model").get("model")
    items = model.items() if is_mapping(model) else ()
    weights = {
        str(name): value.contiguous().clone() for name, value in items if isinstance(value, Tensor)
    }
    if not weights:
        raise CheckpointError(f"{options.folder}: the state has no weights under model")
    target: Path = options.to
    write_file(target, save(weights, {"format": "pt"}))
    n_bytes = sum(each.nbytes for each in weights.values())
    return f"{target}: {len(weights)} tensors, {told_bytes(n_bytes)}\n", 0


def _state(options: argparse.Namespace, *, only: str | None = None) -> Mapping[str, object]:
    from artifact_torch.checkpoints.reading import newest_state, whole_state

    folder, found = _there(options.folder)
    if parsed(options.folder.name) is not None:
        return whole_state(found[0], only=only)
    return newest_state(folder, epoch=options.epoch, step=options.step, only=only)


def _there(folder: Path) -> tuple[Path, list[Found]]:
    """The folder of the checkpoints that were meant, and those. Raises `CheckpointError`."""
    path = absolute(folder) or folder
    if not path.is_dir():
        raise CheckpointError(f"{folder}: is no folder; give that of a run or of its checkpoints")
    if parsed(path.name) is not None:
        return path.parent, [each for each in found_in(path.parent) if each.path.name == path.name]
    path = path / "checkpoints" if (path / "checkpoints").is_dir() else path
    return path, live(found_in(path), marks_in(path))


def _line(found: Found) -> str:
    if found.manifest is None:
        return f"  {found.problem}"
    identity = found.manifest.identity
    size = told_bytes(sum(found.manifest.sizes.values()))
    saved = found.manifest.written.replace("T", " ").removesuffix("+00:00")
    return f"{identity.epoch:>7}{identity.step:>10}{size:>12}  {saved}"


def _tree(indent: str, value: Mapping[object, object] | Mapping[str, object]) -> Iterator[str]:
    for key, item in value.items():
        if is_mapping(item) and item:
            yield f"{indent}{key}"
            yield from _tree(f"{indent}  ", item)
        else:
            yield f"{indent}{key}: {_short(item)}"


def _short(value: object) -> str:
    from torch import Tensor

    if isinstance(value, Tensor):
        kind, shape = str(value.dtype).removeprefix("torch."), tuple(value.shape)
        return (
            f"{kind} {list(shape)}" if value.numel() > 1 else f"{kind} {list(shape)} {value.item()}"
        )
    if (is_list(value) or is_tuple(value)) and len(value) > 4:
        return f"{len(value)} items"
    text = repr(value)
    return text if len(text) < 80 else f"{text[:76]} ..."
