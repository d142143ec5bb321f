"""A state again, from the document and the tensors that `encoding` made of it.

Made of plain data alone: no name in a document is imported or called. A document that was changed
by hand is refused with the keys that lead to the place.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, final

import torch
from torch import Tensor
from torch.nn import Parameter

from artifact_torch.checkpoints.plain_tensors import from_plain
from artifact_torch.errors import CheckpointError
from artifact_torch.internal.arguments import shown
from artifact_torch.internal.narrowing import is_list, is_state_dict

KEY: Final = "$"
"""Of a dict that stands for something else: its value says for what."""


def decoded(document: object, tensors: Mapping[str, Tensor]) -> dict[str, object]:
    """The state. Tensors have the memory of those in `tensors`, and one named twice is one object.

    Raises `CheckpointError` for a document that `encoded` did not make, or not of these tensors.
    """
    state = _decoded(_Decoder(tensors), document)
    if not is_state_dict(state):
        raise CheckpointError(f"checkpoint: got {shown(state)}, expected the state of a run")
    return state


def decoded_row(document: object) -> object:
    """What `encoded_row` was given. Raises `CheckpointError`."""
    return _decoded(_Decoder({}), document)


def _decoded(decoder: "_Decoder", document: object) -> object:
    try:
        return decoder.value((), document)
    except RecursionError as error:
        raise _wrong((), "lists within lists without end") from error


@final
class _Decoder:
    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        self._tensors = tensors
        self._made = dict[str, tuple[Mapping[str, object], Tensor]]()

    def value(self, path: tuple[object, ...], value: object) -> object:
        if is_list(value):
            return [self.value((*path, n), item) for n, item in enumerate(value)]
        if not is_state_dict(value):
            return value
        if KEY not in value:
            return {key: self.value((*path, key), item) for key, item in value.items()}
        try:
            return self._special(path, value)
        except (ValueError, TypeError, OverflowError, RuntimeError) as error:  # torch's own
            if isinstance(error, CheckpointError | RecursionError):
                raise
            raise _wrong(path, f"{shown(value.get('is'))} ({error})") from error

    def _special(self, path: tuple[object, ...], value: dict[str, object]) -> object:
        kind, inner = value[KEY], value.get("is")
        if kind in {"Tensor", "Parameter"}:
            return self._tensor(path, value)
        if kind in {"dict", "OrderedDict", "Counter"} and is_list(inner):
            return self._mapping(path, value, inner)
        if "tensor" in value and isinstance(kind, str):
            return self._numbers(path, value, kind)
        if isinstance(inner, str) and isinstance(kind, str) and kind in _OF_TEXT:
            return _OF_TEXT[kind](inner)
        if is_list(inner) and isinstance(kind, str) and kind in _OF_LIST:
            return _OF_LIST[kind]([self.value((*path, n), item) for n, item in enumerate(inner)])
        raise _wrong(path, f"the unknown kind {shown(kind)}")

    def _mapping(
        self, path: tuple[object, ...], value: dict[str, object], inner: list[object]
    ) -> object:
        made: dict[object, object] = {}
        for item in inner:
            if not is_list(item) or len(item) != 2:
                raise _wrong(path, f"{shown(item)}, expected a key and a value")
            key = self.value((*path, "key"), item[0])
            made[key] = self.value((*path, key), item[1])
        if value[KEY] == "OrderedDict":
            ordered = OrderedDict(made)
            if "metadata" in value:
                vars(ordered)["_metadata"] = self.value((*path, "_metadata"), value["metadata"])
            return ordered
        return made if value[KEY] == "dict" else _counter(made)

    def _numbers(self, path: tuple[object, ...], value: dict[str, object], kind: str) -> object:
        held = self._held(path, value["tensor"])
        if kind in {"list", "tuple"} and held.dim() == 1:
            numbers: list[object] = held.numpy().tolist()
            return numbers if kind == "list" else tuple(numbers)
        if kind in {"bytes", "bytearray"} and held.dtype is torch.uint8 and held.dim() == 1:
            raw = held.numpy().tobytes()
            return raw if kind == "bytes" else bytearray(raw)
        raise _wrong(path, f"{held.dtype} of shape {tuple(held.shape)} as {shown(kind)}")

    def _tensor(self, path: tuple[object, ...], value: dict[str, object]) -> Tensor:
        name = str(value.get("tensor"))
        before = self._made.get(name)
        if before is not None and before[0] == value:
            return before[1]
        tensor = from_plain(self._held(path, value.get("tensor")), value)
        if tensor is None:
            raise _wrong(path, f"a tensor of another form than {value}")
        is_parameter = value[KEY] == "Parameter"
        needs_grad = value.get("requires_grad", is_parameter) is True
        if is_parameter:
            tensor = Parameter(tensor, requires_grad=needs_grad)
        elif needs_grad:
            tensor = tensor.detach().requires_grad_()
        self._made[name] = value, tensor
        return tensor

    def _held(self, path: tuple[object, ...], name: object) -> Tensor:
        if not isinstance(name, str) or name not in self._tensors:
            raise _wrong(path, f"the tensor {shown(name)}, which is not there")
        return self._tensors[name]


def _complex(parts: list[object]) -> complex:
    real, imaginary = parts
    return complex(float.fromhex(str(real)), float.fromhex(str(imaginary)))


def _counter(made: Mapping[object, object]) -> Counter[object]:
    counter = Counter[object]()
    for key, count in made.items():
        if not isinstance(count, int):
            raise TypeError(f"a Counter counts in whole numbers, got {shown(count)}")
        counter[key] = count
    return counter


def _size(numbers: list[object]) -> torch.Size:
    return torch.Size([number for number in numbers if isinstance(number, int)])


def _text(letters: str) -> str:
    return bytes.fromhex(letters).decode("utf-32-le", "surrogatepass")


def _member(kind: type, name: str) -> object:
    found = getattr(torch, name, None)
    if not isinstance(found, kind):
        raise TypeError(f"torch has no {kind.__name__} {name}")
    return found


_OF_TEXT: Final[Mapping[str, Callable[[str], object]]] = {
    "int": partial(int, base=16),
    "float": float,
    "str": _text,
    "bytes": bytes.fromhex,
    "bytearray": bytearray.fromhex,
    "dtype": partial(_member, torch.dtype),
    "layout": partial(_member, torch.layout),
    "device": torch.device,
}
_OF_LIST: Final[Mapping[str, Callable[[list[object]], object]]] = {
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
    "Size": _size,
    "complex": _complex,
}


def _wrong(path: tuple[object, ...], what: str) -> CheckpointError:
    where = " -> ".join(map(str, path)) or "the state"
    return CheckpointError(
        f"checkpoint: {where}: got {what}; the document was changed, load another checkpoint"
    )
