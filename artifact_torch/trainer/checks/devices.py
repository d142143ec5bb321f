"""Where the model is: on one device, of one process or of several that train together."""

import torch
from torch import nn

from artifact_torch.contracts import InT, OutT, TrainingStep
from artifact_torch.errors import ConfigurationError
from artifact_torch.parallel.group import world_size
from artifact_torch.parallel.rows import part_of
from artifact_torch.validation.whole_model import is_divided


def check_parallel(step: TrainingStep[InT, OutT]) -> None:
    """Several processes train one model, or each would train its own and write the same files. Raises
    `ConfigurationError` for a step that does not, also where `torchrun` asks for several and nobody
    has joined them.
    """
    size, module = world_size(), step.model
    if size == 1 or part_of(step) or is_divided(module) or _is_replicated(module):
        return
    raise ConfigurationError(
        f"Trainer: runs in a world of {size} processes, each of which would train a model of its "
        'own; write OptimizerStep(..., parallel="ddp"), or "fsdp" where the model is too large for one '
        "device, or hand over a model that is parallel already"
    )


def _is_replicated(module: nn.Module) -> bool:
    """By torch: a module is wrapped in DDP, or `replicate` made it one of a class of its own."""
    names = {cls.__name__ for part in module.modules() for cls in type(part).__mro__}
    return bool(names & {"DistributedDataParallel", "DDP"})


def require_device(module: nn.Module, device: torch.device) -> None:
    """Raise `ConfigurationError` if a parameter was moved away from `device`."""
    for name, parameter in module.named_parameters():
        if parameter.device != device:
            raise ConfigurationError(
                f"model: is on {parameter.device}, the trainer's device is {device} (parameter "
                f"{name}); do not move the model after building the trainer, pass device= instead"
            )
