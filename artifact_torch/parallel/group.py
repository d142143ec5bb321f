"""The group of the processes of one run, as `torchrun` describes it to each, and their devices."""

import atexit
import logging
import os
from datetime import timedelta

import torch

from artifact_torch.data import resolve_device
from artifact_torch.errors import ConfigurationError, RankError
from artifact_torch.internal.ranks import ranks

_log = logging.getLogger("artifact_torch")


def world_size() -> int:
    """Of the process group, or of the one that the environment asks for; 1 where neither is."""
    here = ranks()
    if not here.is_alone:
        return here.size
    return 1 if _missing() else _asked_size()


def require_whole_environment() -> None:
    """Raise `ConfigurationError` where the environment asks for several processes and does not say
    how they find each other: each would train alone.
    """
    missing = _missing()
    if _asked_size() > 1 and missing:
        raise ConfigurationError(
            f"parallel: WORLD_SIZE={os.environ['WORLD_SIZE']} asks for several processes, and "
            f"the environment has no {', '.join(missing)} for them to meet: each would train a model "
            "of its own; start the program with torchrun, which sets all, or take WORLD_SIZE away"
        )


def require_alone(step: str, why: str) -> None:
    """Raise `ConfigurationError` for a step that is of one process, where there are several."""
    if (size := world_size()) > 1:
        raise ConfigurationError(
            f"{step}: trains in one process, and this is one of {size}, each of which would train a "
            f"model of its own: {why}; start the program without torchrun, or train with "
            'OptimizerStep(model, ..., parallel="ddp")'
        )


def device_here(device: torch.device | str) -> torch.device:
    """The one of this process: an accelerator that is named without its number is that of the local
    rank, which becomes the current one. Raises `ConfigurationError` where there are fewer.
    """
    accelerator = torch.accelerator.current_accelerator(check_available=True)
    is_open = device == "auto" or (
        accelerator is not None and torch.device(device) == torch.device(accelerator.type)
    )
    if accelerator is not None and is_open:
        local, n_devices = _local_rank(), torch.accelerator.device_count()
        if local >= n_devices:
            raise ConfigurationError(
                f"device: this is process {local} of its machine, which has {n_devices} "
                f'accelerators; start fewer, torchrun --nproc-per-node={n_devices}, or device="cpu"'
            )
        torch.accelerator.set_device_index(local)
    return resolve_device(device)


def _missing() -> list[str]:
    names = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
    return [name for name in names if not os.environ.get(name)]


def _asked_size() -> int:
    size = os.environ.get("WORLD_SIZE", "")
    return int(size) if size.isdecimal() else 1


def join(device: torch.device, timeout_s: float) -> None:
    """Initialise the process group that the environment asks for, where there is none: nccl between
    CUDA devices, gloo else. It ends with the process.

    Raises `RankError` where they do not meet: their port is another program's, or one did not come.
    """
    import torch.distributed as dist

    if dist.is_initialized():
        return
    if not dist.is_available():
        raise ConfigurationError(
            "parallel: this build of torch has no torch.distributed; install one that has"
        )
    _tell_of_restarts()
    is_cuda = device.type == "cuda"
    try:
        dist.init_process_group(
            "nccl" if is_cuda else "gloo",
            timeout=timedelta(seconds=timeout_s),
            device_id=device if is_cuda else None,
        )
    except dist.DistError as error:
        at = f"{os.environ.get('MASTER_ADDR')}:{os.environ.get('MASTER_PORT')}"
        raise RankError(
            f"the processes of the run did not meet at {at} ({error}); where the port is another "
            "program's, give another, torchrun --master-port=..., or let torchrun find one, "
            "--standalone; else see that all of them were started"
        ) from error
    atexit.register(_leave)


def _tell_of_restarts() -> None:
    """Where torchrun keeps one store for all attempts, the second meets the addresses of the first
    (pytorch#135712, pytorch#167288, torch 2.13).
    """
    of = os.environ
    is_again = of.get("TORCHELASTIC_MAX_RESTARTS", "0") != "0" and of.get("RANK") == "0"
    if is_again and of.get("TORCHELASTIC_USE_AGENT_STORE") == "True":
        _log.warning(
            "torchrun --max-restarts=%s: processes that are started again will not find each other; "
            "start torchrun with TORCH_DISABLE_SHARE_RDZV_TCP_STORE=1 in its environment",
            of["TORCHELASTIC_MAX_RESTARTS"],
        )


def _leave() -> None:
    import torch.distributed as dist

    if dist.is_initialized():
        dist.destroy_process_group()


def _local_rank() -> int:
    local = os.environ.get("LOCAL_RANK", "")
    return int(local) if local.isdecimal() else 0
