"""What a test asks of one life of a run, and what came of it: sent between two processes."""

import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, final

Shortage: TypeAlias = Literal["no space", "file size", "no descriptors", "read only"]
Behaviour: TypeAlias = Literal["raises", "exits", "hangs", "answers late", "draws", "dies"]
Shape: TypeAlias = Literal["results", "tracking"]


@final
@dataclass(frozen=True, kw_only=True)
class Kill:
    """SIGKILL, or another signal, at the place of this number, counted from 1 in this life.

    With `n_bytes` the process dies within the next write that makes a file longer than that, at
    the latest at the place after.
    """

    at: int
    n_bytes: int | None = None
    by: int = signal.SIGKILL


@final
@dataclass(frozen=True, kw_only=True)
class Short:
    """Nothing can be written in the folder of the run from one batch on, until before another."""

    of: Shortage
    first: int
    until: int | None = None


@final
@dataclass(frozen=True, kw_only=True)
class Client:
    """One more client that does not what it should; the contract whose methods it has."""

    how: Behaviour
    shape: Shape


Seeds: TypeAlias = tuple[object, object]
"""The state of Python's and NumPy's generators, as their libraries give it."""

Fault: TypeAlias = Kill | Short | Client | None


@final
@dataclass(frozen=True, kw_only=True)
class Life:
    """One process that builds the trainer and trains until something ends it."""

    function: bytes
    """The function that makes the trainer, pickled: by name, with the values bound to it."""
    folder: Path
    """The run's own, which earlier lives may have filled."""
    notes: Path
    """A folder for what the process says and answers."""
    fault: Fault = None
    outcome: Path
    """Of the uninterrupted run: written if it is not there, else compared with."""
    ignore: Sequence[str] = ()
    timeout_s: float
    seeds: Seeds | None = None
    """With which the generators begin; None for what the module left that was imported."""


@final
@dataclass(frozen=True, kw_only=True)
class Difference:
    """The first thing that is not what it is in the uninterrupted run."""

    where: str
    """`model.layers.0.weight`, `result.stop_reason`."""
    text: str
    """Both values, and by how much they differ."""


@final
@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a life that was not killed says at its end."""

    places: Sequence[str]
    """All that it passed, in order."""
    difference: Difference | None
    said: Sequence[str]
    """Its warnings and errors."""
    error: str | None = None
    """What `make_trainer` or `train` raised."""
    kind: str = ""
    """The class of that error."""


@final
@dataclass(frozen=True, kw_only=True)
class End:
    """How a life ended."""

    how: Literal["finished", "raised", "killed", "exited", "timed out"]
    answer: Answer | None
    code: int
    """Of the process; negative for a signal."""


@final
@dataclass(frozen=True, kw_only=True)
class Program:
    """The module of the function that makes the trainer, and where it is found."""

    module: str
    file: str
    search: Sequence[str]
    """Where the one who asks looks for modules."""
    seed: int
    """Of NumPy's and Python's generators before the module is imported."""


@final
@dataclass(frozen=True, kw_only=True)
class Ready:
    """The module was imported, or why not."""

    failure: str = ""
    seeds: Seeds | None = None
    """As the module left the generators."""
