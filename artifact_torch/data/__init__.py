"""Datasets, loaders, and the way of a batch to the device."""

from artifact_torch.data.adapted import limited, mapped, repeated
from artifact_torch.data.batches.collation import collated
from artifact_torch.data.batches.device import resolve_device, to_device
from artifact_torch.data.batches.structure import number_of_rows
from artifact_torch.data.dataset import TensorTable
from artifact_torch.data.loader import DataLoader
from artifact_torch.data.prefetch import prefetched
from artifact_torch.data.source import CheckedSource, batches_from, remedy
from artifact_torch.data.torch_loader import TorchLoader, as_source

__all__ = [
    "CheckedSource",
    "DataLoader",
    "TensorTable",
    "TorchLoader",
    "as_source",
    "batches_from",
    "collated",
    "limited",
    "mapped",
    "number_of_rows",
    "prefetched",
    "remedy",
    "repeated",
    "resolve_device",
    "to_device",
]
