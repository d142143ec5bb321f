"""How much memory the run takes."""

import platform
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, final

import torch

from artifact_torch.contracts import AnyStep, Every, Moment, ResultKind, ResultName
from artifact_torch.errors import ConfigurationError
from artifact_torch.internal.arguments import refuse
from artifact_torch.internal.cadence import cadence_problems

_NAME = "peak_memory_mib"
_STATUS = Path("/proc/self/status")


@final
class PeakMemory:
    """The most memory that was in use, in MiB, as the score `peak_memory_mib`.

    On an accelerator: what torch had allocated there at its peak since this was last asked; torch's
    own peak begins anew each time, for other readers too. On the CPU: the most that the process
    ever had in main memory, imports included, so it never falls.
    """

    def __init__(self, *, every: Every = 1) -> None:
        refuse(cadence_problems("PeakMemory: every", every))
        self.every: Final = every
        self.result_names: Final[Sequence[ResultName]] = ((ResultKind.SCORE, _NAME),)

    def on_moment(self, step: AnyStep, moment: Moment, /) -> Mapping[str, float]:
        """Raises `ConfigurationError` where neither torch nor the system tells it."""
        if step.device.type == "cpu":
            return {_NAME: _resident() / 2**20}
        try:
            peak = torch.accelerator.max_memory_allocated(step.device)
            if not moment.is_rehearsal:
                torch.accelerator.reset_peak_memory_stats(step.device)
        except (NotImplementedError, RuntimeError, ValueError) as error:
            raise _unknown(f"torch does not tell it of {step.device} ({error})") from error
        if not peak:  # the model is there: what is not counted reads as 0
            raise _unknown(f"torch does not count it on {step.device}")
        return {_NAME: peak / 2**20}


def _resident() -> int:
    """The process's peak resident set, in bytes."""
    try:
        status = _STATUS.read_text(encoding="utf-8")  # Linux, in KiB
    except OSError:
        return _of_usage()
    peak = re.search(r"^VmHWM:\s*(\d+) kB", status, re.MULTILINE)
    return _of_usage() if peak is None else int(peak[1]) * 1024


def _of_usage() -> int:
    """From getrusage, which on Linux begins with the peak of the process that started this one."""
    try:
        import resource
    except ImportError as error:  # Windows
        raise _unknown(f"{platform.system()} does not tell it of a process") from error
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if platform.system() == "Darwin" else peak * 1024


def _unknown(why: str) -> ConfigurationError:
    return ConfigurationError(
        f"PeakMemory: the peak of memory is not known here, because {why}; leave PeakMemory out"
    )
