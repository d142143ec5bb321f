"""The random state of the process, in a checkpoint."""

import hashlib
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

import numpy as np
import torch
from torch import Tensor

from artifact_torch.checkpoints.trees import is_whole, items_of, misfit, told
from artifact_torch.internal.arguments import is_array
from artifact_torch.internal.narrowing import is_mapping

_PythonState: TypeAlias = tuple[int, tuple[int, ...], float | None]
_N_WORDS: Final = 624  # of a Mersenne twister


def rng_state(device: torch.device) -> dict[str, object]:
    """The random state of this process as plain numbers and tensors, for a checkpoint."""
    numpy = np.random.get_state(legacy=False)
    numpy["state"]["key"] = numpy["state"]["key"].tolist()
    return {
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state(device) if device.type == "cuda" else None,
        "python": random.getstate(),
        "numpy": numpy,
    }


def set_rng_state(state: Mapping[str, object], device: torch.device) -> None:
    """Put back what `rng_state` gave; a part that is missing is left as it is."""
    cpu, cuda, python, numpy = (state.get(key) for key in ("torch", "cuda", "python", "numpy"))
    if isinstance(cpu, Tensor):
        torch.set_rng_state(cpu)
    if isinstance(cuda, Tensor) and device.type == "cuda":
        torch.cuda.set_rng_state(cuda, device)
    if python is not None:
        random.setstate(_python(python))
    if numpy is not None:
        np.random.set_state(_numpy(numpy))


def derived_rng(state: Mapping[str, object], *numbers: int) -> dict[str, object]:
    """Other random numbers of the same kinds, which depend on `state` and `numbers` alone."""
    cpu, cuda = state.get("torch"), state.get("cuda")
    content = cpu.numpy().tobytes() if isinstance(cpu, Tensor) else b""
    sha = hashlib.sha256(content + repr(numbers).encode())
    seed = int.from_bytes(sha.digest()[:8], "little") >> 1
    numpy = np.random.RandomState(seed % 2**32).get_state(legacy=False)
    numpy["state"]["key"] = numpy["state"]["key"].tolist()
    made: dict[str, object] = {
        "torch": torch.Generator().manual_seed(seed).get_state(),
        "cuda": None,
        "python": random.Random(seed).getstate(),  # noqa: S311  (no secret)
        "numpy": numpy,
    }
    if isinstance(cuda, Tensor) and torch.cuda.is_available():
        made["cuda"] = torch.Generator("cuda").manual_seed(seed).get_state()
    return made


def rng_misfits(saved: Mapping[object, object], own: Mapping[object, object]) -> Iterator[str]:
    """Of `state["rng"]`: each is tried on a generator from which nobody draws. That of a GPU is
    looked at where this run has one.
    """
    cpu, python, numpy = (saved.get(key) for key in ("torch", "python", "numpy"))
    scratch = random.Random()  # noqa: S311  (no secret)
    yield from _tried("rng.torch", cpu, lambda: _set_torch(cpu))
    yield from _tried("rng.python", python, lambda: scratch.setstate(_python(python)))
    yield from _tried("rng.numpy", numpy, lambda: np.random.RandomState().set_state(_numpy(numpy)))
    cuda, mine = saved.get("cuda"), own.get("cuda")
    if isinstance(mine, Tensor) and cuda is not None:
        is_like = isinstance(cuda, Tensor) and cuda.dtype == mine.dtype and cuda.shape == mine.shape
        if not is_like:
            yield misfit("rng.cuda", told(cuda), told(mine))


def _tried(where: str, saved: object, set_state: Callable[[], object]) -> Iterator[str]:
    try:
        set_state()
    except (TypeError, ValueError, RuntimeError, OverflowError, KeyError) as error:
        yield misfit(where, f"{told(saved)} ({error})", "the state of a generator")


def _set_torch(saved: object) -> None:
    if not isinstance(saved, Tensor):
        raise TypeError("no tensor")
    torch.Generator().set_state(saved.detach().clone())  # one that was read may begin anywhere


def _python(saved: object) -> _PythonState:
    """Raises `ValueError` for what is no state of `random`."""
    match items_of(saved):
        case [int(version), words, None | float() as gauss] if items_of(words):
            numbers = [word for word in items_of(words) or [] if isinstance(word, int)]
            if len(numbers) == _N_WORDS + 1:
                return version, tuple(numbers), gauss
        case _:
            pass
    raise ValueError(f"expected a version, {_N_WORDS + 1} numbers, and a float or None")


def _numpy(saved: object) -> dict[str, object]:
    """Raises `ValueError` for what is no state of `numpy.random`."""
    state = saved.get("state") if is_mapping(saved) else None
    if not is_mapping(saved) or not is_mapping(state):
        raise ValueError("expected a dict with a bit generator and its state")
    key, pos, gauss = state.get("key"), state.get("pos"), saved.get("gauss")
    words: Sequence[object] = items_of(key) or []
    if isinstance(key, Tensor) or is_array(key):  # a checkpointer of the user's own may make one
        words = [*map(int, key.reshape(-1))]
    numbers = [word for word in words if isinstance(word, int) and is_whole(word)]
    if len(numbers) != _N_WORDS or not is_whole(pos) or is_whole(pos, least=_N_WORDS + 1):
        raise ValueError(f"expected {_N_WORDS} numbers, and a place in them")
    if not is_whole(saved.get("has_gauss")) or not isinstance(gauss, float):
        raise ValueError("expected has_gauss to be 0 or 1, and gauss a float")
    made = {str(name): value for name, value in saved.items()}
    made["state"] = {"key": np.asarray(numbers, dtype=np.uint32), "pos": pos}
    return made
