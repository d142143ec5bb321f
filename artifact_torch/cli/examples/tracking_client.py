"""Keeps what it receives in lists. It does nothing with a plot, so it asks for no matplotlib."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


class Lists:
    def __init__(self) -> None:
        self.received: list[tuple[str, object]] = []

    def log_score(self, score: float, name: str) -> None:
        self.received.append((name, score))

    def log_array(self, array: NDArray[np.floating], name: str) -> None:
        self.received.append((name, array))

    def log_plot(self, plot: object, name: str) -> None:
        self.received.append((name, plot))

    def log_score_collection(self, score_collection: Mapping[str, float], name: str) -> None:
        self.received.append((name, score_collection))

    def log_array_collection(
        self, array_collection: Mapping[str, NDArray[np.floating]], name: str
    ) -> None:
        self.received.append((name, array_collection))

    def log_plot_collection(self, plot_collection: Mapping[str, object], name: str) -> None:
        self.received.append((name, plot_collection))

    def log_file(self, path_source: str, name: str) -> None:
        self.received.append((name, Path(path_source).read_bytes()))


class WrongLists:
    def __init__(self) -> None:
        self.received: list[tuple[str, object]] = []

    def log_score(self, name: str, value: float) -> None:
        self.received.append((name, value))

    def log_array(self, array: list[float], name: str) -> None:
        self.received.append((name, array))
