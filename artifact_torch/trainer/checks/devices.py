"""Where the model is: on one device, of one process."""

import sys

import torch
import torch.distributed
from torch import nn

from artifact_torch.errors import ConfigurationError


def check_alone(module: nn.Module) -> None:
    """Several processes are not supported yet: each would write the same checkpoint, and scores
    would be those of its own rows. Raises `ConfigurationError`.
    """
    distributed = torch.distributed
    if distributed.is_available() and distributed.is_initialized():
        size = distributed.get_world_size()
        if size > 1:
            raise ConfigurationError(
                f"Trainer: runs in a world of {size} processes, which is not supported yet: each "
                "would write the same checkpoint files, and scores would be of its own rows "
                "alone; train in one process, or do not initialize torch.distributed"
            )
    tensors = sys.modules.get("torch.distributed.tensor")  # a sharded parameter brought it
    sharded: object = getattr(tensors, "DTensor", None)
    if isinstance(sharded, type):
        for name, parameter in module.named_parameters():
            if isinstance(parameter, sharded):
                raise ConfigurationError(
                    f"Trainer: parameter {name} is sharded (DTensor), which is not supported yet: "
                    "a checkpoint would hold one process's part of it; hand over the model "
                    "before fully_shard"
                )


def require_device(module: nn.Module, device: torch.device) -> None:
    """Raise `ConfigurationError` if a parameter was moved away from `device`."""
    for name, parameter in module.named_parameters():
        if parameter.device != device:
            raise ConfigurationError(
                f"model: is on {parameter.device}, the trainer's device is {device} (parameter "
                f"{name}); do not move the model after building the trainer, pass device= instead"
            )
