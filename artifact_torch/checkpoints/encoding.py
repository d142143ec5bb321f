"""A state as a JSON document and named tensors, from which `decoding` makes it again."""

import math
from collections import Counter, OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, final

import torch
from torch import Tensor
from torch.nn import Parameter

from artifact_torch.checkpoints.decoding import KEY, decoded, decoded_row
from artifact_torch.checkpoints.plain_tensors import NAMES, as_plain, can_be_plain
from artifact_torch.checkpoints.refusals import refusal, tensor_refusal
from artifact_torch.checkpoints.sharded import is_sharded, shard_of
from artifact_torch.errors import CheckpointError
from artifact_torch.internal.narrowing import is_collection, is_list, is_mapping

if TYPE_CHECKING:
    from torch.distributed.tensor import DTensor

__all__ = ["Encoded", "decoded", "decoded_row", "encoded", "encoded_row"]

_LONG: Final = 64  # numbers of a list, or bytes, that become a tensor: random states have 625
_DEEP: Final = 100
_AS_THEY_ARE: Final = frozenset({bool, int, float, str, type(None)})
_LISTED: Final[Mapping[type, str]] = {
    tuple: "tuple",
    set: "set",
    frozenset: "frozenset",
    torch.Size: "Size",
}
_CONTAINERS: Final = frozenset({dict, OrderedDict, Counter, list, *_LISTED})


@final
@dataclass(frozen=True)
class Encoded:
    """A state that can be written."""

    document: object
    """Made of dicts, lists, texts, finite numbers, True, False and None: no NaN, no infinity."""
    tensors: Mapping[str, Tensor]
    """By the keys that lead to them: `model/encoder.weight`. Contiguous; those of the state
    itself, not copied, on their devices. Of a tensor that is divided among processes, what is to be
    written by this one, where that is anything.
    """
    offsets: Mapping[str, tuple[int, ...]]
    """Where those parts begin in the whole."""
    shapes: Mapping[str, tuple[int, ...]]
    """Of the wholes of all tensors that are divided."""


def encoded(state: Mapping[str, object]) -> Encoded:
    """`state`, of which `decoded` makes an equal one, types and order of keys included.

    Tensors that are the same memory seen in the same way (tied weights) are stored once and come
    back as one object. Those that share a part of it come back apart, and so do lists and dicts
    that are one. Tensors come back on the CPU. Raises `CheckpointError` naming the keys that lead
    to whatever cannot be kept, and what to save instead. 10 microseconds a tensor.
    """
    encoder = _Encoder()
    document = encoder.value((), dict(state))
    encoder.refuse()
    return Encoded(document, encoder.tensors, encoder.offsets, encoder.shapes)


def encoded_row(row: object) -> object:
    """A row of a log: as `encoded`, without tensors."""
    encoder = _Encoder(with_tensors=False)
    document = encoder.value((), row)
    encoder.refuse()
    return document


@final
class _Encoder:
    def __init__(self, *, with_tensors: bool = True) -> None:
        self.tensors = dict[str, Tensor]()
        self.offsets = dict[str, tuple[int, ...]]()
        self.shapes = dict[str, tuple[int, ...]]()
        self._with_tensors = with_tensors
        self._problems = list[str]()
        self._around = set[int]()
        self._seen = dict[object, dict[str, object]]()
        self._alive = list[object]()  # what is compared by its address must not be freed

    def refuse(self) -> None:
        if self._problems:
            raise CheckpointError(
                "checkpoint: could not be loaded back, so it is not written:\n"
                + "".join(f"  - {problem}\n" for problem in self._problems)
                + "Expected tensors, numbers, texts, None, and dicts, lists, tuples and sets of "
                "them; change what state_dict returns. What was recorded so far is kept."
            )

    def value(self, path: tuple[object, ...], value: object) -> object:
        kind = type(value)
        if kind is Tensor or kind is Parameter:
            return self._tensor(path, value)
        if kind in {torch.dtype, torch.layout, torch.device}:
            return {KEY: kind.__name__, "is": str(value).removeprefix("torch.")}
        if kind in _CONTAINERS:
            return self._around_it(path, value)
        return self._sharded(path, value) if is_sharded(value) else self._leaf(path, value)

    def _around_it(self, path: tuple[object, ...], value: object) -> object:
        if id(value) in self._around:
            return self._problem(path, "holds itself, save it without")
        if len(path) > _DEEP:
            return self._problem(path[:3], f"is more than {_DEEP} deep, save it flat")
        self._around.add(id(value))
        try:
            return self._container(path, value)
        finally:
            self._around.remove(id(value))

    def _leaf(self, path: tuple[object, ...], value: object) -> object:
        kind, held = type(value), value
        if kind is int and isinstance(value, int) and not -(2**63) <= value < 2**64:
            held = {KEY: "int", "is": hex(value)}
        elif kind is float and isinstance(value, float) and not math.isfinite(value):
            held = {KEY: "float", "is": repr(value)}
        elif kind is complex and isinstance(value, complex):
            held = {KEY: "complex", "is": [value.real.hex(), value.imag.hex()]}
        elif kind is str and isinstance(value, str) and not _is_unicode(value):
            held = {KEY: "str", "is": _hex(value)}
        elif kind in {bytes, bytearray} and isinstance(value, bytes | bytearray):
            held = self._bytes(path, value)
        elif kind not in _AS_THEY_ARE:
            self._problem(path, refusal(value))
        return held

    def _bytes(self, path: tuple[object, ...], value: bytes | bytearray) -> object:
        name = type(value).__name__
        if len(value) < _LONG or not self._with_tensors:
            return {KEY: name, "is": value.hex()}
        held = torch.frombuffer(bytearray(value), dtype=torch.uint8)
        return {KEY: name, "tensor": self._add(path, held)}

    def _container(self, path: tuple[object, ...], value: object) -> object:
        if is_mapping(value):
            return self._mapping(path, value)
        if is_list(value):
            return self._numbers(path, value, "list") or self._items(path, value)
        if not is_collection(value):
            return None
        name = _LISTED[type(value)]
        long = self._numbers(path, value, name) if name == "tuple" else None
        return long or {KEY: name, "is": self._items(path, value)}

    def _mapping(self, path: tuple[object, ...], value: Mapping[object, object]) -> object:
        kind, attributes = type(value).__name__, getattr(value, "__dict__", {})
        if kind == "dict" and KEY not in value and all(map(_is_key, value)):
            return {str(key): self.value((*path, key), item) for key, item in value.items()}
        document: dict[str, object] = {KEY: kind}
        document["is"] = [
            [
                key if _is_key(key) else self.value((*path, f"key {key!r}"), key),
                self.value((*path, key), item),
            ]
            for key, item in value.items()
        ]
        if extra := sorted(
            {*attributes} - {"_metadata", "__orig_class__"}
        ):  # OrderedDict[str, int]()
            self._problem(path, f"has the attribute {extra[0]}, save it beside")
        elif "_metadata" in attributes:  # of torch's state dicts: the versions of the modules
            document["metadata"] = self.value((*path, "_metadata"), attributes["_metadata"])
        return document

    def _items(self, path: tuple[object, ...], values: Collection[object]) -> list[object]:
        return [self.value((*path, n), item) for n, item in enumerate(values)]

    def _numbers(
        self, path: tuple[object, ...], values: Collection[object], kind: str
    ) -> object | None:
        """Many whole numbers, or many floats, as one tensor."""
        if len(values) < _LONG or not self._with_tensors:
            return None
        kinds = {*map(type, values)}
        if kinds not in ({int}, {float}):
            return None
        try:
            held = torch.tensor([*values], dtype=torch.int64 if kinds == {int} else torch.float64)
        except (RuntimeError, OverflowError, ValueError):  # beyond 64 bits
            return None
        return {KEY: kind, "tensor": self._add(path, held)}

    def _tensor(self, path: tuple[object, ...], tensor: object) -> object:
        if not isinstance(tensor, Tensor):
            return None
        if problem := tensor_refusal(tensor):
            return self._problem(path, problem)
        if not self._with_tensors or not can_be_plain(tensor.dtype):
            return self._problem(path, f"got a tensor of {tensor.dtype}, save numbers or floats")
        kind = type(tensor).__name__
        here = (
            *(tensor.data_ptr(), tensor.dtype, tensor.device, tensor.shape, tensor.stride()),
            *(tensor.is_conj(), tensor.is_neg(), kind, tensor.requires_grad),
            id(tensor) if tensor.numel() == 0 else 0,  # empty ones have no address
        )
        if here in self._seen:
            return {**self._seen[here]}
        plain, form = as_plain(tensor)
        form |= {KEY: kind, "tensor": self._add(path, plain)}
        if tensor.requires_grad != (kind == "Parameter"):
            form["requires_grad"] = tensor.requires_grad
        self._seen[here] = form
        self._alive.append(tensor)
        return {**form}

    def _sharded(self, path: tuple[object, ...], tensor: "DTensor") -> object:
        """By name alone: the shapes are beside, and each process writes its part."""
        shard = shard_of(tensor)
        if shard is not None and shard.is_whole:
            return self._tensor(path, shard.local)
        if shard is None or tensor.dtype not in NAMES or not self._with_tensors:
            how = ", ".join(map(str, tensor.placements))
            told = (
                f"a DTensor of {tensor.dtype} ({how}), save one of floats with one block a process"
            )
            return self._problem(path, f"got {told}")
        here = shard.local.data_ptr() or id(shard.local), tensor.shape, shard.offset
        if here in self._seen:
            return {**self._seen[here]}
        name = self._name(path)
        self.shapes[name] = shard.shape
        if shard.is_first_copy and shard.local.numel():
            self.tensors[name], self.offsets[name] = shard.local.contiguous(), shard.offset
        form: dict[str, object] = {KEY: "Tensor", "tensor": name}
        self._seen[here] = form
        self._alive.append(shard.local)
        return {**form}

    def _add(self, path: tuple[object, ...], tensor: Tensor) -> str:
        name = self._name(path)
        self.tensors[name] = tensor
        return name

    def _name(self, path: tuple[object, ...]) -> str:
        base = "/".join(str(key) for key in path).encode("utf-8", "backslashreplace").decode()
        name, n = base, 1
        while name in self.tensors or name in self.shapes or name == "__metadata__":
            n += 1  # the last of these, the format has taken
            name = f"{base}#{n}"
        return name

    def _problem(self, path: tuple[object, ...], what: str) -> object:
        """Noted; in its place stands nothing."""
        self._problems.append(f"{' -> '.join(map(str, path)) or 'the state'}: {what}")
        return None


def _is_key(key: object) -> bool:
    return type(key) is str and _is_unicode(key)


def _is_unicode(text: str) -> bool:
    """Without halves of surrogate pairs: JSON joins two that stand together."""
    return text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)


def _hex(text: str) -> str:
    return text.encode("utf-32-le", "surrogatepass").hex()
