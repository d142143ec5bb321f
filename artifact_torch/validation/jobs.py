"""What goes to a worker process, and what comes back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from logging import LogRecord
from pathlib import Path
from typing import Final, Literal, TypeAlias, TypedDict

from artifact_torch.contracts import Failure, Moment, Result, ResultName

_ErrKind: TypeAlias = Literal["ignore", "warn", "raise", "call", "print", "log"]

TOO_MUCH_MEMORY: Final = 77
"""The exit status of a worker that took more than it may."""


READY: Final = "ready"
"""What a worker says when it can be sent jobs."""


class NumpyErrors(TypedDict):
    """What `np.seterr` takes."""

    divide: _ErrKind
    over: _ErrKind
    under: _ErrKind
    invalid: _ErrKind


@dataclass(frozen=True, kw_only=True)
class Target:
    """What a routine is computed of, as it was at a moment."""

    does: str
    """`validate` of a model, or `run` with a function that evaluates a batch."""
    of: object
    routine: object = None
    """Itself, where it holds the model, or a part of it: both go together then."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """Results of one routine at one moment."""

    routine: Path
    """The routine as it was sent, once for the run."""
    targets: Path
    """By position: a mapping to `Target`."""
    position: int
    """Of the routine among all, in `targets` and in the seed."""
    names: Sequence[ResultName]
    moment: Moment
    seed: int


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a job came to."""

    results: Sequence[Result | Failure] = ()
    error: Exception | None = None
    """What the routine raised."""
    lost: str = ""
    """Why there is none: its process ended twice."""
    unable: str = ""
    """Why no process could be started for it."""
    logged: Sequence[LogRecord] = ()


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What has to be in a worker as it is here, so that it computes the same bits."""

    path: Sequence[str]
    threads: int
    dtype: str
    precision: str
    is_deterministic: bool
    only_warns: bool
    plots: str
    dpi: int
    style: Mapping[str, object]
    """What the user set of matplotlib."""
    numpy_errors: NumpyErrors
    """What numpy does about a division by zero and the like."""
    memory_mib: int | None
    parent: int
    folder: str
    """With all that is sent; it goes with the process that trains."""
