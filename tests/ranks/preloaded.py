"""What every process of a world needs, imported once: they are forked from the process that has it."""

import os

os.environ["OMP_NUM_THREADS"] = "1"  # read when torch is loaded

import torch
import torch._dynamo
import torch.distributed.checkpoint.hf_storage
import torch.distributed.fsdp
import torch.distributed.tensor

import artifact_torch.stepping.optimizer
import artifact_torch.trainer.trainer

LOADED = (
    torch._dynamo,
    torch.distributed.checkpoint.hf_storage,
    torch.distributed.fsdp,
    torch.distributed.tensor,
    artifact_torch.stepping.optimizer,
    artifact_torch.trainer.trainer,
)
