"""A job, computed: by the weights that were sent with it, with the random numbers of its moment."""

from collections.abc import Sequence
from typing import Any, Final

import torch

from artifact_torch.contracts import Failure, Result
from artifact_torch.internal.randomness import isolated_rng
from artifact_torch.routines.binding import BoundRoutine
from artifact_torch.validation.jobs import Job, Target

_CPU: Final = torch.device("cpu")


def computed(routine: object, target: Target, job: Job) -> Sequence[Result | Failure]:
    """What `routine` comes to of `target`. Raises what it raises."""
    with torch.no_grad(), isolated_rng(_CPU, job.seed):
        return _bound(routine, target).compute(job.names, job.moment)


def _bound(routine: Any, target: Target) -> BoundRoutine:  # Any: it was checked where it was bound
    """As in the process that trains."""
    of: Any = target.of  # Any: as above
    if target.does == "run":
        return BoundRoutine(routine, lambda n, moment: routine.run(of, _CPU, n, moment), does="run")
    return BoundRoutine(routine, lambda n, moment: routine.validate(of, n, moment), does="validate")
