"""Tracking clients that do what no client should: of our shape, and of artifact-experiment's."""

import os
import random
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import final

import numpy as np
import torch

from artifact_torch.contracts import ResultsClient, TrackingClient
from artifact_torch.contracts.tracking import Ending, Recorded, RunIdentity
from artifact_torch.testing.asked import Behaviour, Client

_SLOW_S = 0.05
_FOR_EVER_S = 1e6


def bad_client(asked: Client) -> ResultsClient | TrackingClient:
    """The client that is asked for."""
    if asked.shape == "results":
        return BadResultsClient(how=asked.how)
    return BadTrackingClient(how=asked.how)


@final
@dataclass(frozen=True, kw_only=True)
class BadResultsClient:
    """A `ResultsClient`; it can be sent to another process."""

    how: Behaviour
    training: int = field(default_factory=os.getpid)

    def begin(self, _run: RunIdentity, /) -> Mapping[str, str]:
        """Misbehaves, as all that follow."""
        _misbehave(self.how, self.training)
        return {}

    def log_settings(self, _settings: Mapping[str, object], /) -> None:
        """Of the run."""
        _misbehave(self.how, self.training)

    def log_results(self, _results: Sequence[Recorded], /) -> None:
        """Of a moment."""
        _misbehave(self.how, self.training)

    def log_file(self, _path: Path, _name: str, /) -> None:
        """A file."""
        _misbehave(self.how, self.training)

    def end(self, _how: Ending, _reason: str, /) -> None:
        """Of the run."""
        _misbehave(self.how, self.training)


@final
@dataclass(frozen=True, kw_only=True)
class BadTrackingClient:
    """A `TrackingClient`."""

    how: Behaviour
    training: int = field(default_factory=os.getpid)

    def log_score(self, score: float, name: str) -> None:
        """Misbehaves, as all that follow."""
        self._log(score, name)

    def log_array(self, array: object, name: str) -> None:
        """An array."""
        self._log(array, name)

    def log_plot(self, plot: object, name: str) -> None:
        """A plot."""
        self._log(plot, name)

    def log_score_collection(self, score_collection: object, name: str) -> None:
        """Scores."""
        self._log(score_collection, name)

    def log_array_collection(self, array_collection: object, name: str) -> None:
        """Arrays."""
        self._log(array_collection, name)

    def log_plot_collection(self, plot_collection: object, name: str) -> None:
        """Plots."""
        self._log(plot_collection, name)

    def log_file(self, path_source: str, name: str) -> None:
        """A file."""
        self._log(path_source, name)

    def _log(self, _value: object, _name: str) -> None:
        _misbehave(self.how, self.training)


def _misbehave(how: Behaviour, training: int) -> None:
    match how:
        case "raises":
            raise ConnectionError("the server of a client that only raises is away")
        case "exits":
            sys.exit(3)
        case "hangs":
            time.sleep(_FOR_EVER_S)
        case "answers late":
            time.sleep(_SLOW_S)
        case "draws":
            torch.rand(1)
            np.random.rand(1)  # noqa: NPY002  (the global generator is meant)
            random.random()  # noqa: S311
        case "dies":
            if os.getpid() == training:  # in a thread: there is nothing that could die alone
                raise ConnectionError("a client that would die has no process of its own")
            os._exit(9)
