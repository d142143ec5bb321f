"""The best weights of a run as two files that anybody can read."""

from __future__ import annotations

import errno
import re
import threading
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, final

from artifact_torch.internal.disk import write_json, write_whole
from artifact_torch.run_folder.owner import utc
from artifact_torch.run_folder.plain import plain
from artifact_torch.run_folder.unwritten import Unwritten

if TYPE_CHECKING:  # whoever reads a run folder need not load it
    from torch import Tensor

BEST = "best"
"""The folder in a run folder."""
WEIGHTS = "weights.safetensors"
"""The file in it: `safetensors.torch.load_file` reads it."""

Best: TypeAlias = tuple[Mapping[str, object], Mapping[str, object]]
"""Weights, and what they are."""


def keep_best(folder: Path, weights: Mapping[str, object], about: Mapping[str, object], /) -> None:
    """`weights` by the names of the plain model in `folder`/best, and `about` them in best.json:
    epoch, step and scores. Each replaced at once, and on the disk when this returns.

    Tensors that share memory are written one by one, so that what is read back can be loaded
    strictly. What is no dense tensor is left out, and named in best.json. Raises `OSError`.
    """
    tensors = _dense(weights)
    # which weights these are stands in their own file too: a kill between the two parts nothing
    place = {key: str(about[key]) for key in ("epoch", "step") if key in about}
    for leftover in (folder / BEST).glob(".tmp*"):  # of a kill within safetensors
        leftover.unlink(missing_ok=True)
    write_whole(folder / BEST / WEIGHTS, lambda new: _save(tensors, new, place), durable=True)
    left_out = [name for name in weights if name not in tensors]
    described = {str(key): plain(value) for key, value in about.items()}
    described |= {"left_out": left_out} if left_out else {}
    write_json(folder / BEST / "best.json", {**described, "time": utc()}, durable=True)


def _dense(weights: Mapping[str, object]) -> dict[str, Tensor]:
    """Each with memory of its own. Copies those that share it."""
    import torch

    tensors: dict[str, Tensor] = {}
    seen: set[int] = set()
    for name, value in weights.items():
        if not isinstance(value, torch.Tensor) or value.layout is not torch.strided:
            continue
        tensor = value.detach()
        memory = tensor.untyped_storage().data_ptr()
        if memory in seen and memory != 0:
            tensor = tensor.clone(memory_format=torch.contiguous_format)
        seen.add(memory)
        tensors[name.replace("_orig_mod.", "")] = tensor.contiguous()  # of torch.compile
    return tensors


def _save(tensors: dict[str, Tensor], path: Path, about: dict[str, str]) -> None:
    from safetensors import SafetensorError

    safetensors: Any = import_module("safetensors.torch")  # Any: its paths are not declared
    path.touch()
    mode = path.stat().st_mode & 0o777  # safetensors' own is for the owner alone
    try:
        safetensors.save_file(tensors, path, metadata={"format": "pt", **about})
    except SafetensorError as error:
        found = re.search(r"os error (\d+)", str(error))
        raise OSError(int(found[1]) if found else errno.EIO, str(error)) from error
    path.chmod(mode)


@final
class BestWriter:
    """Keeps the newest best weights beside the training, which does not wait: one that comes while
    another is written takes its place.
    """

    def __init__(self, folder: Path, *, strict: bool) -> None:
        self._folder = folder
        self._unwritten = Unwritten(folder / BEST, strict=strict)
        self._lock = threading.Lock()
        self._next: Best | None = None
        self._thread: threading.Thread | None = None
        self._error: OSError | None = None

    def keep(self, weights: Mapping[str, object], about: Mapping[str, object], /) -> None:
        """Nobody may change `weights` from now on. With `strict`, raises `RunFolderError` for an
        earlier one that could not be written.
        """
        with self._lock:
            self._next = (weights, about)
        self._start()
        self._tell()

    def drain(self, timeout_s: float, /) -> None:
        """What could not be written is tried once more; all is there, or the time is over."""
        self._start()
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join(timeout_s)
        self._tell()

    def _start(self) -> None:
        with self._lock:
            if self._next is not None and (self._thread is None or not self._thread.is_alive()):
                self._thread = threading.Thread(target=self._write, name="best", daemon=True)
                self._thread.start()

    def _write(self) -> None:
        while (best := self._taken()) is not None:
            try:
                keep_best(self._folder, *best)
            except OSError as error:
                self._put_back(best, error)
                return
            with self._lock:
                self._error = None

    def _taken(self) -> Best | None:
        with self._lock:
            best, self._next = self._next, None
            if best is None:
                self._thread = None
            return best

    def _put_back(self, best: Best, error: OSError) -> None:
        with self._lock:
            self._error, self._thread = error, None
            if self._next is None:
                self._next = best

    def _tell(self) -> None:
        error = self._error
        if error is not None:
            self._unwritten.began(error, "the best weights stay in memory and are written later")
        elif self._next is None and self._thread is None:
            self._unwritten.ended()
