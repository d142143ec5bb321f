"""What every process of a world needs, imported once: they are forked from the process that has it."""

import os

os.environ["OMP_NUM_THREADS"] = "1"  # read when torch is loaded

import torch
import torch.distributed

import artifact_torch.stepping.optimizer

LOADED = (torch, torch.distributed, artifact_torch.stepping.optimizer)
