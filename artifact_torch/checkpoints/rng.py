"""The random state of the process, in a checkpoint."""

import random
from collections.abc import Mapping

import numpy as np
import torch

from artifact_torch.internal.narrowing import is_state_dict, is_tuple


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
    if isinstance(cpu, torch.Tensor):
        torch.set_rng_state(cpu)
    if isinstance(cuda, torch.Tensor) and device.type == "cuda":
        torch.cuda.set_rng_state(cuda, device)
    if is_tuple(python):
        random.setstate(python)
    if is_state_dict(numpy) and is_state_dict(words := numpy["state"]):
        np.random.set_state(
            {**numpy, "state": {**words, "key": np.asarray(words["key"], dtype=np.uint32)}}
        )
