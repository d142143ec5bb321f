"""What an update failed on, kept in the run folder: its batch, and the error."""

import importlib
import json
import logging
import math
import os
import shutil
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from artifact_torch.checkpoints.encoding import Encoded, decoded, encoded
from artifact_torch.data.batches.structure import walk
from artifact_torch.errors import CheckpointError, LossError
from artifact_torch.internal.narrowing import is_mapping, is_state_dict
from artifact_torch.internal.ranks import ranks

_log = logging.getLogger(__name__)
# by way of Any: the signatures in safetensors have a type without its argument
_safetensors: Final = importlib.import_module("safetensors.torch")
_save_file: Final[Callable[[dict[str, Tensor], Path], None]] = _safetensors.save_file
_load_file: Final[Callable[[Path], dict[str, Tensor]]] = _safetensors.load_file


def failure_folder(run_folder: Path, step: int) -> Path:
    """Where the failure of the update that would have made `step` is; of several processes this one's."""
    here = ranks()
    of_rank = "" if here.is_alone else f"_rank_{here.rank}"
    return run_folder / "failures" / f"step_{step:08d}{of_rank}"


def keep_failure(
    run_folder: Path, error: BaseException, *, step: int, epoch: int, n_batch: int, batch: object
) -> Path | None:
    """Write `failures/step_00000137/` with the batch and the error; the folder, or None where that
    was not possible, which is a warning: it never raises. Syncs.

    `step` is the update that failed, `n_batch` the place of its batch in the epoch, from 1. A failure
    of the same step that is there already gives way; of several processes each keeps its own rows,
    `failures/step_00000137_rank_1/`.
    """
    folder = failure_folder(run_folder, step)
    temporary = folder.with_name(f".{folder.name}.{os.getpid()}.tmp")
    try:
        found = _described(error, step=step, epoch=epoch, n_batch=n_batch)
        temporary.mkdir(parents=True)
        kept = _encoded(batch, found)
        if kept is not None:
            _save_file({k: _plain(v) for k, v in kept.tensors.items()}, temporary / _TENSORS)
            found["batch"] = kept.document
        text = json.dumps(found, indent=1, allow_nan=False)
        (temporary / _DOCUMENT).write_text(text, encoding="utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        temporary.rename(folder)
    except Exception as failure:  # noqa: BLE001  (the error that is being told must not be lost)
        shutil.rmtree(temporary, ignore_errors=True)
        why = f"{type(failure).__name__}: {failure}"
        _log.warning("%s: the batch that failed could not be kept: %s", folder, why)
        return None
    return folder


def read_failure(run_folder: Path, step: int) -> dict[str, object] | None:
    """What `keep_failure` wrote, with the batch as it was, on the CPU; None where it is not there.

    Raises `CheckpointError` for what cannot be read.
    """
    folder = failure_folder(run_folder, step)
    if not folder.is_dir():
        return None
    try:
        found: object = json.loads((folder / _DOCUMENT).read_text(encoding="utf-8"))
        held = found if is_state_dict(found) else dict[str, object]()
        if "batch" in held:
            held["batch"] = decoded(held["batch"], _load_file(folder / _TENSORS))
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        raise CheckpointError(f"{folder}: cannot be read ({why}); take it away") from error
    return held


def _described(error: BaseException, *, step: int, epoch: int, n_batch: int) -> dict[str, object]:
    loss = error.loss if isinstance(error, LossError) else None
    return {
        "version": 1,
        "step": step,
        "epoch": epoch,
        "n_batch": n_batch,
        "error": f"{type(error).__name__}: {error}",
        "loss": loss if loss is None or math.isfinite(loss) else str(loss),
        "traceback": "".join(traceback.format_exception(error)),
    }


def _encoded(batch: object, found: dict[str, object]) -> Encoded | None:
    """The batch as data, its tensors told of in `found`; None with the reason for one that is none."""
    found["tensors"] = {
        path or "batch": f"{str(part.dtype).removeprefix('torch.')} {[*part.shape]}"
        for path, part in walk(batch)
        if isinstance(part, Tensor) and not part.is_nested
    }
    try:
        return encoded({"batch": batch})
    except CheckpointError as error:
        found["batch_is_left_out"] = str(error)
        return None


def _plain(tensor: Tensor) -> Tensor:
    """Of its own memory, on the CPU, as the format wants it."""
    return tensor.detach().to("cpu", copy=True).contiguous()


def batch_of(failure: Mapping[str, object]) -> object:
    """The batch of what `read_failure` gave, None where it was left out."""
    held = failure.get("batch")
    return held.get("batch") if is_mapping(held) else None


def same_batch(one: object, other: object) -> bool:
    """Whether both hold the same tensors, bit for bit, in the same places."""
    a, b = (dict(walk(each)) for each in (one, other))
    return a.keys() == b.keys() and all(_same(part, b[path]) for path, part in a.items())


def _same(one: object, other: object) -> bool:
    if not isinstance(one, Tensor) or not isinstance(other, Tensor):
        return isinstance(one, Tensor) == isinstance(other, Tensor)
    if one.dtype != other.dtype or one.shape != other.shape or one.layout != other.layout:
        return False
    mine, given = one.detach().cpu(), other.detach().cpu()
    return torch.equal(torch.nan_to_num(mine), torch.nan_to_num(given)) and torch.equal(
        mine.isnan(), given.isnan()
    )


_DOCUMENT: Final = "failure.json"
_TENSORS: Final = "batch.safetensors"
