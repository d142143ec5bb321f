"""What is sent to a worker: a file with everything by value, classes of a script or notebook too."""

import io
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, Protocol, final, runtime_checkable

import torch
from torch import nn

from artifact_torch.contracts import Stateful
from artifact_torch.internal.modules import is_compiled

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_DEEPEST: Final = 5


@runtime_checkable
class Stays(Protocol):
    """A part that knows why it cannot do its work in another process."""

    @property
    def stays(self) -> str:
        """In words; empty where it can."""
        ...


def pack(content: object, file: Path | io.BytesIO) -> None:
    """Tensors by value and by their storages, as they are now; classes and functions that no other
    process could import (those of a script, a notebook, a function) with their code. Raises
    whatever the pickling of a part raises.
    """
    import cloudpickle  # here: 20 ms for the few who need it

    torch.save(content, file, pickle_module=cloudpickle)


def unpack(file: Path) -> Any:  # Any: a pickle's
    """What `pack` wrote, by the process that this one was started by."""
    return torch.load(file, weights_only=False, map_location="cpu")


def require_packable(content: object) -> None:
    """Raises what `pack` would raise; nothing is kept, however large it is."""
    pack(content, _Sink())


@final
class _Sink(io.BytesIO):
    """Forgets what is written."""

    def write(self, content: "ReadableBuffer", /) -> int:
        return memoryview(content).nbytes


def packed(
    content: object, apart: Collection[object], tensors: Iterable[object] = ()
) -> tuple[bytes, bool]:
    """What `pack` would write, and whether any of the objects `apart` is in it, or a tensor, view or
    parameter over the memory of any of `tensors`.
    """
    found: list[object] = []
    buffer = io.BytesIO()
    wanted = {id(each) for each in apart}
    memory = {_memory(each) for each in tensors} - {0}
    torch.save(content, buffer, pickle_module=_looking(wanted, memory, found.append))
    return buffer.getvalue(), bool(found)


def unsendable(part: object) -> str:
    """The way to the attribute that keeps `part` from being sent, such as `Gallery._file`; empty
    where no single one does.
    """
    way, at, n_left = type(part).__name__, part, _DEEPEST
    while n_left and (found := _first_unsendable(at)) is not None:
        (name, at), n_left = found, n_left - 1
        way = f"{way}.{name}"
    return way if n_left < _DEEPEST else ""


def _first_unsendable(part: object) -> tuple[str, object] | None:
    own: Mapping[str, object] = getattr(part, "__dict__", {})
    for name, value in own.items():
        try:
            pack(value, io.BytesIO())
        except Exception:  # noqa: BLE001  whatever the pickling of anybody's part raises
            return name, value
    return None


def _memory(value: object) -> int:
    """Where a tensor has its values; 0 for none."""
    try:
        return value.untyped_storage().data_ptr() if isinstance(value, torch.Tensor) else 0
    except (RuntimeError, NotImplementedError):  # one without a storage: sparse
        return 0


def _looking(
    wanted: Collection[int], memory: Collection[int], tell: Callable[[object], object]
) -> ModuleType:
    """cloudpickle, which also tells of objects by their `id`, and of tensors by their memory."""
    import cloudpickle

    class Pickler(cloudpickle.Pickler):
        def reducer_override(self, obj: object) -> Any:  # Any: a pickler's
            if id(obj) in wanted or _memory(obj) in memory:
                tell(obj)
            return super().reducer_override(obj)

    module = ModuleType("pickling")
    vars(module)["Pickler"] = Pickler
    return module


def why_it_stays(device: torch.device, model: nn.Module, parts: Collection[object]) -> str:
    """What keeps a routine of these parts in this process, before it is pickled, in words; empty for
    nothing.
    """
    if device.type != "cpu":
        return f"its model is on {device}, and other processes compute on the CPU"
    if is_compiled(model):
        return "its model is compiled, and another process would compute other bits"
    for part in parts:
        if isinstance(part, Stays) and part.stays:
            return part.stays
        if isinstance(part, Stateful):
            return f"{type(part).__name__} keeps a state from one validation to the next"
    return ""
