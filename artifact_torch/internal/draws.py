"""A guard for parts of anybody's: whatever they draw, the training draws what it would have drawn.

The public ways to keep the state of Python's and NumPy's generators take 15 to 100 microseconds.
Here the memory of the two is compared instead, about 4 microseconds in all, and only a generator
that was drawn from is put back.
"""

import ctypes
import random
import struct
import sys
from collections.abc import Callable, Iterable
from functools import cache
from operator import methodcaller
from types import FunctionType, MethodType
from typing import Final, TypeAlias, final

import numpy as np
import torch

# since numpy 1.24, and in none of its stubs
_generator: Final[Callable[[], object]] = vars(np.random)["get_bit_generator"]
_use_generator: Final[Callable[[object], None]] = vars(np.random)["set_bit_generator"]

_has_gpu: Final = methodcaller("is_initialized")  # untyped
_N_WORDS: Final = 624
_VERSION: Final = 3
"""Of the state that `random.setstate` takes."""


@final
class KeptDraws:
    """A context that may be entered again and again, but not within itself: torch's random numbers
    (CPU, and `device` or else the current GPU), Python's and NumPy's are as they were after it.

    Inside they are those that come next outside.
    """

    def __init__(self, device: torch.device | None = None) -> None:
        self._device = device
        self._python = _Python()
        self._numpy = _NumPy()
        self._cpu = torch.get_rng_state()
        self._cuda: torch.Tensor | None = None

    def __enter__(self) -> None:
        self._cpu = torch.get_rng_state()
        device = self._device
        has_gpu = bool(_has_gpu(torch.cuda)) if device is None else device.type == "cuda"
        self._cuda = torch.cuda.get_rng_state(device or "cuda") if has_gpu else None
        self._python.keep()
        self._numpy.keep()

    def __exit__(self, *_: object) -> None:
        torch.set_rng_state(self._cpu)
        if self._cuda is not None:
            torch.cuda.set_rng_state(self._cuda, self._device or "cuda")
        self._python.give_back()
        self._numpy.give_back()


def is_ours(part: object) -> bool:
    """A part of this package, or a class or function of it, that holds nothing callable of others:
    it draws no random numbers.
    """
    of = part if isinstance(part, type | FunctionType | MethodType) else type(part)
    if of.__module__.partition(".")[0] != __name__.partition(".")[0]:
        return False
    return all(is_ours(each) for each in _held(part) if callable(each))


def _held(part: object) -> Iterable[object]:
    if isinstance(part, FunctionType):
        return [cell.cell_contents for cell in part.__closure__ or ()]
    is_instance = hasattr(part, "__dict__") and not isinstance(part, type | MethodType)
    return vars(part).values() if is_instance else ()


@final
class _Python:
    """Of the module `random`."""

    def __init__(self) -> None:
        self._read = _reader()
        self._words = b""
        self._gauss: float | None = None

    def keep(self) -> None:
        self._words, self._gauss = self._read(), _kept_gauss()

    def give_back(self) -> None:
        if self._read() != self._words or _kept_gauss() != self._gauss:
            index, *key = struct.unpack(f"{1 + _N_WORDS}I", self._words)
            random.setstate((_VERSION, (*key, index), self._gauss))


def _by_state() -> bytes:
    """Position and words, the public way: several microseconds."""
    _, words, _ = random.getstate()
    return struct.pack(f"{1 + _N_WORDS}I", words[-1], *words[:-1])


def _kept_gauss() -> float | None:
    """`random.gauss` makes two numbers at once and keeps one, as an attribute."""
    kept: float | None = vars(_INSTANCE)["gauss_next"]
    return kept


@cache
def _reader() -> Callable[[], bytes]:
    """Reads them from where CPython has them, after the object's head; never writes there."""
    size = 4 * (1 + _N_WORDS)
    of_c = random.Random.__mro__[1]  # which Python's class extends
    if sys.implementation.name != "cpython" or of_c.__basicsize__ < object.__basicsize__ + size:
        return _by_state
    view = (ctypes.c_char * size).from_address(id(_INSTANCE) + object.__basicsize__)
    is_there = view.raw == _by_state()
    return (lambda: view.raw) if is_there else _by_state


_INSTANCE: Final[random.Random] = vars(random)["_inst"]
"""Whose methods the functions of `random` are."""


@final
class _NumPy:
    """Of NumPy's global functions. Inside, they draw from another bit generator."""

    def __init__(self) -> None:
        self._spare = _spare()
        self._of_spare = _memory(self._spare)
        self._own, self._of_own = self._spare, self._of_spare
        self._words = b""
        self._gauss: float | None = None
        self._others: dict[str, object] | None = None

    def keep(self) -> None:
        own = _generator()
        if not isinstance(own, np.random.MT19937):  # the user's choice
            self._others = dict(np.random.get_state(legacy=False))  # noqa: NPY002
            return
        memory = _memory(own) if own is not self._own else self._of_own
        self._own, self._of_own, self._others = own, memory, None
        words = self._words = memory.raw
        # normal numbers are made in pairs, and one is kept: drawing shows it, if nothing moves
        gauss = float(np.random.standard_normal())  # noqa: NPY002  (the global one is what is kept)
        self._gauss = gauss if memory.raw == words else None
        self._of_spare.raw = words
        _use_generator(self._spare)

    def give_back(self) -> None:
        if self._others is not None:
            np.random.set_state(self._others)  # noqa: NPY002
            return
        self._of_own.raw = self._words
        _use_generator(self._own)  # which forgets a number that is kept
        if self._gauss is not None:
            state = np.random.get_state(legacy=False)  # noqa: NPY002
            np.random.set_state({**state, "has_gauss": 1, "gauss": self._gauss})  # noqa: NPY002


@cache
def _spare() -> np.random.MT19937:
    """One for all guards: making it takes longer than a guard."""
    return np.random.MT19937(0)


_Memory: TypeAlias = "ctypes.Array[ctypes.c_char]"


def _memory(generator: np.random.MT19937) -> _Memory:
    """Words and position, where NumPy says they are (`BitGenerator.ctypes`)."""
    return (ctypes.c_char * (4 * (_N_WORDS + 1))).from_address(generator.ctypes.state_address)
