"""What every process of a world needs, imported once: they are forked from the process that has it."""

import os

os.environ["OMP_NUM_THREADS"] = "1"  # read when torch is loaded

from torch import _dynamo
from torch.distributed import fsdp
from torch.distributed.checkpoint import hf_storage

from artifact_torch.stepping import optimizer
from artifact_torch.trainer import trainer

LOADED = (_dynamo, fsdp, hf_storage, optimizer, trainer)
