"""A look inside the model: activations and gradients, by hooks that are there only while due."""

from artifact_torch.inside.histograms import Density, Histogram
from artifact_torch.inside.summaries import (
    DeadUnits,
    Mean,
    Norm,
    StandardDeviation,
    ZeroShare,
    each,
    mean_of,
)
from artifact_torch.inside.watching import ParameterGradients, WatchActivations, WatchGradients

__all__ = [
    "DeadUnits",
    "Density",
    "Histogram",
    "Mean",
    "Norm",
    "ParameterGradients",
    "StandardDeviation",
    "WatchActivations",
    "WatchGradients",
    "ZeroShare",
    "each",
    "mean_of",
]
