"""What decides about bits, as it is in the process that trains."""

import os
import sys
from collections.abc import Mapping

import numpy as np
import torch

from artifact_torch.internal.pictures import DPI
from artifact_torch.internal.ranks import ranks
from artifact_torch.internal.search_path import where_modules_are
from artifact_torch.run_folder.configuration import RunFolder
from artifact_torch.validation.jobs import NumpyErrors, Surroundings


def idle_cores() -> int:
    """Cores that this process may use and the training does not, in any process of this machine."""
    try:
        n = len(os.sched_getaffinity(0))
    except AttributeError:  # not Linux
        n = os.cpu_count() or 1
    return n - torch.get_num_threads() * _processes()


def _processes() -> int:
    """Of the run, on this machine, as `torchrun` says."""
    told = "" if ranks().is_alone else os.environ.get("LOCAL_WORLD_SIZE", "")
    return int(told) if told.isdecimal() else 1


def surroundings_here(
    drawn: RunFolder | None, memory_mib: int | None, folder: str = ""
) -> Surroundings:
    """What a worker is told; plots are drawn as `drawn` has them."""
    return Surroundings(
        path=where_modules_are(),
        threads=torch.get_num_threads(),
        dtype=str(torch.get_default_dtype()).removeprefix("torch."),
        precision=torch.get_float32_matmul_precision(),
        is_deterministic=torch.are_deterministic_algorithms_enabled(),
        only_warns=torch.is_deterministic_algorithms_warn_only_enabled(),
        plots=drawn.plots if drawn else "png",
        dpi=drawn.dpi if drawn else DPI,
        style=_style(),
        numpy_errors=_numpy_errors(),
        memory_mib=memory_mib,
        parent=os.getpid(),
        folder=folder,
    )


def _numpy_errors() -> NumpyErrors:
    """A function that is called for them is not sent: they are warned of instead."""
    now = np.geterr()
    return NumpyErrors(
        divide="warn" if now["divide"] in ("call", "log") else now["divide"],
        over="warn" if now["over"] in ("call", "log") else now["over"],
        under="warn" if now["under"] in ("call", "log") else now["under"],
        invalid="warn" if now["invalid"] in ("call", "log") else now["invalid"],
    )


def _style() -> Mapping[str, object]:
    """What the user set of matplotlib, where it is loaded."""
    if "matplotlib" not in sys.modules:
        return {}
    import matplotlib as mpl

    default: Mapping[str, object] = mpl.rcParamsDefault
    own: Mapping[str, object] = mpl.rcParams
    return {
        name: value
        for name, value in own.items()
        if not name.startswith("backend") and value != default.get(name)
    }
